import { SD_SHARE_CPUCAPACITY, sdHas, type CpuId, type Kernel, type RunQueue } from '@proxysched/core';
import { isReduced } from './capacity.js';
import type { DomainBalancer } from './domain-balancer.js';

/**
 * Idle CPUs have no tick that would make them balance. The tick of a busy one asks one of them to do it for all, when it is time and there
 * may be something to do (`nohz_balancer_kick`, `_nohz_idle_balance`; `pelt-and-balance.md` 6.1).
 */
export class NohzBalance {
  /** Jiffies: when any of the idle CPUs is next due. */
  private next = 0;
  /** A CPU has become idle, so that may be sooner. */
  private stale = false;

  private readonly kernel: Kernel;

  constructor(private readonly b: DomainBalancer) {
    this.kernel = b.kernel;
  }

  becameIdle(): void {
    this.stale = true;
  }

  /** The tick of `rq`, which is busy. */
  tick(rq: RunQueue): void {
    if (this.kernel.idleCpus.size === 0) return;
    const now = this.b.jiffies();
    if (now >= this.next && this.hasWork(rq)) {
      this.next = now + 1;
      const ilb = this.findIdle(rq.cpu);
      if (ilb >= 0) this.balanceFor(ilb as CpuId);
    } else if (this.stale) {
      this.findNext();
    }
    this.stale = false;
  }

  /** Whether `rq` has a task that an idle CPU may want, or it looks like that nearby. */
  private hasWork(rq: RunQueue): boolean {
    const { kernel } = this;
    if (rq.nrRunning >= 2) return true;
    const { topology } = kernel;
    const sd = topology.domains[rq.cpu] ?? null;
    if (sd === null) return false;
    const { cpu } = rq;
    if (this.b.load.hNrRunnable(cpu) >= 1 && isReduced(rq.cpuCapacity, topology.capacity[cpu]!, sd.imbalancePct)) return true;
    if (topology.asymmetric) return this.b.sums.misfitLoad(cpu) > 0;
    return this.nrBusyInCache(cpu) > 1;
  }

  private nrBusyInCache(cpu: CpuId): number {
    const { topology, idleCpus } = this.kernel;
    const llc = topology.llc[cpu];
    if (llc === undefined || llc === null) return 0;
    let idle = 0;
    for (let c = idleCpus.nextIn(-1, llc.span); c >= 0; c = idleCpus.nextIn(c, llc.span)) idle++;
    return llc.weight - idle;
  }

  /** The first on an idle core, else the first (`find_new_ilb` of 7.3). */
  private findIdle(asking: CpuId): CpuId | -1 {
    const { idleCpus, topology } = this.kernel;
    let thread: CpuId | -1 = -1;
    for (let cpu = idleCpus.next(-1); cpu >= 0; cpu = idleCpus.next(cpu)) {
      if (cpu === asking) continue;
      const sd = topology.smt ? (topology.domains[cpu] ?? null) : null;
      if (sd === null || !sdHas(sd, SD_SHARE_CPUCAPACITY) || topology.threads[cpu]!.isSubsetOf(idleCpus)) return cpu;
      if (thread < 0) thread = cpu;
    }
    return thread;
  }

  /** On behalf of all idle CPUs, from the one after `ilb` on, itself last; not longer than it has nothing else to do. */
  private balanceFor(ilb: CpuId): void {
    const { idleCpus, rqs } = this.kernel;
    for (let cpu = idleCpus.next(ilb); cpu >= 0; cpu = idleCpus.next(cpu)) {
      if (rqs[ilb]!.needResched) return;
      this.balanceDue(cpu as CpuId);
    }
    for (let cpu = idleCpus.first(); cpu >= 0 && cpu <= ilb; cpu = idleCpus.next(cpu)) {
      if (rqs[ilb]!.needResched) return;
      this.balanceDue(cpu as CpuId);
    }
    this.findNext();
  }

  private balanceDue(cpu: CpuId): void {
    if (this.b.isDue(cpu)) this.b.balance(this.kernel.rqs[cpu]!);
  }

  private findNext(): void {
    const { idleCpus } = this.kernel;
    let next = Infinity;
    for (let cpu = idleCpus.first(); cpu >= 0; cpu = idleCpus.next(cpu)) next = Math.min(next, this.b.dueAt(cpu as CpuId));
    if (next !== Infinity) this.next = next;
  }
}
