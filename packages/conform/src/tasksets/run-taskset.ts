import type { Nanos, SimResult } from '@proxysched/core';
import { createSimulation } from '@proxysched/sim';
import { arrangementFor } from './arrangement.js';
import { compile } from './compile.js';
import { Observer } from './observer.js';
import type { Rules } from './rules.js';
import type { TasksetFile } from './taskset-file.js';
import type { TimeScale } from './time-scale.js';

/** A run of a task set, observed. */
export interface Observation extends Pick<Observer, 'spans' | 'jobs' | 'locks' | 'servers'> {
  readonly until: Nanos;
  readonly result: SimResult;
  /** Names of the tasks that are servers, in order of listing. */
  readonly serverNames: readonly string[];
}

/** Runs it to `until`. Throws `NotModelled`. */
export function runTaskset(
  file: TasksetFile,
  rules: Rules,
  scale: TimeScale,
  until: Nanos,
  offsets?: Readonly<Record<string, Nanos>>,
): Observation {
  const { modules, options } = arrangementFor(rules.protocol, file);
  const { scenario, servers } = compile(file, rules, scale, until, offsets);
  const observer = new Observer();
  const result = createSimulation({ ...scenario, options: { ...options, ...scenario.options } }, modules, [observer]).run();
  const { spans, jobs, locks, servers: events } = observer;
  return { spans, jobs, locks, servers: events, until, result, serverNames: servers };
}
