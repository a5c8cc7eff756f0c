import { runDeadlock, runStorm, STORM_GENERATIONS, STUDY_POLICIES, studyWorkloads, verdict, type DeadlockRun } from '@proxysched/study';
import { deadlockPolicyOf } from '../deadlock-choice.js';
import { unknownStudyWorkload } from '../errors.js';
import { parseGeneration } from '../generation.js';
import type { Io } from '../io.js';
import { deadlockTable, stormTable } from '../study-report.js';
import { workInProgress } from '../work-in-progress.js';

export interface DeadlockStudyOptions {
  readonly proxy: string;
  readonly policy: readonly string[];
  readonly workload: readonly string[];
  readonly json?: boolean;
}

/** Every policy on every workload, and what each noticed, missed and cost. */
export function studyDeadlock(options: DeadlockStudyOptions, io: Io): void {
  const generation = parseGeneration(options.proxy);
  const policies = options.policy.length === 0 ? STUDY_POLICIES : options.policy.map(deadlockPolicyOf);
  const all = studyWorkloads();
  const names = all.map(w => w.name);
  for (const name of options.workload) if (!names.includes(name)) throw unknownStudyWorkload(name, names);
  const workloads = options.workload.length === 0 ? all : all.filter(w => options.workload.includes(w.name));

  const runs: DeadlockRun[] = [];
  const progress = workInProgress(io, policies.length * workloads.length);
  for (const policy of policies) {
    for (const workload of workloads) {
      progress.next(workload.name);
      runs.push(runDeadlock(workload, policy, generation));
    }
  }
  progress.clear();

  const verdicts = [...new Set(runs.map(r => r.policy))].map(policy => verdict(policy, runs, workloads));
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ schema: 'proxysched/study-deadlock/1', generation, verdicts, runs }, null, 2)}\n`);
  } else {
    io.stdout.write(deadlockTable(verdicts, generation, workloads));
  }
}

export interface StormStudyOptions {
  readonly cpus: number;
  readonly json?: boolean;
}

/** One boot-like storm under each generation. */
export function studyStorm({ cpus, json }: StormStudyOptions, io: Io): void {
  const progress = workInProgress(io, STORM_GENERATIONS.length);
  const runs = STORM_GENERATIONS.map(generation => {
    progress.next(generation);
    return runStorm(cpus, generation);
  });
  progress.clear();
  io.stdout.write(
    json === true ? `${JSON.stringify({ schema: 'proxysched/study-storm/1', cpus, runs }, null, 2)}\n` : stormTable(runs, cpus),
  );
}
