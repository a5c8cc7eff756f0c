import { floorDiv, mulDivFloor, type Nanos, type Policy } from '@proxysched/core';
import { badParameters, overcommitted } from './errors.js';

type DeadlinePolicy = Extract<Policy, { kind: 'deadline' }>;

/** All of a CPU, in the fixed point of bandwidths. */
export const BW_UNIT = 2 ** 20;

/** Bandwidth ⌊Q · 2^20 / P⌋, exact whatever Q. */
export function bandwidth(runtime: Nanos, period: Nanos): number {
  return mulDivFloor(runtime, BW_UNIT, period);
}

/** Throws `AdmissionError` (D002) unless 1024 ns ≤ runtime ≤ deadline ≤ period, as `sched_setattr` would. */
export function validate(task: string, policy: DeadlinePolicy): void {
  const { runtime, deadline, period } = policy;
  if (runtime >= 1024 && runtime <= deadline && deadline <= period) return;
  throw badParameters(task, `${runtime} / ${deadline} / ${period} ns`);
}

/**
 * The bandwidth of a root domain of equal CPUs (`rt-and-deadline.md` 8, 10): what was given, tasks and servers together, and
 * what is left over on each CPU, which reclaiming may use. On several CPUs admission bounds tardiness; it does not exclude misses.
 */
export class RootDomain {
  /** Given so far, in the whole domain. */
  total = 0;
  /** Given to nobody, per CPU; each addition takes its CPU's part in whole units. */
  extraBw: number;

  constructor(
    public cpus: number,
    /** The most that may be given of each CPU (`max_bw`). */
    readonly limit: number,
    /** Whether more is refused. */
    private readonly admission: boolean,
  ) {
    this.extraBw = limit;
  }

  /** Gives `bw` to `task`, which gives `old` back. Throws `AdmissionError` (D001) when that is more than there is. */
  admit(task: string, bw: number, old = 0): void {
    const total = this.total - old + bw;
    if (this.admission && bw > 0 && total > this.limit * this.cpus) throw overcommitted(task, total, this.limit * this.cpus);
    this.total = total;
    this.extraBw += floorDiv(old, this.cpus) - floorDiv(bw, this.cpus);
  }

  /** Whether what was given fits on one CPU less, without `bw` of its own. */
  canShrink(bw: number): boolean {
    return !this.admission || this.total - bw <= this.limit * (this.cpus - 1);
  }

  /** One CPU less, or more, whose server takes `bw`; what is left over is shared out anew. */
  resize(by: -1 | 1, bw: number): void {
    this.cpus += by;
    this.total += by * bw;
    this.extraBw = this.limit - floorDiv(this.total, this.cpus);
  }

  release(bw: number): void {
    this.admit('', 0, bw);
  }
}
