import type { RecordedTask } from '@proxysched/workload';
import { overlap, shareError, lockWaits, shares } from '../agreement.js';
import type { RecordedEvent, RecordedRun, Repeats } from '../recorded-run.js';
import { TaskBuilder } from './infer-task.js';
import { readTrace } from './read-trace.js';
import type { Trace, TracedTask, TraceEvent } from './trace-event.js';

/** What no trace of these events tells, and the caller may know. */
export interface ImportOptions {
  readonly id: string;
  /** Only tasks of these names are the workload; absent: all that are no kernel threads and no tracers. */
  readonly tasks?: readonly string[];
  readonly hz?: number;
  readonly hrtick?: boolean;
  readonly proxy?: boolean;
}

/** A trace as a recording: what ran, what the kernel did with it, and in `notes` what had to be guessed. */
export interface Imported {
  readonly recording: RecordedRun & {
    readonly id: string;
    readonly about: string;
    readonly machine: {
      readonly config: { readonly cpus: number; readonly hz: number; readonly hrtick: boolean; readonly proxy_exec?: boolean };
    };
    readonly cgroups: readonly never[];
    readonly tasks: readonly RecordedTask[];
    readonly lost: number;
    readonly repeats?: Repeats;
  };
  readonly notes: readonly string[];
}

/** Threads of the kernel, and those that trace: no part of a workload. */
const FOREIGN =
  /^(kworker|ksoftirqd|migration|rcu|kthreadd|irq\/|idle_inject|cpuhp|khungtaskd|kcompactd|kswapd|watchdog|kdevtmpfs|jbd2|dl_server)|^(trace-cmd|perf|sleep)$/;

/**
 * Reads traces of one workload (tracefs, trace-cmd, perf script; `docs/mirror-test.md`). The first becomes the recording; from
 * the others `repeats` is computed, which says how far the kernel is from itself.
 *
 * @returns `null` when there is no `sched_switch` in the first.
 */
export function importTraces(texts: readonly string[], options: ImportOptions): Imported | null {
  const [first, ...more] = texts.map(text => new TraceImport(readTrace(text), options));
  if (first === undefined || !first.usable) return null;
  const { recording, notes } = first.result();
  const runs = more.filter(other => other.usable).map(other => other.result().recording);
  if (runs.length === 0) return { recording, notes };
  return { recording: { ...recording, repeats: repeatsOf([recording, ...runs]) }, notes };
}

class TraceImport {
  private readonly builders = new Map<number, TaskBuilder>();
  private readonly names = new Map<number, string>();
  private readonly taken = new Map<string, number>();
  private readonly locks = new Map<string, number>();
  private readonly onCpu = new Map<number, number>();
  private readonly events: RecordedEvent[] = [];
  private readonly origin: number;
  private readonly end: number;

  constructor(
    private readonly trace: Trace,
    private readonly options: ImportOptions,
  ) {
    this.origin = trace.events[0]?.t ?? 0;
    this.end = this.us(trace.events.at(-1)?.t ?? 0);
  }

  get usable(): boolean {
    return this.trace.events.some(e => e.kind === 'switch');
  }

  result(): Imported {
    for (const event of this.trace.events) this.take(event);
    const { cpus, lost } = this.trace;
    const notes = this.traceNotes();
    const tasks: RecordedTask[] = [];
    for (const builder of this.builders.values()) {
      const built = builder.build(this.end, cpus);
      if (built.task.ops.length === 0) continue;
      tasks.push(built.task);
      notes.push(...built.notes);
    }
    const { id, hz = 1000, hrtick = false, proxy } = this.options;
    const config = { cpus, hz, hrtick, ...(proxy === undefined ? {} : { proxy_exec: proxy }) };
    const about = `imported from a trace of ${cpus} CPUs`;
    return { recording: { id, about, machine: { config }, duration_us: this.end, cgroups: [], tasks, lost, events: this.events }, notes };
  }

  private take(e: TraceEvent): void {
    const t = this.us(e.t);
    switch (e.kind) {
      case 'switch': {
        this.builder(e.prev)?.prio(e.prevPrio);
        this.builder(e.next)?.prio(e.nextPrio);
        this.builder(e.prev)?.out(t, e.cpu, e.state);
        this.builder(e.next)?.in(t, e.cpu);
        this.onCpu.set(e.cpu, e.next.pid);
        this.events.push(['switch', t, e.cpu, this.name(e.prev), e.state, this.name(e.next)]);
        return;
      }
      case 'waking':
      case 'wakeup':
        this.builder(e.task)?.wake(t, (this.onCpu.get(e.cpu) ?? 0) !== 0);
        this.events.push([e.kind, t, e.cpu, this.name(e.task), e.target]);
        return;
      case 'migrate':
        this.events.push(['migrate', t, e.cpu, this.name(e.task), e.from, e.to]);
        return;
      case 'mark': {
        const builder = this.builder(e.task);
        if (builder === undefined) return;
        const lock = this.locks.get(e.lock) ?? this.locks.size;
        this.locks.set(e.lock, lock);
        const before = builder.seen.length;
        builder.mark(t, e.cpu, e.what, lock);
        for (const { index, op, phase } of builder.seen.slice(before))
          this.events.push(['op', t, e.cpu, builder.name, index, op, phase, 0]);
      }
    }
  }

  private us(ns: number): number {
    return Math.floor((ns - this.origin) / 1000);
  }

  private builder(task: TracedTask): TaskBuilder | undefined {
    const name = this.name(task);
    if (name === '-' || name.startsWith('~')) return undefined;
    let builder = this.builders.get(task.pid);
    if (builder === undefined) this.builders.set(task.pid, (builder = new TaskBuilder(name)));
    return builder;
  }

  /** `-` for idle, `~name` for who is no part of the workload; the second of a name is `name-2`. */
  private name({ pid, comm }: TracedTask): string {
    if (pid === 0) return '-';
    const known = this.names.get(pid);
    if (known !== undefined) return known;
    const { tasks } = this.options;
    const foreign = tasks === undefined ? FOREIGN.test(comm) : !tasks.includes(comm);
    const nth = (this.taken.get(comm) ?? 0) + 1;
    this.taken.set(comm, nth);
    const suffix = nth === 1 ? '' : `-${nth}`;
    const name = foreign ? `~${comm}` : comm.slice(0, 15 - suffix.length) + suffix;
    this.names.set(pid, name);
    return name;
  }

  private traceNotes(): string[] {
    const { lost, unread, firstUnread } = this.trace;
    const builders = [...this.builders.values()];
    const sum = (of: (b: TaskBuilder) => number): number => builders.reduce((total, b) => total + of(b), 0);
    const notes = [
      `${sum(b => b.sleeps)} sleeps are repeated with the length they had; ${sum(b => b.wokenByOthers)} ended while some task ran on the CPU of the wake-up and may have been waits for it`,
      'slices, SCHED_RR, SCHED_BATCH, groups, the base slice and the tick phase are not in a trace; defaults are taken',
    ];
    if (this.locks.size === 0) notes.push('no lock marks: waits for locks look like sleeps, and no inversion can be repeated');
    if (lost > 0) notes.push(`events were lost in ${lost} places: what ran there is wrong`);
    if (firstUnread !== null) notes.push(`${unread} lines not understood, the first is line ${firstUnread.line}: ${firstUnread.text}`);
    return notes;
  }
}

/** What the recordings' `repeats` says, of any number of runs. */
function repeatsOf(runs: readonly Imported['recording'][]): Repeats {
  const pairs = runs.flatMap((a, i) => runs.slice(i + 1).map(b => ({ overlap: overlap(a, b), shareError: shareError(a, b) })));
  const overlaps = pairs.map(p => p.overlap).sort((a, b) => a - b);
  const waits = runs.map(run => lockWaits(run));
  const ran = runs.map(run => shares(run));
  const tasks = Object.fromEntries(
    runs[0]!.tasks.map(({ name, ops }) => [
      name,
      {
        share: ran.map(s => s.get(name) ?? 0),
        ...(ops.some(([op]) => op === 'lock') ? { lock_waits: waits.map(w => w.get(name) ?? null) } : {}),
      },
    ]),
  );
  return {
    overlap_low: overlaps[0]!,
    overlap_mid: overlaps[Math.floor(overlaps.length / 2)]!,
    share_error_high: Math.max(...pairs.map(p => p.shareError)),
    tasks,
  };
}
