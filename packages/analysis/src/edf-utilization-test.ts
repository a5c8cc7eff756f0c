import { exact } from './exact.js';
import { compareLoad } from './busy-period.js';
import { compare, ratio } from './rational.js';
import type { Exact, ImplicitTask, SporadicTask, Sufficient } from './task-model.js';
import { density } from './utilization.js';

/**
 * EDF on one CPU with D = T: schedulable if and only if U <= 1. A constant-bandwidth server counts with its budget and period, which
 * is what isolates hard tasks from served ones.
 *
 * C. L. Liu, J. W. Layland, JACM 20(1), 1973; L. Abeni, G. Buttazzo, RTSS 1998 (servers); `oracles.md` 3.2 and 3.5.
 * A001 for parameters out of range.
 */
export function edfUtilizationTest(tasks: readonly ImplicitTask[]): Exact {
  return compareLoad(tasks.map(exact)) <= 0 ? 'schedulable' : 'unschedulable';
}

/** EDF on one CPU: sum of C / min(D, T) <= 1. Sufficient only; `qpaTest` decides. `oracles.md` 3.2. A001 for parameters out of range. */
export function edfDensityTest(tasks: readonly SporadicTask[]): Sufficient {
  return compare(density(tasks), ratio(1n)) <= 0 ? 'schedulable' : 'undecided';
}
