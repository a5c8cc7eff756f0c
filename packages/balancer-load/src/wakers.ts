import type { Kernel, Nanos, Task } from '@proxysched/core';

/** How often a task woke another one than the time before, lately; who that was. */
interface Flips {
  nr: number;
  decayedAt: number;
  last: Task | null;
}

/** Who wakes whom (`record_wakee`): the more partners a task changes between, the less it gains by being near one of them. */
export class Wakers {
  private readonly flips = new Map<Task, Flips>();
  private readonly tick: Nanos;
  private readonly second: number;

  constructor(private readonly kernel: Kernel) {
    const { hz } = kernel.machine;
    // The kernel counts in ticks. Without them, a nanosecond is as good.
    this.tick = hz === null ? 1 : Math.round(1e9 / hz);
    this.second = hz ?? 1e9;
  }

  /** `waker`, an idle task where an interrupt came in on an idle CPU, wakes `p`. */
  record(waker: Task, p: Task): void {
    const flips = this.of(waker);
    const now = Math.floor(this.kernel.queue.now / this.tick);
    if (now > flips.decayedAt + this.second) {
      flips.nr >>= 1;
      flips.decayedAt = now;
    }
    if (flips.last === p) return;
    flips.last = p;
    flips.nr++;
  }

  nrFlips(p: Task): number {
    return this.flips.get(p)?.nr ?? 0;
  }

  private of(p: Task): Flips {
    let flips = this.flips.get(p);
    if (flips === undefined) this.flips.set(p, (flips = { nr: 0, decayedAt: 0, last: null }));
    return flips;
  }
}
