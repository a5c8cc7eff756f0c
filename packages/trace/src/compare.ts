import type { Nanos } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import { EVENT } from './events.js';
import { clip, fixed, msExact, wrap } from './format.js';
import { computeMetrics, type Metrics, type TaskMetrics } from './metrics.js';
import { Replay } from './replay.js';
import { TEXT_WIDTH, groupLine, layoutTable, paint, unitFor } from './table.js';
import { urgentFirst } from './urgency.js';
import { commOf, mutexName } from './row-sink.js';

/** What one of two runs has on a CPU at an instant. */
export interface Side {
  /** Names, `idle` for nobody. */
  readonly curr: string;
  readonly donor: string;
  /** Index of the last event on that CPU up to that instant, −1: none yet. */
  readonly event: number;
  /** Mutex the donor waits for while another runs in its name. */
  readonly waitsFor: string | null;
}

export interface Divergence {
  readonly at: Nanos;
  readonly cpu: number;
  readonly a: Side;
  readonly b: Side;
  /** The difference in a sentence. */
  readonly sentence: string;
}

/**
 * The first instant at which some CPU runs somebody else, or in another name, once all that happens at that instant has
 * happened. `null`: the same schedule throughout. Tasks are compared by name.
 */
export function firstDivergence(a: Columns, b: Columns, names: readonly [string, string] = ['A', 'B']): Divergence | null {
  const left = new Player(a);
  const right = new Player(b);
  const cpus = Math.max(a.nrCpus, b.nrCpus);
  for (;;) {
    const at = Math.min(left.next(), right.next());
    if (at === Infinity) return null;
    left.play(at);
    right.play(at);
    for (let cpu = 0; cpu < cpus; cpu++) {
      const x = left.side(cpu);
      const y = right.side(cpu);
      if (x.curr === y.curr && x.donor === y.donor) continue;
      const sentence = `At ${msExact(at)} ms on CPU ${cpu}, ${names[0]} ${sideText(x)}, and ${names[1]} ${sideText(y)}.`;
      return { at, cpu, a: x, b: y, sentence };
    }
  }
}

/** Steps through a recording from switch to switch. */
class Player {
  private readonly replay: Replay;
  private readonly last: Int32Array;
  private index = 0;

  constructor(private readonly columns: Columns) {
    this.replay = new Replay(columns);
    this.last = new Int32Array(Math.max(1, columns.nrCpus)).fill(-1);
  }

  /** Instant of the next switch, or Infinity. Events before it are applied. */
  next(): Nanos {
    while (this.index < this.columns.length) {
      const e = this.columns.at(this.index);
      if (e.kind === EVENT.schedSwitch) return e.time;
      this.replay.apply(e);
      this.index++;
    }
    return Infinity;
  }

  /** Applies everything up to and including `until`. */
  play(until: Nanos): void {
    while (this.index < this.columns.length) {
      const e = this.columns.at(this.index);
      if (e.time > until) return;
      this.replay.apply(e);
      if (e.kind === EVENT.schedSwitch) this.last[e.cpu] = e.index;
      this.index++;
    }
  }

  side(cpu: number): Side {
    if (cpu >= this.columns.nrCpus) return { curr: 'idle', donor: 'idle', event: -1, waitsFor: null };
    const curr = this.replay.curr[cpu]!;
    const donor = this.replay.donor[cpu]!;
    const lock = donor !== curr && donor !== 0 ? this.replay.waitsFor[donor]! : -1;
    return {
      curr: commOf(this.columns, curr),
      donor: commOf(this.columns, donor),
      event: this.last[cpu]!,
      waitsFor: lock < 0 ? null : mutexName(this.columns, lock),
    };
  }
}

function sideText({ curr, donor, waitsFor }: Side): string {
  if (curr === 'idle') return 'is idle';
  if (donor === curr) return `runs ${curr} in its own name`;
  return `runs ${curr} in the name of ${donor}${waitsFor === null ? '' : `, which waits for ${waitsFor}`}`;
}

/** What changed for a task from A to B; `null` where the task is missing. */
export interface TaskDifference {
  readonly name: string;
  readonly a: TaskMetrics | null;
  readonly b: TaskMetrics | null;
}

/** Tasks of both runs, matched by name, in A's order and then what only B has. */
export function compareTasks(a: Metrics, b: Metrics): readonly TaskDifference[] {
  const right = new Map(b.tasks.map(t => [t.task.comm, t]));
  const left = new Map(a.tasks.map(t => [t.task.comm, t]));
  const infos = [...urgentFirst(a.tasks.map(t => t.task)), ...urgentFirst(b.tasks.filter(t => !left.has(t.task.comm)).map(t => t.task))];
  return infos.map(p => ({ name: p.comm, a: left.get(p.comm) ?? null, b: right.get(p.comm) ?? null }));
}

export interface CompareOptions {
  /** How the two runs are called. */
  readonly names?: readonly [string, string];
  readonly color?: boolean;
}

/** Tasks shown; of more, those that differ most. */
const MOST = 24;

/** Two runs side by side in 80 columns: where they part, and what it did to each task. The same runs give the same bytes. */
export function renderCompare(a: Columns, b: Columns, options: CompareOptions = {}): string {
  const color = options.color ?? false;
  const full = options.names ?? (['A', 'B'] as const);
  // Long names stand once; the tables have letters then.
  const fit = full.every(name => name.length <= 5);
  const names: readonly [string, string] = fit ? full : ['A', 'B'];
  const divergence = firstDivergence(a, b, names);
  const x = computeMetrics(a);
  const y = computeMetrics(b);
  const lines = fit ? [] : full.map((name, i) => clip(` ${names[i]} is ${name}`, TEXT_WIDTH));
  lines.push(
    ...(divergence === null
      ? [' The two schedules are the same.']
      : [paint(' First difference', 'bold', color), ...wrap(divergence.sentence, TEXT_WIDTH - 2, '').map(line => ` ${line}`)]),
  );
  const all = compareTasks(x, y);
  const shown = [...all].sort((s, t) => weight(t) - weight(s)).slice(0, MOST);
  const rows = all.filter(t => shown.includes(t));
  lines.push('', ...taskTable(rows, names, color));
  if (all.length > rows.length) lines.push(paint(` … and ${all.length - rows.length} more that differ less`, 'dim', color));
  lines.push('', ...totalsTable(x, y, names, color));
  return `${lines.join('\n')}\n`;
}

/** How much a task's line says. */
function weight({ a, b }: TaskDifference): Nanos {
  if (a === null || b === null) return Infinity;
  return (
    Math.abs(a.response.max.value - b.response.max.value) +
    Math.abs(a.lockWait.total - b.lockWait.total) +
    Math.abs(a.cpuWait.total - b.cpuWait.total)
  );
}

/** By how much the longest response grew; `null` where a side has none, be it that no job came to its end. */
function responseChange(a: TaskMetrics | null, b: TaskMetrics | null): Nanos | null {
  if (a === null || b === null || a.jobs === 0 || b.jobs === 0) return null;
  return b.response.max.value - a.response.max.value;
}

function taskTable(rows: readonly TaskDifference[], names: readonly [string, string], color: boolean): string[] {
  const pick: readonly ((t: TaskMetrics) => Nanos)[] = [t => t.response.max.value, t => t.lockWait.total, t => t.cpuWait.total];
  const values = rows.flatMap(({ a, b }) => [a, b].flatMap(t => (t === null ? [] : pick.map(f => f(t)))));
  const unit = unitFor(Math.max(0, ...values));
  const { lines, ends } = layoutTable(['<', '>', '>', '>', '>', '>', '>', '>', '>', '>'], values, unit.ns, decimals => [
    ['task', ...names, 'change', ...names, ...names, ...names],
    ...rows.map(({ name, a, b }) => {
      const side = (t: TaskMetrics | null, f: (t: TaskMetrics) => Nanos): string => (t === null ? '-' : fixed(f(t), unit.ns, decimals));
      const [response, lock, cpu] = pick as [(typeof pick)[number], (typeof pick)[number], (typeof pick)[number]];
      const longest = (t: TaskMetrics | null): string => (t?.jobs === 0 ? '-' : side(t, response));
      const change = responseChange(a, b);
      return [
        name,
        longest(a),
        longest(b),
        change === null ? '-' : change === 0 ? '=' : `${change > 0 ? '+' : ''}${fixed(change, unit.ns, decimals)}`,
        side(a, lock),
        side(b, lock),
        side(a, cpu),
        side(b, cpu),
        a === null ? '-' : String(a.misses),
        b === null ? '-' : String(b.misses),
      ];
    }),
  ]);
  const groups = groupLine(ends, [
    [3, `longest response ${unit.name}`],
    [5, 'lock wait'],
    [7, 'cpu wait'],
    [9, 'misses'],
  ]);
  return [groups, ...lines].map((line, i) => {
    if (i < 2) return paint(line, 'bold', color);
    const { a, b } = rows[i - 2]!;
    const change = responseChange(a, b) ?? 0;
    return change === 0 ? line : paint(line, change < 0 ? 'green' : 'red', color);
  });
}

function totalsTable(a: Metrics, b: Metrics, names: readonly [string, string], color: boolean): string[] {
  const times: readonly (readonly [string, (m: Metrics) => Nanos])[] = [
    ['simulated', m => m.at],
    ['inverted', m => m.totals.inversion],
    ['donated', m => m.totals.donated],
  ];
  const counts: readonly (readonly [string, (m: Metrics) => number])[] = [
    ['switches', m => m.totals.switches],
    ['re-picks', m => m.totals.repicks],
    ['proxy migrations', m => m.totals.migrations.proxy],
    ['return migrations', m => m.totals.migrations.return],
    ['longest chain', m => m.totals.chainDepth.value],
    ['misses', m => m.totals.misses],
    ['deadlocks', m => m.totals.deadlocks],
  ];
  const values = times.flatMap(([, f]) => [f(a), f(b)]);
  const unit = unitFor(Math.max(0, ...values));
  const { lines } = layoutTable(['<', '>', '>'], values, unit.ns, decimals => [
    ['total', ...names],
    ...times.map(([name, f]) => [`${name} ${unit.name}`, fixed(f(a), unit.ns, decimals), fixed(f(b), unit.ns, decimals)]),
    ...counts.map(([name, f]) => [name, String(f(a)), String(f(b))]),
  ]);
  return lines.map((line, i) => (i === 0 ? paint(line, 'bold', color) : line));
}
