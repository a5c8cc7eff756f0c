import type { Nanos } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import { EVENT, RELEASES, MOVE_REASONS } from './events.js';
import { isInverted } from './inversion.js';
import type { Metrics, TaskMetrics } from './metrics.js';
import { OFF, READY, RUNNING, type Replay } from './replay.js';
import { walkSpans, type CpuSpan, type Face, type SpanVisitor, type TaskSpan } from './timeline.js';
import { urgencyLevels } from './urgency.js';
import { commOf, mutexName, taskList, type EventCursor, type TaskInfo } from './row-sink.js';

/** A bar of a task row, in px from the start of the plot. */
export interface Bar {
  readonly x0: number;
  readonly x1: number;
  readonly face: Face;
  /** Running: the donor. Donating: the runner. */
  readonly other: number;
  /** Mutex id it waits for, −1 none. */
  readonly lock: number;
  readonly held: readonly number[];
}

/** A bar of a CPU row. */
export interface CpuBar {
  readonly x0: number;
  readonly x1: number;
  readonly pid: number;
}

/** Many short bars: `fill` (0 … 1) of the stretch is busy, mostly with `pid`. */
export interface Density {
  readonly x0: number;
  readonly x1: number;
  readonly fill: number;
  readonly pid: number;
}

/** A stretch of time with two tasks: donor and runner, or waiter and the one that runs. */
export interface Stretch {
  readonly from: Nanos;
  to: Nanos;
  readonly first: number;
  readonly second: number;
}

export interface TaskMarks {
  readonly releases: Nanos[];
  readonly deadlines: Nanos[];
  /** Absolute deadline by release, of the jobs that have one. */
  readonly deadlineOf: Map<Nanos, Nanos>;
  readonly completions: { readonly at: Nanos; readonly late: boolean }[];
  /** Execution of its one job; 0 when it has several. */
  work: Nanos;
  /** Relative deadline and distance of releases, 0 when they vary or are not known. */
  deadline: Nanos;
  period: Nanos;
}

export interface Passing {
  readonly at: Nanos;
  readonly from: number;
  readonly to: number;
  readonly mutex: number;
  readonly toDonor: boolean;
}

export interface Move {
  readonly at: Nanos;
  readonly pid: number;
  readonly from: number;
  readonly to: number;
  readonly why: (typeof MOVE_REASONS)[number];
}

/** Where the response time of one job went. */
export interface Split {
  readonly task: TaskMetrics;
  readonly release: Nanos;
  readonly done: Nanos;
  /** `pid` gives the colour, 0 for none. */
  readonly parts: readonly { readonly label: string; readonly pid: number; readonly time: Nanos }[];
  readonly chain: {
    readonly from: Nanos;
    readonly to: Nanos;
    readonly pids: readonly number[];
    readonly mutexes: readonly string[];
    readonly donating: boolean;
    readonly endRuns: boolean;
  } | null;
}

/** What one panel shows, ready to be drawn. */
export interface PanelModel {
  readonly columns: Columns;
  readonly metrics: Metrics;
  readonly rows: ReadonlyMap<number, { readonly bars: readonly Bar[]; readonly density: readonly Density[] }>;
  readonly cpus: readonly {
    readonly donor: readonly CpuBar[];
    readonly curr: readonly CpuBar[];
    readonly donorDensity: readonly Density[];
    readonly currDensity: readonly Density[];
    readonly frames: readonly { readonly x0: number; readonly x1: number }[];
  }[];
  readonly marks: ReadonlyMap<number, TaskMarks>;
  readonly donations: readonly Stretch[];
  readonly inversions: readonly Stretch[];
  readonly passings: readonly Passing[];
  readonly moves: readonly Move[];
  readonly split: Split | null;
}

/** Shown from `from` to `until` ns, at `scale` px per ns. */
export interface Window {
  readonly from: Nanos;
  readonly until: Nanos;
  readonly scale: number;
  /** Rows of tasks wanted, not just CPU pairs. */
  readonly taskRows: boolean;
}

/** Bars narrower than this many px merge. */
const NARROW = 2;

export function buildPanel(columns: Columns, metrics: Metrics, window: Window, focus: TaskMetrics | null): PanelModel {
  const view = new PanelBuilder(columns, metrics, window, focus);
  walkSpans(columns, view);
  return view.finish();
}

/** The task whose response the picture explains: the most urgent that waited for a lock, else the most urgent with a job. */
export function chooseFocus(metrics: Metrics): TaskMetrics | null {
  const levels = urgencyLevels(sparse(metrics));
  const order = [...metrics.tasks]
    .filter(t => t.jobs > 0)
    .sort((a, b) => levels[a.task.pid]! - levels[b.task.pid]! || a.task.pid - b.task.pid);
  return order.find(t => t.lockWait.count > 0) ?? order[0] ?? null;
}

function sparse(metrics: Metrics): (TaskInfo | undefined)[] {
  const tasks: (TaskInfo | undefined)[] = [];
  for (const t of metrics.tasks) tasks[t.task.pid] = t.task;
  return tasks;
}

/** The job that took longest among those that ended within the window. */
function worstJob(columns: Columns, pid: number, window: Window): { release: Nanos; done: Nanos } | null {
  let worst: { release: Nanos; done: Nanos } | null = null;
  columns.forEach(e => {
    if (e.kind !== EVENT.jobDone || e.a !== pid || e.time < window.from || e.time > window.until) return;
    if (worst === null || e.time - e.x > worst.done - worst.release) worst = { release: e.x, done: e.time };
  });
  return worst;
}

class PanelBuilder implements SpanVisitor {
  private readonly rows = new Map<number, RowPacker>();
  private readonly bars = new Map<number, Bar[]>();
  private readonly cpus: { donor: CpuPacker; curr: CpuPacker; frames: { x0: number; x1: number }[] }[];
  private readonly marks = new Map<number, TaskMarks>();
  private readonly donations: Stretch[] = [];
  private readonly inversions: Stretch[] = [];
  private readonly passings: Passing[] = [];
  private readonly moves: Move[] = [];
  private readonly urgency: Int32Array;
  private readonly parts = new Map<string, { label: string; pid: number; time: Nanos }>();
  private readonly job: { release: Nanos; done: Nanos } | null;
  /** The chain now, and the one to be shown. */
  private chain: Split['chain'] = null;
  private best: Split['chain'] = null;
  private readonly width: number;

  constructor(
    private readonly columns: Columns,
    private readonly metrics: Metrics,
    private readonly window: Window,
    private readonly focus: TaskMetrics | null,
  ) {
    this.width = (window.until - window.from) * window.scale;
    this.urgency = urgencyLevels(columns.tasks);
    this.cpus = Array.from({ length: columns.nrCpus }, () => ({
      donor: new CpuPacker(this.width),
      curr: new CpuPacker(this.width),
      frames: [],
    }));
    for (const p of taskList(columns)) {
      this.marks.set(p.pid, {
        releases: [],
        deadlines: [],
        deadlineOf: new Map(),
        completions: [],
        work: 0,
        deadline: p.deadline,
        period: 0,
      });
    }
    this.job = focus === null ? null : worstJob(columns, focus.task.pid, window);
  }

  cpuSpan(span: Readonly<CpuSpan>): void {
    const { donor, curr, frames } = this.cpus[span.cpu]!;
    const { x0, x1 } = this.place(span);
    if (span.curr !== 0 && span.donor !== span.curr) this.extend(this.donations, span.from, span.to, span.donor, span.curr);
    if (x1 <= x0) return;
    donor.add(x0, x1, span.donor, span.curr);
    curr.add(x0, x1, span.curr, span.donor);
    if (span.donor === span.curr || span.curr === 0) return;
    const last = frames.at(-1);
    if (last !== undefined && x0 - last.x1 < 0.5) last.x1 = x1;
    else frames.push({ x0, x1 });
  }

  taskSpan(span: Readonly<TaskSpan>): void {
    if (!this.window.taskRows || span.face === 'off') return;
    const { x0, x1 } = this.place(span);
    if (x1 <= x0) return;
    if (x1 - x0 >= NARROW) {
      let bars = this.bars.get(span.pid);
      if (bars === undefined) this.bars.set(span.pid, (bars = []));
      const last = bars.at(-1);
      if (
        last !== undefined &&
        last.x1 === x0 &&
        last.face === span.face &&
        last.other === span.other &&
        last.lock === span.lock &&
        last.held === span.held
      ) {
        bars[bars.length - 1] = { ...last, x1 };
      } else {
        bars.push({ x0, x1, face: span.face, other: span.other, lock: span.lock, held: span.held });
      }
    } else if (span.face === 'running') {
      let row = this.rows.get(span.pid);
      if (row === undefined) this.rows.set(span.pid, (row = new RowPacker(this.width)));
      row.add(x0, x1, span.pid);
    }
  }

  event(e: EventCursor): void {
    const marks = this.marks.get(e.a);
    switch (e.kind) {
      case EVENT.jobRelease: {
        const m = marks!;
        const last = m.releases.at(-1);
        if (last !== undefined) m.period = m.releases.length === 1 || m.period === e.x - last ? e.x - last : 0;
        m.releases.push(e.x);
        if (e.y >= 0) {
          m.deadlines.push(e.y);
          m.deadlineOf.set(e.x, e.y);
          m.deadline = e.y - e.x;
        }
        return;
      }
      case EVENT.jobDone: {
        const m = marks!;
        m.completions.push({ at: e.time, late: e.time > (m.deadlineOf.get(e.x) ?? Infinity) });
        return;
      }
      case EVENT.mutexReleased:
        if (e.d !== 0) this.passings.push({ at: e.time, from: e.a, to: e.d, mutex: e.b, toDonor: RELEASES[e.e] === 'donor' });
        return;
      case EVENT.schedMigrate:
        this.moves.push({ at: e.time, pid: e.a, from: e.b, to: e.c, why: MOVE_REASONS[e.d]! });
        return;
    }
  }

  interval(from: Nanos, to: Nanos, replay: Replay): void {
    for (const w of replay.waiters) {
      if (!isInverted(replay, this.urgency, w)) continue;
      const runner = replay.curr[replay.cpu[replay.chainEnd(w)]!]!;
      const last = this.inversions.at(-1);
      // Several waiters may be inverted at once; the most urgent speaks for the stretch.
      if (last !== undefined && last.from <= from && last.to >= to && last.second === runner) continue;
      this.extend(this.inversions, from, to, w, runner);
    }
    if (this.job !== null && this.focus !== null) {
      const start = Math.max(from, this.job.release);
      const stop = Math.min(to, this.job.done);
      if (stop > start) this.explain(start, stop, replay, this.focus.task.pid);
    }
  }

  finish(): PanelModel {
    const rows = new Map<number, { bars: readonly Bar[]; density: readonly Density[] }>();
    for (const p of taskList(this.columns)) {
      rows.set(p.pid, { bars: this.bars.get(p.pid) ?? [], density: this.rows.get(p.pid)?.finish() ?? [] });
    }
    for (const t of this.metrics.tasks) {
      if (t.jobs === 1 && t.executed > 0) this.marks.get(t.task.pid)!.work = t.executed;
    }
    return {
      columns: this.columns,
      metrics: this.metrics,
      rows,
      cpus: this.cpus.map(({ donor, curr, frames }) => ({
        donor: donor.bars(),
        curr: curr.bars(),
        donorDensity: donor.density(),
        currDensity: curr.density(),
        frames,
      })),
      marks: this.marks,
      donations: this.donations,
      inversions: this.inversions,
      passings: this.passings,
      moves: this.moves,
      split:
        this.job === null || this.focus === null
          ? null
          : { task: this.focus, ...this.job, parts: [...this.parts.values()], chain: this.best },
    };
  }

  private place(span: { readonly from: Nanos; readonly to: Nanos }): { x0: number; x1: number } {
    const { from, until, scale } = this.window;
    return { x0: (Math.max(span.from, from) - from) * scale, x1: (Math.min(span.to, until) - from) * scale };
  }

  private extend(list: Stretch[], from: Nanos, to: Nanos, first: number, second: number): void {
    const last = list.at(-1);
    if (last !== undefined && last.to === from && last.first === first && last.second === second) last.to = to;
    else list.push({ from, to, first, second });
  }

  /** One interval of the focused job: whose is it? */
  private explain(from: Nanos, to: Nanos, replay: Replay, p: number): void {
    const name = commOf(this.columns, p);
    const add = (label: string, pid: number): void => {
      const part = this.parts.get(label);
      if (part === undefined) this.parts.set(label, { label, pid, time: to - from });
      else part.time += to - from;
    };
    if (replay.state[p] === RUNNING) return add('own work', p);
    if (replay.state[p] === OFF) return add(from === this.job?.release ? 'waking up' : 'asleep', 0);
    const behind = (): void => {
      const ahead = replay.curr[replay.cpu[p]!]!;
      add(ahead === 0 ? 'other' : `${commOf(this.columns, ahead)}, ahead of ${name}`, ahead);
    };
    const lock = replay.waitsFor[p]!;
    // Named by the hand-off: what is left is a wait for the CPU.
    if (lock < 0 || replay.owner[lock] === p) return behind();
    const chain = replay.chain(p);
    this.remember(from, to, replay, chain);
    const runner = chain.find(q => q !== p && replay.state[q] === RUNNING);
    const held = mutexName(this.columns, lock);
    if (runner !== undefined) {
      const inside = replay.waitsFor[chain.at(-2) ?? p]!;
      const where = mutexName(this.columns, inside < 0 ? lock : inside);
      const forIt = replay.donor[replay.cpu[runner]!] === p ? `, for ${name}` : '';
      return add(`${commOf(this.columns, runner)} inside ${where}${forIt}`, runner);
    }
    const end = chain.at(-1)!;
    const other = replay.curr[replay.cpu[end]!]!;
    if (replay.state[end] !== READY || other === 0) return add(`${commOf(this.columns, end)} asleep in ${held}`, 0);
    add(`${commOf(this.columns, other)}, unrelated to ${held}`, other);
  }

  /** Keeps the deepest chain of the job, of several the one that lasted longest. */
  private remember(from: Nanos, to: Nanos, replay: Replay, pids: readonly number[]): void {
    const end = pids.at(-1)!;
    const donating = replay.donorOn[pids[0]!]! >= 0;
    const endRuns = replay.state[end] === RUNNING;
    const { chain } = this;
    const same =
      chain !== null &&
      chain.to === from &&
      chain.donating === donating &&
      chain.endRuns === endRuns &&
      String(chain.pids) === String(pids);
    const mutexes = same ? chain.mutexes : pids.slice(0, -1).map(q => mutexName(this.columns, replay.waitsFor[q]!));
    this.chain = same ? { ...chain, to } : { from, to, pids, mutexes, donating, endRuns };
    const { best } = this;
    const deeper = pids.length - (best?.pids.length ?? 0);
    if (best === null || deeper > 0 || (deeper === 0 && this.chain.to - this.chain.from > best.to - best.from)) this.best = this.chain;
  }
}

/** Adds up bars too narrow to draw, in bins of `NARROW` px. */
class RowPacker {
  private readonly fill: Float64Array;
  private readonly pid: Int32Array;
  private readonly best: Float64Array;

  constructor(width: number) {
    const bins = Math.max(1, Math.ceil(width / NARROW) + 1);
    this.fill = new Float64Array(bins);
    this.pid = new Int32Array(bins);
    this.best = new Float64Array(bins);
  }

  add(x0: number, x1: number, pid: number): void {
    const bin = Math.floor(x0 / NARROW);
    const edge = (bin + 1) * NARROW;
    if (x1 > edge && bin + 1 < this.fill.length) {
      this.put(bin, edge - x0, pid);
      this.put(bin + 1, x1 - edge, pid);
    } else {
      this.put(bin, x1 - x0, pid);
    }
  }

  /** Stretches of equal colour and (to a sixteenth) equal height. */
  finish(): Density[] {
    const out: Density[] = [];
    for (let i = 0; i < this.fill.length; i++) {
      if (this.fill[i]! <= 0) continue;
      const fill = Math.min(1, Math.max(1, Math.round((this.fill[i]! / NARROW) * 16)) / 16);
      const pid = this.pid[i]!;
      const last = out.at(-1);
      if (last !== undefined && last.x1 === i * NARROW && last.fill === fill && last.pid === pid) {
        out[out.length - 1] = { ...last, x1: (i + 1) * NARROW };
      } else {
        out.push({ x0: i * NARROW, x1: (i + 1) * NARROW, fill, pid });
      }
    }
    return out;
  }

  private put(bin: number, px: number, pid: number): void {
    this.fill[bin]! += px;
    // Majority by balance: right whenever one task has more than half.
    if (this.pid[bin] === pid) this.best[bin]! += px;
    else if (this.best[bin]! < px) {
      this.best[bin] = px - this.best[bin]!;
      this.pid[bin] = pid;
    } else this.best[bin]! -= px;
  }
}

/** Joins neighbours of a CPU row that are equal in both rows of the pair; idle leaves a gap. */
class CpuPacker {
  private readonly wide: CpuBar[] = [];
  private readonly narrow: RowPacker;
  private open: { x0: number; x1: number; pid: number; other: number } | null = null;

  constructor(width: number) {
    this.narrow = new RowPacker(width);
  }

  add(x0: number, x1: number, pid: number, other: number): void {
    if (this.open !== null && this.open.pid === pid && this.open.other === other && this.open.x1 === x0) {
      this.open.x1 = x1;
      return;
    }
    this.close();
    this.open = { x0, x1, pid, other };
  }

  bars(): readonly CpuBar[] {
    this.close();
    return this.wide;
  }

  density(): readonly Density[] {
    this.close();
    return this.narrow.finish();
  }

  private close(): void {
    const { open } = this;
    this.open = null;
    if (open === null || open.pid === 0) return;
    if (open.x1 - open.x0 >= NARROW) this.wide.push(open);
    else this.narrow.add(open.x0, open.x1, open.pid);
  }
}
