import { z } from 'zod';
import type { Job } from './observer.js';
import type { Observation } from './run-taskset.js';
import type { Scope } from './scope.js';

const times = z.record(z.string(), z.union([z.number(), z.array(z.number())]));
const completion = z.object({ task: z.string(), release: z.number().optional(), finish: z.number(), deadline: z.number().optional() });
const miss = z.object({ task: z.string(), job: z.number(), deadline: z.number(), finish: z.number().optional() });

/** `completions` and `finish`: per task the instants at which its jobs end, or a list of jobs. */
export function judgeCompletions(value: unknown, seen: Observation, scope: Scope): void {
  if (Array.isArray(value)) return listed(z.parse(z.array(completion), value), seen, scope);
  const { file, tally, scale, label, horizon } = scope;
  const expected = z.parse(times, value);
  for (const [task, instants] of Object.entries(expected)) {
    const want = Array.isArray(instants) ? instants : [instants];
    const found = done(seen, task).map(job => scale.time(job.finish));
    want.forEach((t, i) => tally.equal('completions', `${label}completion ${i} of ${task} at ${t}`, t, found[i]));
  }
  // In a file of single jobs, those that are not named do not complete: a deadlock says so.
  for (const { name, ops, periodic } of file.tasks) {
    if (Object.hasOwn(expected, name) || ops === undefined || periodic === true) continue;
    const early = done(seen, name).filter(job => scale.time(job.finish) <= horizon);
    tally.equal('completions', `${label}completions of ${name}`, 0, early.length);
  }
}

function listed(expected: readonly z.infer<typeof completion>[], seen: Observation, { tally, scale, label }: Scope): void {
  for (const { task, release, finish, deadline } of expected) {
    const jobs = done(seen, task);
    const job = release === undefined ? jobs.find(j => scale.time(j.finish) >= finish) : jobs.find(j => scale.time(j.release) === release);
    const found = job && {
      finish: scale.time(job.finish),
      ...(deadline === undefined ? {} : { deadline: scale.time(job.deadline) }),
    };
    tally.equal(
      'completions',
      `${label}job of ${task} released at ${release}`,
      { finish, ...(deadline === undefined ? {} : { deadline }) },
      found,
    );
  }
}

/** `misses`: all of them, up to the horizon; those whose job is not done by then count where the file names them. */
export function judgeMisses(value: unknown, seen: Observation, scope: Scope): void {
  const { tally, scale, label, horizon } = scope;
  const expected = z.parse(z.array(miss), value);
  const found = missesOf(seen, scope);
  for (const m of expected) judgeMiss(m, seen, scope);
  const named = new Set(expected.map(m => `${m.task} ${m.job}`));
  const others = found.filter(m => m.finish !== undefined && m.finish <= horizon && !named.has(`${m.task} ${m.job}`));
  tally.that('misses', others.length === 0, () => `${label}misses at ${others[0]!.deadline}: ${JSON.stringify(others[0])} is not expected`);
  // Nothing is a miss unless jobs were there.
  tally.that(
    'misses',
    [...seen.jobs.values()].some(jobs => jobs.some(j => j.finish >= 0)),
    () => `${label}misses: no job ended by ${scale.time(seen.until)}`,
  );
}

/** `miss`: it happens. */
export function judgeMiss(value: unknown, seen: Observation, scope: Scope): void {
  const expected = z.parse(miss, value);
  const found = missesOf(seen, scope).find(m => m.task === expected.task && m.job === expected.job);
  const shown = found && (expected.finish === undefined ? { ...found, finish: undefined } : found);
  scope.tally.equal('misses', `${scope.label}miss of ${expected.task} at ${expected.deadline}`, { finish: undefined, ...expected }, shown);
}

/** `first_miss`: no deadline is missed earlier. */
export function judgeFirstMiss(value: unknown, seen: Observation, scope: Scope): void {
  judgeMiss(value, seen, scope);
  const { deadline } = z.parse(miss, value);
  const first = missesOf(seen, scope)[0];
  scope.tally.equal('misses', `${scope.label}first miss`, deadline, first?.deadline);
}

/** In order of deadlines. A job that is not done when its deadline passes has missed it. */
function missesOf(seen: Observation, { scale }: Scope): { task: string; job: number; deadline: number; finish: number | undefined }[] {
  return [...seen.jobs]
    .flatMap(([task, jobs]) => jobs.map((job, at) => ({ task, at, job })))
    .filter(({ job }) => job.deadline >= 0 && (job.finish < 0 ? seen.until : job.finish) > job.deadline)
    .sort((a, b) => a.job.deadline - b.job.deadline)
    .map(({ task, at, job }) => ({
      task,
      job: at,
      deadline: scale.time(job.deadline),
      finish: job.finish < 0 ? undefined : scale.time(job.finish),
    }));
}

/** `isolated_tasks_miss_nothing`: those in `isolated_tasks` keep every deadline, whatever the users of locks do. */
export function judgeIsolated(value: unknown, seen: Observation, scope: Scope): void {
  const { tally, label, expect } = scope;
  const isolated = z.parse(z.array(z.string()), expect['isolated_tasks']);
  const missed = missesOf(seen, scope);
  for (const task of isolated) {
    const jobs = done(seen, task).length;
    const first = missed.find(m => m.task === task);
    const found = jobs === 0 ? 'no job ended' : first === undefined ? 'no miss' : `miss at ${first.deadline}`;
    tally.equal('isolated', `${label}${task}, ${jobs} jobs`, value === true ? 'no miss' : 'a miss', found);
  }
}

function done(seen: Observation, task: string): Job[] {
  return (seen.jobs.get(task) ?? []).filter(job => job.finish >= 0);
}
