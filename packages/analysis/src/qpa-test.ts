import { demandHorizon, exactDemand, lastDeadline } from './demand.js';
import { exact, min } from './exact.js';
import type { Exact, SporadicTask } from './task-model.js';

/**
 * Quick processor demand analysis: the exact test of EDF on one CPU, for deadlines of any length. From the last deadline in the
 * horizon it goes down: where g(L) <= L, nothing between g(L) and L can be violated, as g does not fall with L. So it jumps to
 * g(L), or to the deadline before L if g(L) = L, until it passes the first deadline or finds g(L) > L.
 *
 * F. Zhang, A. Burns, IEEE TC 58(9), 2009; `oracles.md` 3.2 (demand). A001 for parameters out of range.
 * L falls in every step; usually there are few, and at worst as many as deadlines.
 */
export function qpaTest(tasks: readonly SporadicTask[]): Exact {
  const set = tasks.map(exact);
  const horizon = demandHorizon(set);
  if (horizon === undefined) return 'unschedulable'; // U > 1
  if (set.length === 0) return 'schedulable';
  const first = set.map(({ d }) => d).reduce(min);
  let L = lastDeadline(set, horizon + 1n);
  while (L !== undefined && L >= first) {
    const g = exactDemand(set, L);
    if (g > L) return 'unschedulable';
    L = g < L ? g : lastDeadline(set, L);
  }
  return 'schedulable';
}
