import { InvariantViolation, ProgramError, ScenarioError, type SimResult, type TraceSink } from '@proxysched/core';
import { DigestSink, JobFigureSink, MetricsSink, type JobFigures, type Metrics, type RunInfo, type RunNames } from '@proxysched/trace';
import { GENERATIONS } from '@proxysched/preset-linux';
import type { Diagnostic } from '@proxysched/workload';
import { compose, pluginBehind, type Arrangement } from './arrangement.js';
import { invariantBroken, moduleFailed, programFault, scenarioRefused } from './errors.js';
import type { Io } from './io.js';
import type { LoadedWorkload } from './load-workload.js';
import { Progress } from './progress.js';
import type { Talk } from './talk.js';
import { version } from './version.js';

/** A run that is over, with all that was observed of it. */
export interface FinishedRun {
  readonly info: RunInfo;
  readonly result: SimResult;
  readonly digest: string;
  readonly names: RunNames;
  readonly metrics: Metrics;
  /** By pid − 1. */
  readonly figures: readonly JobFigures[];
}

/**
 * Runs a workload to its end. `listen` makes further sinks; the header it is given is complete when the run begins. Nothing here
 * grows with the length of the run; whoever wants every event brings a `ColumnSink`.
 */
export function simulate(
  workload: LoadedWorkload,
  arrangement: Arrangement,
  { io, talk }: { readonly io: Io; readonly talk: Talk },
  listen: (info: RunInfo) => readonly TraceSink[] = () => [],
): FinishedRun {
  const { scenario, file } = workload;
  const info = blankInfo(workload, arrangement);
  const digest = new DigestSink();
  const meter = new MetricsSink();
  const jobs = new JobFigureSink();
  const simulation = compose(scenario, arrangement, [digest, meter, jobs, ...listen(info)]);
  info.classes = simulation.classes;
  info.options = simulation.options;

  const progress = new Progress(io, scenario.until);
  try {
    const result = simulation.run(progress.probe);
    return { info, result, digest: digest.digest(), names: meter, metrics: meter.metrics(), figures: jobs.figures() };
  } catch (error) {
    if (error instanceof ProgramError) {
      talk.findings([located(error, workload)], workload.text);
      throw programFault(file);
    }
    if (error instanceof ScenarioError) throw scenarioRefused(scenario.name, error);
    const guilty = pluginBehind(error, arrangement.plugins);
    if (error instanceof InvariantViolation) throw invariantBroken(error, guilty?.path);
    throw guilty === undefined ? error : moduleFailed(guilty.path, 'the simulation ran', error);
  } finally {
    progress.end();
  }
}

/** What a task did wrong, shown where the text says it. */
function located(error: ProgramError, { file, scenario, places }: LoadedWorkload): Diagnostic {
  // A forked task carries the name of its template, and perhaps a number.
  const task = scenario.tasks.findIndex(t => t.comm === error.task);
  const place = places[task]?.[error.pc] ?? { line: 0, column: 0 };
  return { severity: 'error', code: error.code, message: error.message, file, ...place };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function blankInfo({ file, scenario }: LoadedWorkload, { generation, classic }: Arrangement): Writable<RunInfo> {
  const { machine, seed, until } = scenario;
  return {
    workload: file,
    cpus: machine.cpus,
    proxy: generation,
    seed,
    until,
    classes: [],
    options: {},
    version: version(),
    ...(classic === undefined ? {} : { locks: classic.locks }),
    ...(Object.hasOwn(GENERATIONS, generation) ? {} : { protocol: generation }),
  };
}
