import { integer } from './exact.js';
import { compare, plus, ratio, times } from './rational.js';
import type { ImplicitTask, Sufficient } from './task-model.js';
import { utilization } from './utilization.js';

/**
 * Rate-monotonic priorities on one CPU meet D = T if U <= n (2^(1/n) - 1), where n is the number of tasks. Sufficient only.
 * Decided without the root: (1 + U/n)^n <= 2, in fractions.
 *
 * C. L. Liu, J. W. Layland, JACM 20(1), 1973; `oracles.md` 3.1. A001 for parameters out of range.
 */
export function liuLaylandTest(tasks: readonly ImplicitTask[]): Sufficient {
  const n = BigInt(tasks.length);
  if (n === 0n) return 'schedulable';
  const base = plus(ratio(1n), times(utilization(tasks), ratio(1n, n)));
  let product = base;
  for (let i = 1n; i < n; i++) product = times(product, base);
  return compare(product, ratio(2n)) <= 0 ? 'schedulable' : 'undecided';
}

/**
 * n (2^(1/n) - 1) for printing: 1, 0.828..., 0.779..., and so on down to ln 2. `n` is at least 1 (A001).
 * The root is found by bisection, which every engine does alike; within 1e-12 for up to a thousand tasks.
 */
export function liuLaylandBound(n: number): number {
  integer(n, 1, 'number of tasks');
  let low = 0; // (1 + low / n)^n <= 2 < (1 + high / n)^n, or nearly
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    let product = 1;
    for (let i = 0; i < n; i++) product *= 1 + middle / n;
    if (product <= 2) low = middle;
    else high = middle;
  }
  return high;
}
