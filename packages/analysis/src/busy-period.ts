import type { Bound } from './bound.js';
import { ceilDiv, exact, integer, time, type ExactTask } from './exact.js';
import { compare, ratio, sum } from './rational.js';
import type { Interferer, Time } from './task-model.js';

/**
 * The longest time for which one CPU can be busy with these tasks without a pause, all released together after their jitter, with
 * `blocking` of other work at the start: smallest L > 0 with L = B + sum of ceil((L + J) / T) C. 0 for no tasks.
 *
 * L exists if U < 1; if U = 1, only without jitter and blocking, and is then the hyperperiod at most. Otherwise `unbounded`.
 * J. Lehoczky, RTSS 1990. A001 for parameters out of range. Time: as many steps as jobs fit in L; long when U is near 1.
 */
export function busyPeriod(tasks: readonly Interferer[], blocking: Time = 0): Bound {
  const L = exactBusyPeriod(tasks.map(exact), integer(blocking, 0, 'blocking'));
  return L === undefined ? 'unbounded' : time(L, 'busy period');
}

/** Not exported from the package. */
export function exactBusyPeriod(tasks: readonly ExactTask[], blocking: bigint): bigint | undefined {
  const load = compareLoad(tasks);
  if (load > 0 || (load === 0 && (blocking > 0n || tasks.some(({ j }) => j > 0n)))) return undefined;
  return fixedPoint(tasks, blocking, blocking + tasks.reduce((c, task) => c + task.c, 0n));
}

/** Smallest w >= start with w = own + interference(w), if start is not above it. The caller knows that there is one. */
export function fixedPoint(tasks: readonly ExactTask[], own: bigint, start: bigint): bigint {
  for (let w = start; ;) {
    const next = own + tasks.reduce((i, { c, t, j }) => i + ceilDiv(w + j, t) * c, 0n);
    if (next === w) return w;
    w = next; // grows: interference does not fall with w
  }
}

/** Negative, 0, positive as the tasks ask for less than, exactly, more than one CPU. */
export function compareLoad(tasks: readonly ExactTask[]): number {
  return compare(sum(tasks.map(({ c, t }) => ratio(c, t))), ratio(1n));
}
