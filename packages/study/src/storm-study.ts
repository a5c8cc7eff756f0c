import type { Nanos } from '@proxysched/core';
import { generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { Observer, type LongPass } from './observer.js';
import { storm } from './study-workloads.js';

/** A generation in a boot-like storm. */
export interface StormRun {
  readonly generation: GenerationName;
  /** `false alarm`: a policy ended the run although nobody was in a circle. */
  readonly outcome: 'finished' | 'timeLimit' | 'deadlock' | 'false alarm' | 'stalled';
  /** End of the run; time to finish if it finished. */
  readonly at: Nanos;
  readonly tasks: number;
  readonly finished: number;
  /** Picks again, and the passes that had to. */
  readonly repicks: number;
  readonly passes: number;
  /** Most re-picks in one pass, and the passes of more than fifty in order of time. */
  readonly mostRepicks: number;
  readonly longPasses: readonly LongPass[];
  readonly proxyMoves: number;
  /** Of those, after which the context lent no time where it had come to. */
  readonly wastedMoves: number;
  readonly returns: number;
  readonly idleVisits: number;
}

/** The generations of the table: the false alarm of June 2023 first. */
export const STORM_GENERATIONS: readonly GenerationName[] = ['off', 'v4-debug', 'v4', '6.17', '7.1', '7.3', 'tip', 'full'];

export function runStorm(cpus: number, generation: GenerationName): StormRun {
  const observer = new Observer();
  const { scenario } = storm(cpus);
  const options = { ...generationOptions(generation), ...scenario.options };
  const result = createSimulation({ ...scenario, options }, linux(generation), [observer]).run();
  return {
    generation,
    outcome: result.outcome === 'deadlock' && result.falseAlarm ? 'false alarm' : result.outcome,
    at: result.at,
    tasks: scenario.tasks.length,
    finished: observer.finished.size,
    repicks: observer.repicks,
    passes: observer.passes,
    mostRepicks: observer.longest.repicks,
    longPasses: observer.longPasses,
    proxyMoves: observer.proxyMoves,
    wastedMoves: observer.wastedMoves,
    returns: observer.returns,
    idleVisits: observer.idleVisits,
  };
}
