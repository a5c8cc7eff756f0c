import { compare, plus, ratio, times } from './rational.js';
import type { ImplicitTask, Sufficient } from './task-model.js';
import { share } from './utilization.js';

/**
 * Rate-monotonic priorities on one CPU meet D = T if the product of (U_i + 1) is at most 2. Sufficient only, and accepts every set
 * that Liu and Layland accept.
 *
 * E. Bini, G. Buttazzo, G. Buttazzo, IEEE TC 52(7), 2003; `oracles.md` 3.1. A001 for parameters out of range.
 */
export function hyperbolicTest(tasks: readonly ImplicitTask[]): Sufficient {
  const product = tasks.reduce((p, task) => times(p, plus(share(task), ratio(1n))), ratio(1n));
  return compare(product, ratio(2n)) <= 0 ? 'schedulable' : 'undecided';
}
