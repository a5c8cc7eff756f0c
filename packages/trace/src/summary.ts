import { policyName, type Nanos } from '@proxysched/core';
import { count, fixed, msText } from './format.js';
import type { Metrics, Peak, TaskMetrics } from './metrics.js';
import type { RunInfo } from './run-info.js';
import { metricsTables, rareParts } from './metrics-tables.js';
import { cell, groupLine, layoutTable, packParts, paint, unitFor, type Align } from './table.js';
import { urgentFirst } from './urgency.js';

export interface SummaryOptions {
  /** With terminal colours. */
  readonly color?: boolean;
  /** With everything that was measured. */
  readonly details?: boolean;
  /** The run's fingerprint (`DigestSink`). */
  readonly digest?: string;
  /** The command that makes this run again. */
  readonly reproduce?: string;
}

/** Tasks shown; of more, the worst. */
const MOST = 24;

/** A run in 80 columns: what was run, a line per task, where the maxima are, totals. The same run gives the same bytes. */
export function renderSummary(metrics: Metrics, info: RunInfo, options: SummaryOptions = {}): string {
  const color = options.color ?? false;
  const shown = chooseTasks(metrics.tasks);
  const unit = unitFor(
    Math.max(0, ...metrics.tasks.map(t => Math.max(t.response.max.value, t.lockWait.total, t.cpuWait.total, t.donatedTo, t.donatedBy))),
  );
  const lines = [
    ...packParts([
      `workload ${info.workload}`,
      count(info.cpus, 'cpu'),
      waitingRule(info),
      `seed ${info.seed}`,
      `${msText(metrics.at)} simulated`,
    ]),
    ...ended(metrics, color),
    ...taskTable(shown, unit, color),
  ];
  const hidden = metrics.tasks.length - shown.length;
  if (hidden > 0) lines.push(paint(` … and ${hidden} more (--json has all)`, 'dim', color));
  lines.push(...maximaTable(shown, unit, color), ...totalLines(metrics));
  if (options.details === true) lines.push(...metricsTables(metrics, unit, color));
  if (options.digest !== undefined) lines.push(` digest ${options.digest}`);
  if (options.reproduce !== undefined) lines.push(` reproduce: ${options.reproduce}`);
  return `${lines.join('\n')}\n`;
}

/** What is done about waiting for locks, and with a research class who else decides. */
function waitingRule({ classes, locks, protocol, proxy }: RunInfo): string {
  if (locks !== undefined) return `class ${classes.join(', ')}, locks ${locks}`;
  return protocol === undefined ? `proxy execution ${proxy}` : `locks ${protocol}`;
}

function ended(metrics: Metrics, color: boolean): string[] {
  switch (metrics.outcome) {
    case 'deadlock':
      return [paint(` ended in a deadlock at ${msText(metrics.at)}`, 'red', color)];
    case 'stalled':
      return [paint(` stalled at ${msText(metrics.at)}: the scheduler went on without time passing`, 'red', color)];
    case 'finished':
    case 'timeLimit':
    case null:
      return [];
  }
}

const TASK_ALIGN: readonly Align[] = ['<', '<', '>', '>', '>', '>', '>', '>', '>', '>', '>', '>'];

function taskTable(tasks: readonly TaskMetrics[], unit: { name: string; ns: Nanos }, color: boolean): string[] {
  const values = tasks.flatMap(t => [
    t.response.max.value,
    t.response.p99,
    t.response.median,
    t.lockWait.total,
    t.cpuWait.total,
    t.donatedTo,
    t.donatedBy,
  ]);
  const { lines, ends } = layoutTable(TASK_ALIGN, values, unit.ns, decimals => {
    const time = (ns: Nanos): string => cell(ns, unit.ns, decimals);
    const response = (t: TaskMetrics, ns: Nanos): string => (t.jobs === 0 ? '-' : fixed(ns, unit.ns, decimals));
    return [
      ['task', 'class', 'jobs', 'max', 'p99', 'med', 'lock', 'cpu', 'to', 'by', 'miss', 'migr'],
      ...tasks.map(t => [
        t.task.comm,
        policyName(t.task.policy),
        String(t.jobs),
        response(t, t.response.max.value),
        response(t, t.response.p99),
        response(t, t.response.median),
        time(t.lockWait.total),
        time(t.cpuWait.total),
        time(t.donatedTo),
        time(t.donatedBy),
        String(t.misses),
        String(t.migrations),
      ]),
    ];
  });
  const groups = groupLine(ends, [
    [5, `response ${unit.name}`],
    [7, 'wait for'],
    [9, 'donated'],
  ]);
  return [groups, ...lines].map((line, i) =>
    i < 2 ? paint(line, 'bold', color) : tasks[i - 2]!.misses > 0 ? paint(line, 'red', color) : line,
  );
}

/** The time stamp of each maximum, so that one can go there. */
function maximaTable(tasks: readonly TaskMetrics[], unit: { name: string; ns: Nanos }, color: boolean): string[] {
  const peaks = (t: TaskMetrics): readonly Peak[] => [t.response.max, t.lockWait.max, t.cpuWait.max, t.late];
  const some = tasks.filter(t => peaks(t).some(p => p.at >= 0));
  if (some.length === 0) return [];
  const values = some.flatMap(t => peaks(t).flatMap(p => (p.at < 0 ? [] : [p.value, p.at])));
  const { lines } = layoutTable(['<', '>', '>', '>', '>', '>', '>', '>', '>'], values, unit.ns, decimals => [
    ['maxima', 'response', '@ ' + unit.name, 'lock', '@ ' + unit.name, 'cpu', '@ ' + unit.name, 'late', '@ ' + unit.name],
    ...some.map(t => [
      t.task.comm,
      ...peaks(t).flatMap(p => (p.at < 0 ? ['-', ''] : [fixed(p.value, unit.ns, decimals), fixed(p.at, unit.ns, decimals)])),
    ]),
  ]);
  return lines.map((line, i) => (i === 0 ? paint(line, 'bold', color) : line));
}

function totalLines(metrics: Metrics): string[] {
  const { totals } = metrics;
  const at = (p: Peak): string => `at ${msText(p.at)}`;
  const parts = [
    `inverted ${msText(totals.inversion)}${totals.inversion > 0 ? ` (longest ${msText(totals.inversionMax.value)}, until ${msText(totals.inversionMax.at)})` : ''}`,
    `donated ${msText(totals.donated)}`,
    `switches ${totals.switches}, to or from idle ${totals.idleSwitches}`,
    `re-picks ${totals.repicks}${totals.repicks > 0 ? ` (most ${totals.repicksPeak.value}, cpu ${totals.repicksPeak.cpu}, ${at(totals.repicksPeak)})` : ''}`,
    `proxy migrations ${totals.migrations.proxy}`,
    `return migrations ${totals.migrations.return}`,
    `idle visits ${totals.idleVisits}${totals.idleVisitTime > 0 ? ` (${msText(totals.idleVisitTime)})` : ''}`,
    ...rareParts(metrics),
    ...(totals.spun > 0 ? [`spun ${msText(totals.spun)}`] : []),
    ...(totals.steals > 0 ? [`steals ${totals.steals}`] : []),
    ...(totals.backOffs > 0 ? [`back-offs ${totals.backOffs}`] : []),
    ...(totals.ioWaits.count > 0 ? [`I/O waits ${totals.ioWaits.count}${totals.ioWaits.left > 0 ? ` (${totals.ioWaits.left} not over)` : ''}`] : []),
    ...(totals.unplugs > 0 ? [`CPUs unplugged ${totals.unplugs}`] : []),
    ...(totals.affinitiesLost > 0 ? [`affinities broken ${totals.affinitiesLost}`] : []),
    ...(totals.lockFailures > 0 ? [`locks given up ${totals.lockFailures}`] : []),
    `longest chain ${totals.chainDepth.value}${totals.chainDepth.value > 0 ? ` (${at(totals.chainDepth)})` : ''}`,
    `deadlocks ${totals.deadlocks}`,
    `misses ${totals.misses}`,
    ...(totals.overruns > 0 ? [`overruns ${totals.overruns}`] : []),
  ];
  return packParts(parts);
}

/** All, or the worst: most misses, then the longest response, then the longest wait. Listed urgent first. */
function chooseTasks(tasks: readonly TaskMetrics[]): readonly TaskMetrics[] {
  const worst = [...tasks]
    .sort(
      (a, b) =>
        b.misses - a.misses ||
        b.response.max.value - a.response.max.value ||
        b.lockWait.max.value + b.cpuWait.max.value - (a.lockWait.max.value + a.cpuWait.max.value) ||
        a.task.pid - b.task.pid,
    )
    .slice(0, MOST);
  const byPid = new Map(worst.map(t => [t.task.pid, t]));
  return urgentFirst(worst.map(t => t.task)).map(p => byPid.get(p.pid)!);
}
