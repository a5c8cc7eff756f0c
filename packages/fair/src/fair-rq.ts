import type { Kernel, Nanos, RunQueue } from '@proxysched/core';
import { CfsRq } from './cfs-rq.js';
import { CfsTasks } from './cfs-tasks.js';
import { FairQueue } from './fair-queue.js';
import { PeltClock } from './pelt-clock.js';
import type { Rules } from './rules.js';

/** What the fair class keeps of one CPU. */
export class FairRq {
  readonly root: CfsRq;
  readonly tasks = new CfsTasks();
  readonly clock: PeltClock;
  /** 1024 = full. */
  readonly capacity: number;
  /** Load averages are kept. */
  private readonly tracks: boolean;

  constructor(
    readonly kernel: Kernel,
    readonly rules: Rules,
    readonly rq: RunQueue,
  ) {
    this.tracks = rules.loadTracking;
    this.capacity = Math.floor((kernel.topology.capacity[rq.cpu]! * rules.cpuCapacity) / 1024);
    this.clock = new PeltClock(this.capacity);
    this.root = new CfsRq(this, null, null, new FairQueue(rules));
  }

  get now(): Nanos {
    return this.kernel.queue.now;
  }

  /** The timeline that is picked from first: 7.3's only one. */
  get timeline(): FairQueue {
    return this.root.timeline;
  }

  /** `update_rq_clock`, as far as anybody reads it: once per call into the class. */
  updateClock(): void {
    if (this.tracks) this.clock.update(this.kernel.queue.now, this.rq.curr === this.rq.idle);
  }
}
