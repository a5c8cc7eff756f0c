import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Op } from '../src/index.js';

/** The files of `golden/tasksets` (`taskset/1`), as far as analysis reads them. */

const FOLDER = join(import.meta.dirname, '../../conform/data/tasksets');

export interface GoldenTask {
  readonly name: string;
  readonly C?: number;
  readonly T?: number;
  readonly D?: number;
  readonly J?: number;
  readonly runtime?: number;
  readonly period?: number;
  readonly release?: number;
  readonly prio?: number;
  readonly ops?: readonly Op[];
  readonly server?: { readonly Q: number; readonly T: number };
  readonly cs?: Readonly<Record<string, number>>;
  readonly request?: number;
}

export interface Run {
  readonly task?: string;
  readonly job?: number;
  readonly start: number;
  readonly end: number;
}

export type PerTask = Readonly<Record<string, number>>;

export interface Golden {
  readonly id: string;
  readonly policy: string;
  readonly platform: { readonly cpus: number };
  readonly tasks: readonly GoldenTask[];
  readonly expect: Readonly<Record<string, unknown>>;
}

/** The files with something that analysis can say. The others are schedules of servers and round robin, and Graham's anomalies. */
export const ids = [
  'bini-hyperbolic-two-tasks',
  'blocking-bounds-four-tasks',
  'buttazzo-cbs',
  'buttazzo-processor-demand',
  'buttazzo-rm-edf-34-35',
  'bw-four-processes',
  'bw-set-a',
  'bw-set-c',
  'bwi-single-cpu',
  'classic-inversion',
  'dhall-2cpu',
  'edf-async-worst',
  'edf-constrained-infeasible-pair',
  'edf-wcrt-1',
  'edf-wcrt-3',
  'edf-wcrt-4',
  'fair-server-rt-hog',
  'gedf-tardiness-full-load',
  'gfb-accepted-2cpu',
  'jitter-two-tasks',
  'lehoczky90-arbitrary-deadline',
  'linux-doc-density-not-necessary',
  'liu-five-jobs-two-resources',
  'll73-two-tasks',
  'mbwi-basic-enlarged-budgets',
  'mbwi-jl-basic',
  'mbwi-jl-chain',
  'mbwi-jl-migration',
  'mbwi-preempted-owner',
  'mbwi-spin-then-host',
  'pathfinder-cycle',
  'rtsim-cbs-wakeup-original',
  'schedcat-rta-blocking',
  'schedcat-rta-four',
  'sg90-three-tasks-light',
  'srl90-crossed-locks',
  'stoica-eevdf-two-clients',
] as const;

export const golden = (id: string): Golden => JSON.parse(readFileSync(join(FOLDER, `${id}.json`), 'utf8')) as Golden;

/** A task with C and T, in the terms of the package; `priority` by listing. */
export interface Plain {
  readonly name: string;
  readonly wcet: number;
  readonly period: number;
  readonly deadline: number;
  readonly priority: number;
}

export function plain(tasks: readonly GoldenTask[]): Plain[] {
  return tasks.map(({ name, C, T, D }, i) => ({ name, wcet: C!, period: T!, deadline: D ?? T!, priority: i + 1 }));
}

/** The same without deadlines; fails if one differs from its period. */
export function implicit(tasks: readonly Plain[]): { name: string; wcet: number; period: number }[] {
  return tasks.map(({ name, wcet, period, deadline }) => {
    if (deadline !== period) throw new Error(`${name} has a deadline of its own`);
    return { name, wcet, period };
  });
}

export const byName = <T>(tasks: readonly { readonly name: string }[], values: readonly T[]): Record<string, T> =>
  Object.fromEntries(tasks.map(({ name }, i) => [name, values[i]!]));

/** End of each job of a schedule that shows all of its C. */
export function completions(tasks: readonly Plain[], schedule: readonly Run[]): { task: Plain; job: number; end: number }[] {
  const jobs = new Map<string, { task: Plain; job: number; end: number; done: number }>();
  for (const { task: name, job, start, end } of schedule) {
    const task = tasks.find(t => t.name === name);
    if (task === undefined || job === undefined) continue;
    const key = `${name}/${job}`;
    jobs.set(key, { task, job, end, done: (jobs.get(key)?.done ?? 0) + end - start });
  }
  return [...jobs.values()].filter(({ task, done }) => done === task.wcet);
}
