import { SchedAvg, updateAverages, updateSums, type CpuId, type Kernel, type RunQueue } from '@proxysched/core';

/**
 * What higher classes leave of each CPU: its capacity less the average time they use (`scale_rt_capacity`). They are tracked together, by
 * who is donor.
 */
export class CapacityLeft {
  private readonly used: SchedAvg[];
  /** By CPU: a donor of a higher class was there at the last switch. */
  private readonly taken: Uint8Array;

  /** `rank`: that of the balanced class. */
  constructor(
    private readonly kernel: Kernel,
    private readonly rank: number,
  ) {
    this.used = kernel.rqs.map(() => new SchedAvg(kernel.queue.now));
    this.taken = new Uint8Array(kernel.rqs.length);
  }

  /** `rq` has switched. */
  switched(rq: RunQueue): void {
    const taken = this.kernel.rank(rq.donor.sched.cls) < this.rank ? 1 : 0;
    if (taken === this.taken[rq.cpu]) return;
    this.update(rq.cpu);
    this.taken[rq.cpu] = taken;
  }

  /** At least 1. */
  of(cpu: CpuId): number {
    this.update(cpu);
    return Math.max(1, this.kernel.topology.capacity[cpu]! - this.used[cpu]!.utilAvg);
  }

  private update(cpu: CpuId): void {
    const avg = this.used[cpu]!;
    const running = this.taken[cpu]!;
    if (updateSums(avg, this.kernel.queue.now, running, running, running === 1)) updateAverages(avg, 1);
  }
}
