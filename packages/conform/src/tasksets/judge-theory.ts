import {
  edfResponseTime,
  exceeds,
  fixedPriorityTest,
  format,
  gfbTest,
  qpaTest,
  toNumber,
  utilization,
  type Bound,
} from '@proxysched/analysis';
import { z } from 'zod';
import { releasePatterns } from './release-patterns.js';
import { runTaskset, type Observation } from './run-taskset.js';
import type { Scope } from './scope.js';
import type { TasksetTask } from './taskset-file.js';

/** `null` or `unbounded`: no finite bound. */
const perTask = z.record(z.string(), z.union([z.number(), z.literal('unbounded'), z.null().transform(() => 'unbounded' as const)]));

interface Model {
  readonly name: string;
  readonly wcet: number;
  readonly period: number;
  readonly deadline: number;
  readonly priority: number;
  readonly blocking: number;
  readonly jitter: number;
}

/** The tasks as theory sees them, in nanoseconds; `null`: some of them have no C and T. */
function model({ file, scale }: Scope): Model[] | null {
  const found = file.tasks.flatMap((task, i): Model[] => {
    const shape = shapeOf(task);
    if (shape === null) return [];
    const { C, T, D } = shape;
    const prio = task.prio ?? i + 1;
    const period = scale.ns(T);
    const terms = { blocking: scale.ns(task.B ?? 0), jitter: scale.ns(task.J ?? 0) };
    return [{ name: task.name, wcet: scale.ns(C), period, deadline: scale.ns(D ?? T), priority: prio, ...terms }];
  });
  return found.length === file.tasks.length ? found : null;
}

function shapeOf({ C, T, D, ops, runtime, period, deadline, server }: TasksetTask): { C: number; T: number; D: number | undefined } | null {
  if (C !== undefined && T !== undefined) return { C, T, D };
  if (ops !== undefined && T !== undefined) return { C: ops.reduce((sum, op) => sum + ('run' in op ? op.run : 0), 0), T, D };
  if (runtime !== undefined && period !== undefined) return { C: runtime, T: period, D: deadline };
  return server === undefined ? null : { C: server.Q, T: server.T, D: server.D };
}

/** `utilization`: a fraction as text, or a number with as many decimals as it has. */
export function judgeUtilization(value: unknown, scope: Scope): void {
  const tasks = model(scope);
  if (tasks === null) return scope.tally.notJudged(`${scope.label}utilization (tasks without C and T)`);
  const found = utilization(tasks.map(({ wcet, period }) => ({ wcet, period })));
  const decimals = String(value).split('.')[1]?.length ?? 0;
  const shown = typeof value === 'number' ? Number(toNumber(found).toFixed(decimals)) : format(found);
  scope.tally.equal('utilization', `${scope.label}utilization`, value, shown);
}

/** `schedulable`: by an exact test on one CPU; on several, the sufficient one may leave it open. */
export function judgeSchedulable(value: unknown, scope: Scope): void {
  const { tally, label, file, rules } = scope;
  const tasks = model(scope);
  if (tasks === null) return tally.notJudged(`${label}schedulable (tasks without C and T)`);
  if (rules.scheduler === 'fp' && file.platform.cpus === 1) {
    tally.equal(
      'schedulable',
      `${label}schedulable`,
      value,
      fixedPriorityTest(tasks).every(v => v.meetsDeadline),
    );
  } else if (rules.scheduler === 'edf' && file.platform.cpus === 1 && tasks.every(t => t.blocking === 0 && t.jitter === 0)) {
    tally.equal('schedulable', `${label}schedulable`, value, qpaTest(tasks.map(sporadic)) === 'schedulable');
  } else if (
    rules.scheduler === 'edf' &&
    gfbTest(
      tasks.map(({ wcet, period }) => ({ wcet, period })),
      file.platform.cpus,
    ) === 'schedulable'
  ) {
    tally.equal('schedulable', `${label}schedulable`, value, true);
  } else {
    tally.notJudged(`${label}schedulable (no test decides it)`);
  }
}

/** `response_time_bounds` and `wcrt`: the theory gives the same, and no observed response is longer. */
export function judgeBounds(value: unknown, scope: Scope, seen: Observation | null): void {
  const { tally, label, file, rules, scale } = scope;
  const expected = z.parse(perTask, value);
  const tasks = model(scope);
  const found = tasks === null || file.platform.cpus > 1 ? null : responses(tasks, rules.scheduler);
  if (found === null || tasks === null) return tally.notJudged(`${label}response times (no theory for this set)`);
  for (const [task, bound] of Object.entries(expected)) {
    const at = tasks.findIndex(t => t.name === task);
    const theirs = found[at];
    tally.equal('bounds', `${label}bound of ${task}`, bound, typeof theirs === 'number' ? scale.time(theirs) : theirs);
    if (seen !== null) hold(task, bound, seen, scope);
  }
  if (seen === null || rules.scheduler !== 'edf') return;
  for (const offsets of releasePatterns(file.tasks, scale)) {
    const other = runTaskset(file, rules, scale, seen.until, offsets);
    for (const [task, bound] of Object.entries(expected)) hold(task, bound, other, scope);
  }
}

/** No run exceeds a bound. */
function hold(task: string, value: number | 'unbounded', seen: Observation, { tally, label, scale }: Scope): void {
  const bound = value === 'unbounded' ? value : scale.ns(value);
  for (const { release, finish } of seen.jobs.get(task) ?? []) {
    if (finish < 0) continue;
    const said = (): string =>
      `${label}job of ${task} released at ${scale.time(release)}: response ${scale.time(finish - release)}, above ${value}`;
    tally.that('observed', !exceeds(finish - release, bound), said);
  }
}

function responses(tasks: readonly Model[], scheduler: Scope['rules']['scheduler']): Bound[] | null {
  if (scheduler === 'fp') return fixedPriorityTest(tasks).map(v => v.response);
  if (scheduler === 'edf') return tasks.map((_, at) => edfResponseTime(tasks.map(sporadic), at));
  return null;
}

const sporadic = ({ wcet, period, deadline }: Model): { wcet: number; period: number; deadline: number } => ({ wcet, period, deadline });
