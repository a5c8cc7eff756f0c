import { demandHorizon, exactDemand, nextDeadline } from './demand.js';
import { exact, time } from './exact.js';
import type { SporadicTask, Time } from './task-model.js';

/** An interval too short for what must be done in it. */
export interface DemandViolation {
  readonly length: Time;
  /** g(length), more than `length`. */
  readonly demand: Time;
}

/**
 * The shortest interval in which jobs ask for more than there is, or `none` if EDF on one CPU meets all deadlines. Released together,
 * the tasks miss the deadline at `length`.
 *
 * The processor demand test: S. Baruah, A. Mok, L. Rosier, RTSS 1990; `oracles.md` 3.2. A001 for parameters out of range.
 * Looks at every deadline up to the horizon; `qpaTest` looks at few of them but finds another violation.
 */
export function firstDemandViolation(tasks: readonly SporadicTask[]): DemandViolation | 'none' {
  const set = tasks.map(exact);
  const horizon = demandHorizon(set); // none if U > 1, but then there is a violation to find
  for (let L = nextDeadline(set, 0n); L !== undefined && (horizon === undefined || L <= horizon); L = nextDeadline(set, L)) {
    const g = exactDemand(set, L);
    if (g > L) return { length: time(L, 'length'), demand: time(g, 'demand') };
  }
  return 'none';
}
