import { CpuSet, type CpuId, type LoadView, type Nanos, type SchedEntity, type Task } from '@proxysched/core';
import { FairEntity } from './fair-entity.js';
import type { Hierarchy } from './hierarchy.js';
import { hLoad } from './load-tracking.js';

/** What balancers see of the fair class (`pelt-and-balance.md` 2, 4, 6). */
export class FairLoad implements LoadView {
  readonly withIdlePolicy: CpuSet;
  private readonly nrIdle: Int32Array;

  constructor(private readonly hierarchy: Hierarchy) {
    const { cpus } = hierarchy.kernel.machine;
    this.withIdlePolicy = new CpuSet(cpus);
    this.nrIdle = new Int32Array(cpus);
  }

  /** One of SCHED_IDLE more, or less, is queued. */
  countIdlePolicy(cpu: CpuId, by: 1 | -1): void {
    this.nrIdle[cpu]! += by;
    if (this.nrIdle[cpu] === 0) this.withIdlePolicy.delete(cpu);
    else this.withIdlePolicy.add(cpu);
  }

  nrIdlePolicy(cpu: CpuId): number {
    return this.nrIdle[cpu]!;
  }

  get tracked(): boolean {
    return this.hierarchy.rules.loadTracking;
  }

  refresh(cpu: CpuId): void {
    if (this.tracked) this.hierarchy.ageBlocked(this.hierarchy.rqs[cpu]!);
  }

  loadAvg(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.root.avg.loadAvg;
  }

  runnableAvg(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.root.avg.runnableAvg;
  }

  utilAvg(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.root.avg.utilAvg;
  }

  utilEst(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.root.utilEst;
  }

  hNrQueued(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.root.hNrQueued;
  }

  hNrRunnable(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.root.hNrRunnable;
  }

  taskLoad(p: Task): number {
    return entityOf(p.sched.entity)?.avg.loadAvg ?? 0;
  }

  taskHLoad(p: Task): number {
    const e = entityOf(p.sched.entity);
    if (e === null || e.cfsRq === null) return 0;
    const { kernel, rules } = this.hierarchy;
    return hLoad(e, Math.floor(kernel.queue.now / rules.tickNsec));
  }

  taskUtil(p: Task): number {
    return entityOf(p.sched.entity)?.avg.utilAvg ?? 0;
  }

  taskUtilEst(p: Task): number {
    const e = entityOf(p.sched.entity);
    return e === null ? 0 : Math.max(e.avg.utilAvg, e.utilEst);
  }

  hNrIdle(cpu: CpuId): number {
    return this.hierarchy.rqs[cpu]!.tasks.nrIdle;
  }

  leastRecent(cpu: CpuId): Task | null {
    return this.hierarchy.rqs[cpu]!.tasks.tail?.owner ?? null;
  }

  moreRecent(p: Task): Task | null {
    return (p.sched.entity as FairEntity).ranAfter?.owner ?? null;
  }

  passOver(p: Task): void {
    this.hierarchy.rqs[p.cpu]!.tasks.toHead(p.sched.entity as FairEntity);
  }

  lastRan(p: Task): Nanos {
    return (p.sched.entity as FairEntity).lastRan;
  }

  isBuddy(p: Task): boolean {
    const e = p.sched.entity as FairEntity;
    return e.cfsRq!.timeline.next === e;
  }

  isIdlePolicy(p: Task): boolean {
    return (p.sched.entity as FairEntity).idle;
  }

  isThrottled(p: Task, to: CpuId): boolean {
    const e = p.sched.entity as FairEntity;
    return e.throttled || e.cfsRq!.throttleCount > 0 || this.hierarchy.queueOn(to, p).throttleCount > 0;
  }

  isIneligible(p: Task, to: CpuId): boolean {
    const e = p.sched.entity as FairEntity;
    if (!this.hierarchy.rules.placeLag || this.hierarchy.queueOn(to, p).nrQueued === 0) return false;
    return !e.cfsRq!.timeline.isEligible(e);
  }
}

function entityOf(e: SchedEntity): FairEntity | null {
  return e instanceof FairEntity ? e : null;
}
