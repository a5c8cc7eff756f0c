import type { Nanos } from '@proxysched/core';
import { count, msText } from './format.js';
import type { Bar } from './histogram.js';
import { handOffs, type DonorPair, type LockMetrics, type Metrics, type TaskMetrics, type Waits } from './metrics.js';
import { cell, groupLine, layoutTable, packParts, paint, type Align, type Unit } from './table.js';
import { urgentFirst } from './urgency.js';

/** Rows of a table; what would come after is said to be missing. */
const MOST = 24;
/** Bars of a histogram; of more, neighbours are drawn together. */
const BARS = 12;

/** Everything the summary leaves out, in 80 columns; a table that would be empty is not there. */
export function metricsTables(metrics: Metrics, unit: Unit, color: boolean): string[] {
  const { totals } = metrics;
  return [
    ...lockTable(metrics.locks, unit, color),
    ...taskTable(metrics.tasks, unit, color),
    ...pairTable(metrics, unit, color),
    ...named('releases', counted(totals.releases, RELEASE_WORDS)),
    ...named('walks', [...counted(totals.outcomes), ...counted(totals.whys).map(why => `(${why})`)]),
    ...named('passes by re-picks', bars(totals.repicksPerPass)),
    ...named('walks by links', bars(totals.walkDepths)),
    ...named('blocks by chain', bars(totals.chainDepths)),
  ];
}

const RELEASE_WORDS: Readonly<Record<string, string>> = {
  donor: 'to the donor',
  asked: 'to the first, who had asked',
  waiter: 'to a waiter by rule',
  free: 'left free',
  unwanted: 'nobody waited',
};

/** ` walks: run 4   migrate 2`; nothing where there is nothing. */
function named(title: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : packParts([`${title}: ${parts[0]!}`, ...parts.slice(1)]);
}

function counted(counts: Readonly<Record<string, number>>, words: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(counts).flatMap(([name, n]) => (n > 0 ? [`${words[name] ?? name} ${n}`] : []));
}

/** `0 ×120`, `1 ×3`, and beyond twelve of them `5-8 ×2`, each group twice as wide as the one before. */
function bars(all: readonly Bar[]): string[] {
  if (all.length <= BARS) return all.map(({ value, count: n }) => `${value} ×${n}`);
  const groups = new Map<number, number>();
  for (const { value, count: n } of all) {
    const group = value <= 2 ? value : 2 ** Math.ceil(Math.log2(value));
    groups.set(group, (groups.get(group) ?? 0) + n);
  }
  return [...groups].map(([to, n]) => `${to <= 2 ? to : `${to / 2 + 1}-${to}`} ×${n}`);
}

function lockTable(all: readonly LockMetrics[], unit: Unit, color: boolean): string[] {
  const used = all.filter(l => l.taken > 0 || l.wait.count > 0 || l.failed > 0);
  const rows = [...used].sort((x, y) => y.wait.total - x.wait.total || y.hold.total - x.hold.total || x.id - y.id).slice(0, MOST);
  const header = ['lock', 'taken', 'waits', 'total', 'max', 'p99', 'total', 'max', 'p99', 'spun', 'stolen', 'handed'];
  const groups = [
    [5, `waits ${unit.name}`],
    [8, `held ${unit.name}`],
  ] as const;
  return table({ header, groups, unit, color }, rows, used.length, l => [
    l.name,
    String(l.taken),
    String(l.wait.count),
    l.wait.total,
    l.wait.max.value,
    l.wait.p99,
    l.hold.total,
    l.hold.max.value,
    l.hold.p99,
    l.spun,
    String(l.steals),
    String(handOffs(l.releases)),
  ]);
}

function taskTable(all: readonly TaskMetrics[], unit: Unit, color: boolean): string[] {
  const some = all.filter(t => [t.lockWait, t.lockHold, t.parked].some(w => w.count > 0) || t.outranked > 0 || t.wastedMoves > 0);
  const byPid = new Map(some.map(t => [t.task.pid, t]));
  const rows = urgentFirst(some.map(t => t.task)).map(p => byPid.get(p.pid)!);
  const header = ['task', 'waits', 'p99', 'med', 'holds', 'total', 'max', 'parked', 'outranked', 'outside', 'inverted', 'wasted'];
  const groups = [
    [3, `waits ${unit.name}`],
    [6, `held ${unit.name}`],
  ] as const;
  return table({ header, groups, unit, color }, rows.slice(0, MOST), rows.length, t => [
    t.task.comm,
    ...quantiles(t.lockWait),
    String(t.lockHold.count),
    t.lockHold.total,
    t.lockHold.max.value,
    t.parked.total,
    t.outranked,
    t.outside,
    t.inverted,
    String(t.wastedMoves),
  ]);
}

function quantiles(w: Waits): readonly (string | Nanos)[] {
  return [String(w.count), w.p99, w.median];
}

function pairTable({ pairs, tasks }: Metrics, unit: Unit, color: boolean): string[] {
  const name = (pid: number): string => tasks.find(t => t.task.pid === pid)?.task.comm ?? `pid ${pid}`;
  const header = ['donor', 'runner', `donated ${unit.name}`];
  return table({ header, groups: [], unit, color }, pairs.slice(0, MOST), pairs.length, (p: DonorPair) => [
    name(p.donor),
    name(p.runner),
    p.time,
  ]);
}

interface Frame {
  readonly header: readonly string[];
  /** Words above columns. */
  readonly groups: readonly (readonly [column: number, text: string])[];
  readonly unit: Unit;
  readonly color: boolean;
}

/** Numbers are times. Names are left, everything else right. */
function table<T>(
  { header, groups, unit, color }: Frame,
  rows: readonly T[],
  all: number,
  cells: (row: T) => readonly (string | Nanos)[],
): string[] {
  if (rows.length === 0) return [];
  const data = rows.map(cells);
  const align = header.map((name): Align => (['lock', 'task', 'donor', 'runner'].includes(name) ? '<' : '>'));
  const times = data.flatMap(row => row.filter(c => typeof c === 'number'));
  const { lines, ends } = layoutTable(align, times, unit.ns, decimals => [
    header,
    ...data.map(row => row.map(c => (typeof c === 'number' ? cell(c, unit.ns, decimals) : c === '0' ? '-' : c))),
  ]);
  const above = groups.length === 0 ? [] : [paint(groupLine(ends, groups), 'bold', color)];
  const shown = [...above, ...lines.map((line, i) => (i === 0 ? paint(line, 'bold', color) : line))];
  return all > rows.length ? [...shown, paint(` … and ${all - rows.length} more (--json has all)`, 'dim', color)] : shown;
}

/** What is worth a word in the short summary, if it occurred. */
export function rareParts({ totals }: Metrics): string[] {
  const { parked, wastedMoves, outranked, outside, releases } = totals;
  const wasted = wastedMoves.ownerLeft + wastedMoves.unneeded;
  const given = handOffs(releases);
  return [
    ...(parked.count > 0 ? [`parked ${count(parked.count, 'time')}, ${msText(parked.time)}`] : []),
    ...(wasted > 0 ? [`moves in vain ${wasted} (owner had left: ${wastedMoves.ownerLeft})`] : []),
    ...(outside > 0 ? [`waiters where they may not run ${msText(outside)} (most ${totals.outsideMost.value})`] : []),
    ...(given > 0 ? [`hand-offs ${given} (to the donor ${releases.donor})`] : []),
    ...(outranked > 0
      ? [`outranked ${msText(outranked)} (longest ${msText(totals.outrankedMax.value)}, until ${msText(totals.outrankedMax.at)})`]
      : []),
  ];
}
