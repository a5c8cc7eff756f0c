import {
  SD_ASYM_CPUCAPACITY,
  SD_NUMA,
  sdHas,
  type CpuId,
  type Kernel,
  type SchedDomain,
  type SchedGroup,
  type Task,
} from '@proxysched/core';
import { fitsCapacity } from './capacity.js';
import { classifyGroup } from './classify-group.js';
import { cpuUtil } from './cpu-util.js';
import { FULLY_BUSY, GroupStats, OVERLOADED } from './group-stats.js';
import type { IdleCpus } from './idle-cpus.js';
import { isIdler, leavesLocal } from './idlest-group.js';

/**
 * The slow path, for a task that starts: from the widest domain down the idlest group, then the idlest CPU in it
 * (`sched_balance_find_dst_cpu`; `pelt-and-balance.md` 4.3). Looks at every CPU of a domain.
 */
export class FindIdlestCpu {
  private local = new GroupStats();
  private best = new GroupStats();
  private next = new GroupStats();

  constructor(
    private readonly kernel: Kernel,
    private readonly idle: IdleCpus,
  ) {}

  /** `flag`: what a domain must be for to be asked. `from`: the CPU it starts from. */
  find(widest: SchedDomain, p: Task, from: CpuId, prev: CpuId, flag: number): CpuId {
    if (widest.span.firstIn(p.exec.cpusAllowed) < 0) return prev;
    let cpu = from;
    let found = from;
    for (let sd: SchedDomain | null = widest; sd !== null;) {
      const group = sdHas(sd, flag) ? this.findGroup(sd, p, cpu) : null;
      if (group !== null) found = this.findCpu(group, p, cpu);
      if (group === null || found === cpu) {
        sd = sd.child;
        continue;
      }
      cpu = found;
      sd = this.widestBelow(cpu, sd.weight, flag);
    }
    return found;
  }

  private widestBelow(cpu: CpuId, weight: number, flag: number): SchedDomain | null {
    let widest: SchedDomain | null = null;
    for (let sd = this.kernel.topology.domains[cpu] ?? null; sd !== null && sd.weight < weight; sd = sd.parent)
      if (sdHas(sd, flag)) widest = sd;
    return widest;
  }

  /** `sched_balance_find_dst_group`: `null`: it may stay in the local one. */
  private findGroup(sd: SchedDomain, p: Task, cpu: CpuId): SchedGroup | null {
    let local: SchedGroup | null = null;
    let idlest: SchedGroup | null = null;
    let group = sd.groups;
    do {
      if (group.span.firstIn(p.exec.cpusAllowed) >= 0) {
        if (group.span.has(cpu)) {
          local = group;
          this.sum(this.local, sd, group, p);
        } else {
          this.sum(this.next, sd, group, p);
          if (isIdler(idlest === null ? null : this.best, this.next)) {
            idlest = group;
            [this.best, this.next] = [this.next, this.best];
          }
        }
      }
      group = group.next;
    } while (group !== sd.groups);
    if (idlest === null || local === null) return idlest;
    const rivals = {
      numa: sdHas(sd, SD_NUMA),
      imbalancePct: sd.imbalancePct,
      imbNumaNr: Math.min(local.span.countIn(p.exec.cpusAllowed), sd.imbNumaNr),
    };
    return leavesLocal(this.local, this.best, rivals) ? idlest : null;
  }

  /** `update_sg_wakeup_stats`. A task that starts has no load anywhere that would have to be left out. */
  private sum(s: GroupStats, sd: SchedDomain, group: SchedGroup, p: Task): void {
    const { load } = this.idle;
    s.clear();
    s.capacity = group.sgc.capacity;
    s.minCapacity = group.sgc.minCapacity;
    s.maxCapacity = group.sgc.maxCapacity;
    s.imbalance = group.sgc.imbalance;
    s.weight = group.weight;
    const asym = sdHas(sd, SD_ASYM_CPUCAPACITY);
    if (asym) s.misfitLoad = 1;
    for (let cpu = group.span.first(); cpu >= 0; cpu = group.span.next(cpu)) {
      const c = cpu as CpuId;
      const rq = this.kernel.rqs[c]!;
      s.nrRunning += rq.nrQueued;
      if (this.idle.isIdle(c)) s.idleCpus++;
      if (load === null) continue;
      s.load += load.loadAvg(c);
      s.util += cpuUtil(load, this.kernel.topology, c);
      s.runnable += load.runnableAvg(c);
      s.hNrRunning += load.hNrQueued(c);
      if (asym && s.misfitLoad !== 0 && fitsCapacity(load.taskUtilEst(p), rq.cpuCapacity)) s.misfitLoad = 0;
    }
    s.type = classifyGroup(s, sd.imbalancePct);
    if (s.type === FULLY_BUSY || s.type === OVERLOADED) s.computeAvgLoad();
  }

  /** `sched_balance_find_dst_group_cpu`: of idle ones, all in the same state, that which has become so last. */
  private findCpu(group: SchedGroup, p: Task, from: CpuId): CpuId {
    if (group.weight === 1) return group.span.first() as CpuId;
    let latest = -2;
    let idlest: CpuId | -1 = -1;
    let least = Infinity;
    let loaded = from;
    for (let cpu = group.span.firstIn(p.exec.cpusAllowed); cpu >= 0; cpu = group.span.nextIn(cpu, p.exec.cpusAllowed)) {
      const c = cpu as CpuId;
      if (this.idle.isSchedIdle(c)) return c;
      if (this.idle.isIdle(c)) {
        const { idleSince } = this.kernel.rqs[c]!;
        if (idleSince <= latest) continue;
        latest = idleSince;
        idlest = c;
      } else if (idlest < 0) {
        const load = this.idle.load === null ? this.kernel.rqs[c]!.nrQueued : this.idle.load.loadAvg(c);
        if (load >= least) continue;
        least = load;
        loaded = c;
      }
    }
    return idlest >= 0 ? (idlest as CpuId) : loaded;
  }
}
