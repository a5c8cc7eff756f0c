import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CLASSIC_CLASSES, classic, classicScenario, LOCK_CHOICES, type ClassicArrangement } from '@proxysched/preset-classic';
import type { Scenario, SimResult } from '@proxysched/core';
import { createSimulation } from '@proxysched/sim';
import { JobFigureSink, type JobFigures } from '@proxysched/trace';
import { readWorkload, TASK_SET_FORMAT } from '@proxysched/workload';
import { z } from 'zod';
import type { Conformance } from '../conformance.js';
import { badFile, unreadable } from '../errors.js';
import { Tally } from '../tally.js';

const count = z.int().min(0);

const figures = z.object({
  id: count,
  released: count,
  completed: count,
  missed: count,
  maxResponse: count,
  minResponse: count.nullable(),
  sumResponse: count,
  preemptions: count,
  resumes: count,
  blockings: count,
});

const resultSchema = z.object({
  format: z.literal('peer-result/1'),
  taskset: z.string().regex(/^[\w.-]+$/),
  policy: z.enum(Object.keys(CLASSIC_CLASSES) as (keyof typeof CLASSIC_CLASSES)[]),
  /** `none`: the set has no locks. */
  locks: z.string().default('none'),
  horizon: count,
  tasks: z.array(figures).min(1),
});

const COMPARED = Object.keys(figures.shape).filter(key => key !== 'id') as (keyof JobFigures)[];

/** What other simulators of real-time theory agree on, per task, to the nanosecond; `migrations` are free and not compared. */
export const peerResult: Conformance = {
  name: 'peer-result',

  recognises: json => hasFormat(json, 'peer-result/1'),

  run({ path, json }) {
    const parsed = resultSchema.safeParse(json);
    if (!parsed.success) throw badFile(path, z.prettifyError(parsed.error));
    const { taskset, policy: cls, locks: said, horizon, tasks } = parsed.data;
    const locks = said === 'none' ? 'fifo' : said;
    const file = findTaskSet(path, taskset);
    if (file === undefined) throw badFile(path, `its task set "${taskset}" is neither beside it nor in ../tasksets`);
    const scenario = readTaskSet(file, readFileSync(file, 'utf8'));
    const tally = new Tally();
    tally.equal('horizon', 'horizon', horizon, scenario.until);
    const run = (name: string, arrangement: ClassicArrangement): SimResult => {
      const { result, found } = runTaskSet(scenario, arrangement);
      tally.equal('tasks', `${name}: tasks`, tasks.length, found.length);
      for (const task of tasks)
        for (const key of COMPARED) tally.equal(key, `${name}: ${key} of task ${task.id}`, task[key], found[task.id]?.[key]);
      return result;
    };
    // On one CPU proxy execution is inheritance without a place in the queue to change.
    const choices = locks === 'pip' && scenario.machine.cpus === 1 ? [locks, 'proxy'] : [locks];
    const known = choices.filter(isLockChoice);
    if (known.length === 0) throw badFile(path, `locks "${locks}": there are ${Object.keys(LOCK_CHOICES).join(', ')}`);
    for (const choice of known) {
      const result = run(said === 'none' ? said : choice, { cls, locks: choice });
      if (result.outcome === 'deadlock') tally.figure('deadlock', result.cycle.map(p => p.comm).join(' > '));
    }
    return tally.verdict();
  },
};

/** A task set on its own is judged by what it says of itself; what comes of running it is in its result files. */
export const peerTaskSet: Conformance = {
  name: 'peer-taskset',

  recognises: json => hasFormat(json, TASK_SET_FORMAT),

  run({ path, text, json }) {
    const scenario = readTaskSet(path, text);
    const parsed = z.object({ releasedJobs: count }).safeParse(json);
    if (!parsed.success) throw badFile(path, z.prettifyError(parsed.error));
    const { releasedJobs } = parsed.data;
    const { found } = runTaskSet({ ...scenario, until: scenario.until }, { cls: 'pfp', locks: 'fifo' });
    const tally = new Tally();
    tally.equal(
      'releasedJobs',
      'releasedJobs',
      releasedJobs,
      found.reduce((sum, f) => sum + f.released, 0),
    );
    return tally.verdict();
  },
};

/** The file named after the task set, or else one of another name that says it is the one. */
function findTaskSet(resultFile: string, name: string): string | undefined {
  const here = dirname(resultFile);
  const folders = [join(here, '..', 'tasksets'), here].filter(folder => existsSync(folder));
  const named = folders.map(folder => join(folder, `${name}.json`)).find(file => existsSync(file));
  if (named !== undefined) return named;
  const others = folders.flatMap(folder => jsonFiles(folder).map(file => join(folder, file)));
  return others.find(file => isTaskSet(file, name));
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .sort();
}

function isTaskSet(file: string, name: string): boolean {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return hasFormat(json, TASK_SET_FORMAT) && (json as { readonly name?: unknown }).name === name;
  } catch {
    return false;
  }
}

/** Runs a task set and counts what became of its jobs, by task. */
export function runTaskSet(
  scenario: Scenario,
  arrangement: ClassicArrangement,
): { readonly result: SimResult; readonly found: readonly JobFigures[] } {
  const sink = new JobFigureSink();
  const result = createSimulation(classicScenario(scenario, arrangement), classic(arrangement), [sink]).run();
  return { result, found: sink.figures() };
}

function readTaskSet(file: string, text: string): Scenario {
  const read = readWorkload(text, { file });
  if (read.ok) return read.scenario;
  throw unreadable(
    file,
    read.diagnostics.map(d => d.message),
  );
}

function hasFormat(json: unknown, format: string): boolean {
  return typeof json === 'object' && json !== null && (json as { readonly format?: unknown }).format === format;
}

function isLockChoice(name: string): name is keyof typeof LOCK_CHOICES {
  return Object.hasOwn(LOCK_CHOICES, name);
}
