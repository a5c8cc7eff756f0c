import { LOAD_AVG_MAX, PELT_MIN_DIVIDER, type Nanos } from '@proxysched/core';

/** Sum of utilisation at and above which a CPU had no idle time left, whatever its capacity. */
const SATURATED = PELT_MIN_DIVIDER * 1024 - LOAD_AVG_MAX;

/**
 * `clock_pelt` of one CPU: the time that load is averaged over. While the CPU is busy it advances by capacity, so that a job
 * contributes the same wherever it runs; when idle it catches up with real time. The more a CPU lacks in capacity, the later that
 * is, and once it never idles the time it could not work off is not idle time: it is lost.
 */
export class PeltClock {
  private updated: Nanos = 0;
  private pelt: Nanos = 0;
  private lost: Nanos = 0;

  constructor(
    /** 1024: full. */
    private readonly capacity: number,
  ) {}

  get now(): Nanos {
    return this.pelt - this.lost;
  }

  /** `update_rq_clock_pelt`: up to `now` the CPU was idle, or busy. Each step is truncated. */
  update(now: Nanos, idle: boolean): void {
    if (idle) this.pelt = now;
    else this.pelt += Math.floor(((now - this.updated) * this.capacity) / 1024);
    this.updated = now;
  }

  /** `update_idle_rq_clock_pelt`: the CPU becomes idle, `utilSum` that of its classes together. */
  becomeIdle(utilSum: number): void {
    if (utilSum >= SATURATED) this.lost += this.updated - this.pelt;
    this.pelt = this.updated;
  }
}
