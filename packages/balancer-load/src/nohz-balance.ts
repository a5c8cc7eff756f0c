import { SD_SHARE_CPUCAPACITY, sdHas, type CpuId, type Kernel, type RunQueue } from '@proxysched/core';
import { isReduced } from './capacity.js';
import type { DomainBalancer } from './domain-balancer.js';

/** Time between two kicks for the sake of fading load alone, ms: its half life (`LOAD_AVG_PERIOD`). */
const FADE_MS = 32;

/**
 * Idle CPUs have no tick that would make them balance, or age the load that tasks left behind. The tick of a busy one asks one of them to
 * do it for all, when it is time and there may be something to do (`nohz_balancer_kick`, `_nohz_idle_balance`; `pelt-and-balance.md` 6.1).
 */
export class NohzBalance {
  /** Jiffies: when any of the idle CPUs is next due. */
  private next = 0;
  /** A CPU has become idle, so that may be sooner. */
  private stale = false;
  /** Load may be fading on an idle CPU; on which; jiffies: until when it is as fresh as need be. */
  private fades = false;
  private readonly fading: Uint8Array;
  private freshUntil = 0;

  private readonly kernel: Kernel;

  constructor(private readonly b: DomainBalancer) {
    this.kernel = b.kernel;
    this.fading = new Uint8Array(b.kernel.rqs.length);
  }

  becameIdle(cpu: CpuId): void {
    this.stale = true;
    this.fades = true;
    this.fading[cpu] = 1;
  }

  /** The tick of `rq`, which is busy. */
  tick(rq: RunQueue): void {
    if (this.kernel.idleCpus.size === 0) return;
    const now = this.b.jiffies();
    const balances = now >= this.next && this.hasWork(rq);
    const ages = balances || (this.fades && now > this.freshUntil);
    if (balances) this.next = now + 1;
    if (ages) {
      const ilb = this.findIdle(rq.cpu);
      if (ilb >= 0) this.lookFor(ilb as CpuId, balances);
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
  private lookFor(ilb: CpuId, balances: boolean): void {
    const { idleCpus } = this.kernel;
    this.fades = false;
    for (let cpu = idleCpus.next(ilb); cpu >= 0; cpu = idleCpus.next(cpu)) if (!this.look(ilb, cpu as CpuId, balances)) return;
    for (let cpu = idleCpus.first(); cpu >= 0 && cpu <= ilb; cpu = idleCpus.next(cpu)) if (!this.look(ilb, cpu as CpuId, balances)) return;
    this.freshUntil = this.b.jiffies() + Math.ceil((FADE_MS * this.b.hz) / 1000);
    this.findNext();
  }

  /** False: `ilb` has got work, and leaves the others as they are. */
  private look(ilb: CpuId, cpu: CpuId, balances: boolean): boolean {
    if (this.kernel.rqs[ilb]!.needResched) {
      this.fades = true;
      return false;
    }
    if (this.fading[cpu] === 1) this.age(cpu);
    if (balances && this.b.isDue(cpu)) this.b.balance(this.kernel.rqs[cpu]!);
    return true;
  }

  private age(cpu: CpuId): void {
    const { load } = this.b;
    load.refresh(cpu);
    if (load.loadAvg(cpu) > 0 || load.utilAvg(cpu) > 0) this.fades = true;
    else this.fading[cpu] = 0;
  }

  private findNext(): void {
    const { idleCpus } = this.kernel;
    let next = Infinity;
    for (let cpu = idleCpus.first(); cpu >= 0; cpu = idleCpus.next(cpu)) next = Math.min(next, this.b.dueAt(cpu as CpuId));
    if (next !== Infinity) this.next = next;
  }
}
