import { z } from 'zod';
import type { Verdict } from '../conformance.js';
import { Tally } from '../tally.js';
import { NotModelled } from './compile.js';
import { horizonOf, runLength } from './horizon.js';
import { judgeCompletions, judgeFirstMiss, judgeIsolated, judgeMiss, judgeMisses } from './judge-jobs.js';
import { judgeLockEvents, judgeServerEvents } from './judge-events.js';
import { judgeSchedule } from './judge-schedule.js';
import { judgeBlocking, judgeCeilings } from './judge-blocking.js';
import { judgeBounds, judgeSchedulable, judgeUtilization } from './judge-theory.js';
import { readRules, variant, type Rules } from './rules.js';
import { runTaskset, type Observation } from './run-taskset.js';
import type { RunJudge, Scope, TheoryJudge } from './scope.js';
import type { TasksetFile } from './taskset-file.js';
import { TimeScale } from './time-scale.js';

/** What is judged, by its key: the list of the format's own description, and what is as plain. */
const BY_RUN: Readonly<Record<string, RunJudge>> = {
  schedule: judgeSchedule,
  completions: judgeCompletions,
  finish: judgeCompletions,
  misses: judgeMisses,
  first_miss: judgeFirstMiss,
  miss: judgeMiss,
  server_events: judgeServerEvents,
  lock_events: judgeLockEvents,
  isolated_tasks_miss_nothing: judgeIsolated,
  makespan: (value, { spans }, { tally, scale, label }) =>
    void tally.equal('makespan', `${label}makespan`, value, scale.time(Math.max(0, ...spans.map(s => s.end)))),
  deadlock: (value, { result }, { tally, label }) => void tally.equal('deadlock', `${label}deadlock`, value, result.outcome === 'deadlock'),
};
const BY_THEORY: Readonly<Record<string, TheoryJudge>> = {
  utilization: judgeUtilization,
  schedulable: judgeSchedulable,
  response_time_bounds: judgeBounds,
  wcrt: judgeBounds,
  ceilings: judgeCeilings,
  blocking: judgeBlocking,
};
/** Of as many CPUs as the key names, where the file names other numbers beside its own. */
const ON_CPUS = /^(makespan|schedule)_(\d+)cpu$/;
/** Parameters of other keys. */
const READ = new Set(['schedule_until', 'isolated_tasks', 'B']);

/** Runs a task set under every policy and protocol that the file has expectations for. */
export function judgeTaskset(file: TasksetFile): Verdict {
  const tally = new Tally();
  const rules = readRules(file);
  if (rules === null) {
    for (const key of Object.keys(file.expect)) tally.notJudged(`${key} (no scheduler here for "${file.policy}")`);
    return tally.verdict();
  }
  const scale = new TimeScale(file.time_unit, rules.scheduler === 'fair');
  judgeScope(file, rules, scale, tally, file.expect, '');
  return tally.verdict();
}

function judgeScope(file: TasksetFile, rules: Rules, scale: TimeScale, tally: Tally, expect: TasksetFile['expect'], label: string): void {
  const scope: Scope = { file, rules, scale, tally, expect, label, horizon: horizonOf(file, expect) };
  const keys = Object.keys(expect);
  const seen = keys.some(key => BY_RUN[key] ?? BY_THEORY[key] !== undefined) ? observe(scope) : null;
  for (const key of keys) {
    try {
      judgeKey(key, scope, seen);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      tally.that(
        key,
        false,
        () => `${label}${key}: a form that is not understood, ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`,
      );
    }
  }
}

function judgeKey(key: string, scope: Scope, seen: Observation | NotModelled | null): void {
  const { file, rules, scale, tally, expect, label } = scope;
  const value = expect[key];
  const byTheory = BY_THEORY[key];
  const byRun = BY_RUN[key];
  if (byTheory !== undefined) return byTheory(value, scope, seen instanceof NotModelled ? null : seen);
  if (byRun !== undefined && seen !== null) {
    if (!(seen instanceof NotModelled)) return byRun(value, seen, scope);
    return void tally.that(key, false, () => `${label}${key}: not modelled, ${seen.message}`);
  }
  if (READ.has(key)) return;
  const onCpus = label === '' ? ON_CPUS.exec(key) : null;
  if (onCpus !== null) {
    const other = { ...file, platform: { ...file.platform, cpus: Number(onCpus[2]) } };
    return judgeScope(other, rules, scale, tally, { [onCpus[1]!]: value }, `${key}.`);
  }
  // Results of another policy or protocol, or with blocking, have keys of their own inside.
  const inner = label === '' ? variant(rules, key) : null;
  const blocked = label === '' ? withBlocking(file, value) : null;
  if (inner === null && blocked === null) return tally.notJudged(`${label}${key}`);
  judgeScope(blocked ?? file, inner ?? rules, scale, tally, z.parse(z.record(z.string(), z.unknown()), value), `${key}.`);
}

/** The set with the blocking terms `B` that stand beside the results for it; `null`: there are none. */
function withBlocking(file: TasksetFile, expect: unknown): TasksetFile | null {
  const read = z.looseObject({ B: z.record(z.string(), z.number()) }).safeParse(expect);
  if (!read.success) return null;
  return { ...file, tasks: file.tasks.map(task => ({ ...task, B: read.data.B[task.name] })) };
}

function observe({ file, rules, scale, horizon }: Scope): Observation | NotModelled {
  try {
    return runTaskset(file, rules, scale, scale.ns(runLength(file, horizon)));
  } catch (error) {
    if (error instanceof NotModelled) return error;
    throw error;
  }
}
