import { demandHorizon, exactDemand, nextDeadline } from './demand.js';
import { byValue, constrained, exact, max } from './exact.js';
import { compare, plus, ratio } from './rational.js';
import type { BlockedTask, Sufficient } from './task-model.js';

/**
 * EDF with the stack resource policy on one CPU: with tasks sorted by growing D, for all k
 *
 *     sum over i <= k of C_i / D_i  +  B_k / D_k  <=  1,
 *
 * where B_k is the longest section of a task with a longer deadline on a lock whose ceiling reaches k (`ceilingBlocking`, with levels by
 * deadline). Sufficient only. For D <= T; A003 otherwise. A001 for parameters out of range.
 *
 * T. Baker, RTS 3(1), 1991; `oracles.md` 3.2, `locking.md` 6 (both for D = T).
 */
export function srpTest(tasks: readonly BlockedTask[]): Sufficient {
  const byDeadline = tasks.map(task => constrained(task, 'srpTest')).sort((x, y) => byValue(x.d, y.d) || byValue(x.b, y.b));
  let load = ratio(0n);
  return byDeadline.every(({ c, d, b }) => {
    load = plus(load, ratio(c, d));
    return compare(plus(load, ratio(b, d)), ratio(1n)) <= 0;
  })
    ? 'schedulable'
    : 'undecided';
}

/**
 * The same protocol by demand, for deadlines of any length: g(L) + B(L) <= L at every absolute deadline, where B(L) is B_k of the
 * longest D_k <= L (what blocks a more urgent task at L blocks k too). Sufficient only; accepts what `srpTest` accepts, and more.
 *
 * S. Baruah, ECRTS 2006, with bounds B_k in place of the sections. A001 for parameters out of range.
 */
export function srpDemandTest(tasks: readonly BlockedTask[]): Sufficient {
  const byDeadline = tasks.map(exact).sort((x, y) => byValue(x.d, y.d) || byValue(x.b, y.b));
  const last = byDeadline.at(-1);
  if (last === undefined) return 'schedulable';
  const horizon = demandHorizon(byDeadline, last.b);
  if (horizon === undefined) return 'undecided';
  for (let L = nextDeadline(byDeadline, 0n); L !== undefined && L <= max(horizon, last.d); L = nextDeadline(byDeadline, L)) {
    const at = L;
    const k = byDeadline.findLast(({ d }) => d <= at)!;
    if (exactDemand(byDeadline, at) + k.b > at) return 'undecided';
  }
  return 'schedulable';
}
