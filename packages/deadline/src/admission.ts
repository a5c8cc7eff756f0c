import { mulDivFloor, type Nanos, type Policy } from '@proxysched/core';
import { badParameters, overcommitted } from './errors.js';

type DeadlinePolicy = Extract<Policy, { kind: 'deadline' }>;

/** Bandwidth ⌊Q · 2^20 / P⌋, exact whatever Q. */
export function bandwidth(runtime: Nanos, period: Nanos): number {
  return mulDivFloor(runtime, 2 ** 20, period);
}

/** Throws `AdmissionError` (D002) unless 1024 ns ≤ runtime ≤ deadline ≤ period, as `sched_setattr` would. */
export function validate(task: string, policy: DeadlinePolicy): void {
  const { runtime, deadline, period } = policy;
  if (runtime >= 1024 && runtime <= deadline && deadline <= period) return;
  throw badParameters(task, `${runtime} / ${deadline} / ${period} ns`);
}

/**
 * The admission test of a root domain of `cpus` equal CPUs: the bandwidth given so far and `policy`'s together, or an
 * `AdmissionError` (D001). On several CPUs it bounds tardiness; it does not exclude misses.
 */
export function admit(task: string, policy: DeadlinePolicy, given: number, cpus: number, limit: number): number {
  const total = given + bandwidth(policy.runtime, policy.period);
  if (total > limit * cpus) throw overcommitted(task, total, limit * cpus);
  return total;
}
