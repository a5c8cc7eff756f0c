import { compareLoad, exactBusyPeriod } from './busy-period.js';
import { exact, integer, max, min, time, type ExactTask } from './exact.js';
import { floor, minus, over, plus, ratio, sum, times, type Rational } from './rational.js';
import type { SporadicTask, Time } from './task-model.js';

/**
 * g(L): the execution that jobs released and due within an interval of length L may ask for,
 *
 *     g(L) = sum of max(0, floor((L - D) / T) + 1) C.
 *
 * A set meets all deadlines under EDF on one CPU if and only if U <= 1 and g(L) <= L for all L > 0 (S. Baruah, A. Mok, L. Rosier,
 * RTSS 1990). g rises at absolute deadlines D + k T of the synchronous pattern alone, so those are the L to look at.
 *
 * `oracles.md` 3.2. `length` is at least 0. A001 for parameters out of range, A002 if the demand is.
 */
export function demand(tasks: readonly SporadicTask[], length: Time): Time {
  return time(exactDemand(tasks.map(exact), integer(length, 0, 'length')), 'demand');
}

/** Not exported from the package. */
export function exactDemand(tasks: readonly ExactTask[], length: bigint): bigint {
  return tasks.reduce((g, { c, t, d }) => (length < d ? g : g + ((length - d) / t + 1n) * c), 0n);
}

/**
 * L* = sum of (T - D) U / (1 - U), beyond which a set with U < 1 cannot ask for more than there is, unless some D - T is larger still.
 * `unbounded` if U >= 1: then there is no such length. `oracles.md` 3.2. A001 for parameters out of range.
 */
export function demandLimit(tasks: readonly SporadicTask[]): Rational | 'unbounded' {
  const set = tasks.map(exact);
  return compareLoad(set) >= 0 ? 'unbounded' : limit(set, 0n);
}

/** With work of `blocking` to be done before: (B + sum of (T - D) U) / (1 - U). */
function limit(tasks: readonly ExactTask[], blocking: bigint): Rational {
  const u = tasks.map(({ c, t }) => ratio(c, t));
  const spare = minus(ratio(1n), sum(u));
  const slack = tasks.map(({ t, d }, i) => times(ratio(t - d), u[i]!)).reduce(plus, ratio(blocking));
  return over(slack, spare);
}

/**
 * A length up to which it is enough to compare g(L) + `blocking` with L: the shorter of the synchronous busy period (M. Spuri,
 * INRIA RR-2772, 1996), where nothing blocks, and max(L*, all D - T) (F. Zhang, A. Burns, IEEE TC 58(9), 2009), where U < 1. The
 * first is at most the hyperperiod. `undefined` if there is no such length. Not exported from the package.
 */
export function demandHorizon(tasks: readonly ExactTask[], blocking = 0n): bigint | undefined {
  const busy = blocking === 0n ? exactBusyPeriod(tasks, 0n) : undefined;
  if (compareLoad(tasks) >= 0) return busy;
  const end = tasks.reduce((l, { t, d }) => max(l, d - t), floor(limit(tasks, blocking)));
  return busy === undefined ? end : min(busy, end);
}

/** The first absolute deadline of the synchronous pattern after `after`; `undefined` for no tasks. Not exported from the package. */
export function nextDeadline(tasks: readonly ExactTask[], after: bigint): bigint | undefined {
  return tasks.reduce<bigint | undefined>((first, { t, d }) => {
    const next = after < d ? d : d + ((after - d) / t + 1n) * t;
    return first === undefined || next < first ? next : first;
  }, undefined);
}

/** The last absolute deadline before `before`; `undefined` if there is none. Not exported from the package. */
export function lastDeadline(tasks: readonly ExactTask[], before: bigint): bigint | undefined {
  return tasks.reduce<bigint | undefined>((last, { t, d }) => {
    if (before <= d) return last;
    const previous = d + ((before - 1n - d) / t) * t;
    return last === undefined || previous > last ? previous : last;
  }, undefined);
}
