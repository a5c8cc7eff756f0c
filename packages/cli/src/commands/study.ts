import { SHORT_NAMES } from '@proxysched/deadlock';
import { createContainer, DEADLOCK_POLICY, isProvided } from '@proxysched/kit';
import {
  candidateOf,
  QUICK_WORKLOADS,
  runDeadlock,
  runStorm,
  STORM_GENERATIONS,
  STUDY_POLICIES,
  studyWorkloads,
  verdict,
  type Candidate,
  type DeadlockRun,
  type StudyWorkload,
} from '@proxysched/study';
import { suggest } from '@proxysched/workload';
import { pluginBehind } from '../arrangement.js';
import { deadlockPolicyOf } from '../deadlock-choice.js';
import { Destination } from '../destination.js';
import { moduleFailed, noDeadlockPolicyInModule, unknownStudyWorkload } from '../errors.js';
import { parseGeneration } from '../generation.js';
import type { Io } from '../io.js';
import { loadModules, type LoadedModule } from '../load-module.js';
import { deadlockPicture } from '../study-picture.js';
import { deadlockTables, stormTable } from '../study-report.js';
import { workInProgress } from '../work-in-progress.js';

export interface DeadlockStudyOptions {
  readonly proxy: string;
  readonly policy: readonly string[];
  readonly module: readonly string[];
  readonly workload: readonly string[];
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly svg?: string;
}

/** Every policy on every workload, and what each noticed, missed and cost. */
export async function studyDeadlock(options: DeadlockStudyOptions, io: Io): Promise<void> {
  const generation = parseGeneration(options.proxy);
  const plugins = await loadModules(options.module, io);
  const candidates = [...plugins.map(ofModule), ...policiesOf(options)];
  const workloads = workloadsOf(options);

  const runs: DeadlockRun[] = [];
  const progress = workInProgress(io, candidates.length * workloads.length);
  for (const candidate of candidates) {
    for (const workload of workloads) {
      progress.next(`${candidate.name} on ${workload.name}`);
      runs.push(blaming(plugins, () => runDeadlock(workload, candidate, generation)));
    }
  }
  progress.clear();

  const verdicts = candidates.map(({ name }) => verdict(name, runs, workloads));
  if (options.svg !== undefined) {
    const to = Destination.file(options.svg, io);
    to.text(deadlockPicture(runs, verdicts, workloads, generation));
    to.end();
    io.stderr.write(`wrote ${options.svg}\n`);
  }
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ schema: 'proxysched/study-deadlock/1', generation, verdicts, runs }, null, 2)}\n`
      : deadlockTables(runs, verdicts, generation, workloads),
  );
}

/** Those named; beside modules the ones with a short name, to compare with; else the whole selection. */
function policiesOf({ policy, module }: DeadlockStudyOptions): readonly Candidate[] {
  if (policy.length > 0) return [...new Set(policy)].map(name => ({ ...candidateOf(deadlockPolicyOf(name)), name }));
  const beside = module.length > 0 ? Object.entries(SHORT_NAMES).map(([name, spec]) => ({ ...candidateOf(spec), name })) : undefined;
  return beside ?? STUDY_POLICIES.map(candidateOf);
}

function workloadsOf({ workload, quick }: DeadlockStudyOptions): readonly StudyWorkload[] {
  const all = studyWorkloads();
  const names = all.map(w => w.name);
  for (const name of workload) if (!names.includes(name)) throw unknownStudyWorkload(name, names, suggest(name, names));
  const wanted = workload.length > 0 ? workload : quick === true ? QUICK_WORKLOADS : names;
  return all.filter(w => wanted.includes(w.name));
}

/** The policy that a plug-in brings, under the plug-in's path. */
function ofModule({ path, modules }: LoadedModule): Candidate {
  const c = createContainer();
  for (const m of modules) m.register(c);
  if (!isProvided(c, DEADLOCK_POLICY)) throw noDeadlockPolicyInModule(path);
  return { name: path, modules: () => modules };
}

function blaming<T>(plugins: readonly LoadedModule[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    const guilty = pluginBehind(error, plugins);
    throw guilty === undefined ? error : moduleFailed(guilty.path, 'the study ran', error);
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
