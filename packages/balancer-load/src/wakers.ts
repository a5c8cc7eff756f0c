import type { Kernel, Nanos, Task } from '@proxysched/core';

/** How often a task woke another one than the time before, lately; who that was. */
interface Flips {
  nr: number;
  decayedAt: number;
  last: Task | null;
}

/** Who wakes whom (`record_wakee`): the more partners a task changes between, the less it gains by being near one of them. */
export class Wakers {
  /** By number: the idle tasks, which have no pid of their own, by CPU; then the others by pid. */
  private readonly flips: (Flips | undefined)[];
  private readonly tick: Nanos;
  private readonly second: number;

  constructor(private readonly kernel: Kernel) {
    const { hz, cpus } = kernel.machine;
    this.flips = Array.from({ length: cpus }, () => undefined);
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
    return this.flips[this.numberOf(p)]?.nr ?? 0;
  }

  private of(p: Task): Flips {
    const nr = this.numberOf(p);
    while (this.flips.length <= nr) this.flips.push(undefined);
    return (this.flips[nr] ??= { nr: 0, decayedAt: 0, last: null });
  }

  private numberOf(p: Task): number {
    return p.pid === 0 ? p.cpu : this.kernel.machine.cpus + p.pid;
  }
}
