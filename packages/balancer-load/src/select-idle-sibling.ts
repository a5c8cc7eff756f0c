import { CpuSet, SD_CLUSTER, type CpuId, type Kernel, type SchedDomain, type Task } from '@proxysched/core';
import { fitsCapacity } from './capacity.js';
import type { IdleCpus } from './idle-cpus.js';

/**
 * The fast path of a wake-up: somewhere idle near the CPU that the task is drawn to (`select_idle_sibling`; `pelt-and-balance.md` 4.2).
 * Per-CPU kernel threads, which may stay with who wakes them, do not exist here.
 */
export class SelectIdleSibling {
  /** By pid: the CPU before the previous one. */
  private readonly recentUsed: (CpuId | undefined)[] = [];
  private readonly cpus: CpuSet;
  private readonly rest: CpuSet;
  /** What of `p` has to fit where sizes differ. */
  private util = 0;
  /** A thread that is idle, seen in the search for a core that is. */
  private thread: CpuId | -1 = -1;

  constructor(
    private readonly kernel: Kernel,
    private readonly idle: IdleCpus,
    /** `SIS_UTIL`: the search is limited by utilisation. */
    private readonly limited: boolean,
  ) {
    const { nrCpus } = kernel.topology;
    this.cpus = new CpuSet(nrCpus);
    this.rest = new CpuSet(nrCpus);
  }

  select(p: Task, prev: CpuId, target: CpuId): CpuId {
    const { topology } = this.kernel;
    this.util = topology.asymmetric ? (this.idle.load?.taskUtilEst(p) ?? 0) : 0;
    if (this.suits(target)) return target;
    const nearPrev = prev !== target && topology.sharesCache(prev, target) && this.suits(prev);
    if (nearPrev && topology.sharesCluster(prev, target)) return prev;
    let recent = this.recentUsed[p.pid] ?? prev;
    this.recentUsed[p.pid] = prev;
    if (
      recent !== prev &&
      recent !== target &&
      topology.sharesCache(recent, target) &&
      p.exec.cpusAllowed.has(recent) &&
      this.suits(recent)
    ) {
      if (topology.sharesCluster(recent, target)) return recent;
    } else {
      recent = -1 as CpuId;
    }
    const asym = topology.asymCapacity[target] ?? null;
    if (topology.asymmetric && asym !== null) return or(this.selectCapacity(p, asym, target), target);
    const llc = topology.llc[target] ?? null;
    if (llc === null) return target;
    const found = this.searchCache(p, llc, prev, target);
    if (found >= 0) return found as CpuId;
    return nearPrev ? prev : or(recent, target);
  }

  /** Free, and big enough where that is a question. */
  private suits(cpu: CpuId): boolean {
    return this.idle.isFree(cpu) && this.fits(cpu);
  }

  /** `asym_fits_cpu`. */
  private fits(cpu: CpuId): boolean {
    return !this.kernel.topology.asymmetric || fitsCapacity(this.util, this.kernel.rqs[cpu]!.cpuCapacity);
  }

  /** `select_idle_capacity`: the first that fits, else the largest. */
  private selectCapacity(p: Task, sd: SchedDomain, target: CpuId): CpuId | -1 {
    const { cpus, idle } = this;
    cpus.setToBoth(sd.span, p.exec.cpusAllowed);
    let best: CpuId | -1 = -1;
    let most = 0;
    // From the target itself on.
    const before = (target - 1) as CpuId;
    for (let cpu = idle.scan(cpus, before, Infinity); cpu >= 0; cpu = idle.scan(cpus, before, Infinity)) {
      const { cpuCapacity } = this.kernel.rqs[cpu]!;
      if (fitsCapacity(this.util, cpuCapacity)) return cpu;
      if (cpuCapacity > most) {
        most = cpuCapacity;
        best = cpu;
      }
      cpus.delete(cpu as CpuId);
    }
    return best;
  }

  private searchCache(p: Task, llc: SchedDomain, prev: CpuId, target: CpuId): CpuId | -1 {
    const { topology } = this.kernel;
    const idleCores = topology.smt && llc.shared!.hasIdleCores;
    if (topology.smt && !idleCores && topology.sharesCache(prev, target)) {
      const thread = this.idleThread(p, prev, llc);
      if (thread >= 0) return thread;
    }
    return this.selectIdleCpu(p, llc, target, idleCores);
  }

  /** `select_idle_smt`: a thread beside `prev`. */
  private idleThread(p: Task, prev: CpuId, llc: SchedDomain): CpuId | -1 {
    const threads = this.kernel.topology.threads[prev]!;
    for (let cpu = threads.nextIn(-1, p.exec.cpusAllowed); cpu >= 0; cpu = threads.nextIn(cpu, p.exec.cpusAllowed)) {
      if (cpu !== prev && llc.span.has(cpu as CpuId) && this.idle.isFree(cpu as CpuId)) return cpu;
    }
    return -1;
  }

  /** `select_idle_cpu`: the CPUs under the target's cache, those of its cluster first. */
  private selectIdleCpu(p: Task, llc: SchedDomain, target: CpuId, idleCores: boolean): CpuId | -1 {
    const { cpus, rest, idle } = this;
    let nr = this.limited ? llc.shared!.nrIdleScan : Infinity;
    if (nr === 0) return -1;
    cpus.setToBoth(llc.span, p.exec.cpusAllowed);
    this.thread = -1;
    const near = llc.groups.span;
    if (this.kernel.topology.clusters && (llc.groups.flags & SD_CLUSTER) !== 0) {
      rest.setToBoth(near, cpus);
      for (let cpu = rest.first(); cpu >= 0; cpu = rest.next(cpu)) cpus.delete(cpu as CpuId);
      const found = idleCores ? this.idleCore(rest, target) : idle.scan(rest, target, nr);
      if (found >= 0) return found;
      nr -= rest.size;
      if (!idleCores && nr <= 0) return -1;
    }
    if (!idleCores) return idle.scan(cpus, target, nr);
    const core = this.idleCore(cpus, target);
    if (core >= 0) return core;
    llc.shared!.hasIdleCores = false;
    return this.thread;
  }

  /** `select_idle_core` for one core after another; takes those that are not idle out of `cpus`, and notes an idle thread. */
  private idleCore(cpus: CpuSet, target: CpuId): CpuId | -1 {
    while (cpus.size > 0) {
      const core = cpus.nextWrap(target, cpus) as CpuId;
      const threads = this.kernel.topology.threads[core]!;
      if (this.isIdleCore(threads, cpus)) return core;
      for (let cpu = threads.first(); cpu >= 0; cpu = threads.next(cpu)) cpus.delete(cpu as CpuId);
    }
    return -1;
  }

  private isIdleCore(threads: CpuSet, cpus: CpuSet): boolean {
    const { idle } = this;
    let all = true;
    for (let cpu = threads.first(); cpu >= 0; cpu = threads.next(cpu)) {
      const c = cpu as CpuId;
      const free = idle.isIdle(c);
      if (!free) all = false;
      if (this.thread < 0 && (free || idle.isSchedIdle(c)) && cpus.has(c)) this.thread = c;
      if (!free && this.thread >= 0) break;
    }
    return all;
  }
}

const or = (cpu: CpuId | -1, otherwise: CpuId): CpuId => (cpu >= 0 ? (cpu as CpuId) : otherwise);
