import { formatDuration } from '@proxysched/workload';
import type { Nanos, Probe } from '@proxysched/core';
import type { Io } from './io.js';

const PATIENCE_MS = 500;
const REFRESH_MS = 100;
/** Looking at the clock costs more than an event. */
const LOOK_EVERY = 4096;

/** One line on a terminal that tells how far a run is, after half a second of silence. */
export class Progress {
  private events = 0;
  private next: number;
  private shown = false;
  private readonly began: number;

  constructor(
    private readonly io: Io,
    private readonly until: Nanos,
  ) {
    this.began = io.now();
    this.next = this.began + PATIENCE_MS;
  }

  /** Absent where nobody would see it, so that the loop has nothing to call. */
  get probe(): Probe | undefined {
    if (!this.io.stderr.isTTY) return undefined;
    return kernel => {
      if (++this.events % LOOK_EVERY === 0) this.look(kernel.queue.now);
    };
  }

  end(): void {
    if (this.shown) this.io.stderr.write('\r\u001b[K');
  }

  private look(simulated: Nanos): void {
    const now = this.io.now();
    if (now < this.next) return;
    this.next = now + REFRESH_MS;
    this.shown = true;
    const seconds = (now - this.began) / 1000;
    const rate = Math.round(this.events / seconds / 1000);
    const left = simulated === 0 ? '?' : Math.ceil((seconds * (this.until - simulated)) / simulated);
    const ms = Math.floor(simulated / 1e6);
    this.io.stderr.write(`\r\u001b[K${ms} ms of ${formatDuration(this.until)} simulated, ${rate} k events/s, ${left} s to go`);
  }
}
