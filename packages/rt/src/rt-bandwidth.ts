import { NEVER, RANK_SUPPLY, type Kernel, type Nanos, type RunQueue, type Timer } from '@proxysched/core';

/**
 * The runtime limit of Linux up to 6.11 on one CPU (fact sheet 7). Time used adds up; once it exceeds the limit no
 * real-time context is picked here. At the end of each period one limit's worth is forgiven, and below the limit they run
 * again. So with an exact timer use in any period is at most `runtime`; with a tick the overrun, at most one tick, is paid
 * back in the next period.
 */
export class RtBandwidth {
  throttled: boolean;
  /** Used and not yet forgiven. */
  private time: Nanos = 0;
  private readonly timer: Timer;

  constructor(
    private readonly kernel: Kernel,
    private readonly rq: RunQueue,
    private readonly runtime: Nanos,
    private readonly period: Nanos,
    private readonly hasTasks: () => boolean,
  ) {
    this.throttled = runtime === 0;
    this.timer = kernel.queue.timer(`rtPeriod/${rq.cpu}`, RANK_SUPPLY, () => this.endOfPeriod());
  }

  /** Somebody joined the queue: periods count from here unless they are running already. */
  start(): void {
    if (this.timer.at < 0) this.kernel.queue.arm(this.timer, this.kernel.queue.now + this.period);
  }

  charge(delta: Nanos): void {
    this.time += delta;
    if (this.throttled || !this.exceeded()) return;
    this.throttled = true;
    this.kernel.trace.classMark(this.kernel.queue.now, this.rq.cpu, 'throttle', this.rq.donor, this.time);
    this.kernel.resched(this.rq);
  }

  /** Until the limit is reached, ns. */
  left(): Nanos {
    return this.throttled ? NEVER : this.runtime - this.time;
  }

  /** The kernel tests for more than the limit; an exact timer comes at the very instant it is reached. */
  private exceeded(): boolean {
    return this.kernel.machine.hz === null ? this.time >= this.runtime : this.time > this.runtime;
  }

  private endOfPeriod(): void {
    this.kernel.charge(this.rq);
    this.time -= Math.min(this.time, this.runtime);
    if (this.throttled && this.time < this.runtime) {
      this.throttled = false;
      this.kernel.trace.classMark(this.kernel.queue.now, this.rq.cpu, 'replenish', this.rq.donor, this.time);
    }
    // Also when nothing was throttled: the timer for the end of the budget stands where the old budget ended.
    this.kernel.resched(this.rq);
    if (this.time > 0 || this.hasTasks()) this.start();
  }
}
