import type { DeadlockPolicy, OptionValue, Scenario } from '@proxysched/core';
import { runOf, type Parts } from '@proxysched/core/test-kit';
import { GENERATIONS, ProxyExecution, type GenerationName } from '../src/index.js';

export type Options = Readonly<Record<string, OptionValue>>;

/** Parts of a machine with a generation of proxy execution, options on top. */
export function proxying(name: GenerationName, more: Options = {}, parts: Parts = {}): Parts {
  if (name === 'off') return parts;
  const options: Options = { ...GENERATIONS[name].options, ...more };
  return { ...parts, resolver: kernel => new ProxyExecution(kernel, options) };
}

export const simulate = (scenario: Scenario, name: GenerationName, more: Options = {}, parts: Parts = {}) =>
  runOf(scenario, proxying(name, more, parts));

/** Leaves cycles to the walk, and takes them off the queue there. */
export const DEQUEUE: DeadlockPolicy = {
  name: 'dequeue',
  onCycle: (_rq, cycle) => ({ kind: 'dequeue', victims: cycle }),
  onStall: () => ({ kind: 'halt' }),
};
