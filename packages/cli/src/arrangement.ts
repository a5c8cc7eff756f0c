import { ScenarioError, type Scenario, type TraceSink } from '@proxysched/core';
import { WiringError } from '@proxysched/kit';
import { classic, classicProblems, classicScenario, type ClassicArrangement } from '@proxysched/preset-classic';
import { generationOptions, linux, type ResolverName } from '@proxysched/preset-linux';
import { CompositionError, createSimulation, type Simulation } from '@proxysched/sim';
import { withDeadlockPolicy } from './deadlock-choice.js';
import { impossibleComposition, moduleFailed, scenarioRefused } from './errors.js';
import type { LoadedModule } from './load-module.js';

/** What a workload runs on: a generation of the preset, or a research class, and plug-ins on top. */
export interface Arrangement {
  /** As the user would say it. */
  readonly label: string;
  readonly generation: ResolverName;
  /** In the place of the preset; absent: the preset. */
  readonly classic?: ClassicArrangement;
  readonly plugins: readonly LoadedModule[];
  /** By the name it has on the command line; absent: the preset's. */
  readonly deadlock: string | undefined;
}

/** A machine for the scenario; dials: the generation's, then those of the scenario (`--set` included). */
export function compose(scenario: Scenario, arrangement: Arrangement, sinks: readonly TraceSink[]): Simulation {
  const { generation, classic: research, plugins, deadlock } = arrangement;
  const base = research === undefined ? linux(generation) : classic(research);
  const modules = [...withDeadlockPolicy(base, deadlock), ...plugins.flatMap(p => p.modules)];
  const options = { ...generationOptions(generation), ...scenario.options };
  const problems = research === undefined ? [] : classicProblems(scenario, research);
  if (problems.length > 0) throw impossibleComposition(scenario.name, problems);
  try {
    return createSimulation(asRun(research === undefined ? { ...scenario, options } : scenario, arrangement), modules, sinks);
  } catch (error) {
    if (error instanceof ScenarioError) throw scenarioRefused(scenario.name, error);
    if (error instanceof CompositionError) throw impossibleComposition(scenario.name, error.problems);
    if (error instanceof WiringError && plugins.length > 0) throw impossibleComposition(scenario.name, error.message.split('\n'));
    const guilty = pluginBehind(error, plugins);
    throw guilty === undefined ? error : moduleFailed(guilty.path, 'the simulation was put together', error);
  }
}

/** The scenario as the arrangement runs it: research classes take all tasks over. */
export function asRun(scenario: Scenario, { classic: research }: Arrangement): Scenario {
  return research === undefined ? scenario : classicScenario(scenario, research);
}

/** The plug-in whose file an error passed through, if any. */
export function pluginBehind(error: unknown, plugins: readonly LoadedModule[]): LoadedModule | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return plugins.find(p => stack.includes(p.url) || stack.includes(decodeURIComponent(new URL(p.url).pathname)));
}
