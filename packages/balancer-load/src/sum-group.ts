import {
  SD_ASYM_CPUCAPACITY,
  SD_PREFER_SIBLING,
  SD_SHARE_CPUCAPACITY,
  sdHas,
  type CpuId,
  type Kernel,
  type LoadView,
  type SchedClass,
  type SchedGroup,
} from '@proxysched/core';
import { fitsCapacity, isReduced } from './capacity.js';
import { classifyGroup } from './classify-group.js';
import { cpuUtil } from './cpu-util.js';
import { OVERLOADED, type GroupStats } from './group-stats.js';
import { BUSY, type LbEnv } from './lb-env.js';

/** Sums over the CPUs of groups for a pass of balancing (`update_sg_lb_stats`). */
export class SumGroup {
  /** By `SchedGroup.id`: its CPU where it has just one, else −1. */
  private readonly only: (CpuId | -1)[] = [];

  constructor(
    private readonly kernel: Kernel,
    private readonly cls: SchedClass,
    private readonly load: LoadView,
  ) {}

  /** Refills `s` with what `sg` is now, and classifies it. */
  fill(s: GroupStats, sg: SchedGroup, env: LbEnv, isLocal: boolean): void {
    const { sgc, span } = sg;
    s.clear();
    s.capacity = sgc.capacity;
    s.minCapacity = sgc.minCapacity;
    s.maxCapacity = sgc.maxCapacity;
    s.weight = sg.weight;
    s.cores = sg.cores;
    s.smt = (sg.flags & SD_SHARE_CPUCAPACITY) !== 0;
    s.preferSibling = (sg.flags & SD_PREFER_SIBLING) !== 0;
    s.imbalance = sgc.imbalance;
    const only = this.onlyCpu(sg);
    if (only >= 0) {
      if (env.has(only as CpuId)) this.add(s, only as CpuId, env, isLocal);
    } else {
      for (let c = span.next(-1); c >= 0; c = span.next(c)) if (env.has(c as CpuId)) this.add(s, c as CpuId, env, isLocal);
    }
    if (!isLocal) s.smtBalance = env.idle !== BUSY && s.smt && s.hNrRunning > 1;
    s.type = classifyGroup(s, env.sd.imbalancePct);
    if (s.type === OVERLOADED) s.computeAvgLoad();
  }

  /** Of a group of one: nothing is there that could be moved. */
  isEmpty(sg: SchedGroup): boolean {
    const only = this.onlyCpu(sg);
    return only >= 0 && this.kernel.rqs[only]!.nrRunning === 0;
  }

  private onlyCpu(sg: SchedGroup): CpuId | -1 {
    return (this.only[sg.id] ??= sg.weight === 1 ? sg.span.first() : -1);
  }

  private add(s: GroupStats, cpu: CpuId, env: LbEnv, isLocal: boolean): void {
    const { kernel, load } = this;
    const { nrRunning, cpuCapacity } = kernel.rqs[cpu]!;
    const loadAvg = load.loadAvg(cpu);
    s.load += loadAvg;
    s.util += cpuUtil(load, kernel.topology, cpu);
    s.runnable += load.runnableAvg(cpu);
    s.nrRunning += nrRunning;
    if (nrRunning === 0) {
      if (kernel.idleCpus.has(cpu)) s.idleCpus++;
      return;
    }
    const hNrRunning = load.hNrRunnable(cpu);
    s.hNrRunning += hNrRunning;
    if (isLocal) return;
    if (sdHas(env.sd, SD_ASYM_CPUCAPACITY)) s.misfitLoad = Math.max(s.misfitLoad, this.misfitLoad(cpu));
    else if (env.idle !== BUSY && hNrRunning === 1 && isReduced(cpuCapacity, kernel.topology.capacity[cpu]!, env.sd.imbalancePct)) {
      s.misfitLoad = Math.max(s.misfitLoad, loadAvg);
    }
  }

  /** `misfit_task_load`: of who runs there, needs more than the CPU has, and may go elsewhere. */
  misfitLoad(cpu: CpuId): number {
    const rq = this.kernel.rqs[cpu]!;
    const p = rq.donor;
    if (p.sched.cls !== this.cls || p.exec.cpusAllowed.size === 1) return 0;
    return fitsCapacity(this.load.taskUtilEst(p), rq.cpuCapacity) ? 0 : Math.max(1, this.load.taskHLoad(p));
  }
}
