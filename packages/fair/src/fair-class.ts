import {
  ENQUEUE_DELAYED,
  NEVER,
  type CheckReport,
  type CpuId,
  type DumpWriter,
  type Kernel,
  type Nanos,
  type OptionValue,
  type RunQueue,
  type SchedClass,
  type Task,
  type WakeupPlacement,
  WAKE_FORK,
  WAKE_TTWU,
} from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';
import { checkLevel } from './check.js';
import { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import { FairLoad } from './fair-load.js';
import { Flat } from './flat.js';
import { readPolicy, type Hierarchy } from './hierarchy.js';
import { Nested } from './nested.js';
import { makeRules, type Rules } from './rules.js';
import { selectFairCpu } from './select-cpu.js';
import { taskWeight } from './weights.js';

const fair = (p: Task): FairEntity => p.sched.entity as FairEntity;

/**
 * `fair_sched_class`: normal, batch and idle policy by EEVDF, as Linux 7.3 has it (or an earlier one: `fair.version`). The contract, and
 * what concerns no queue; the queues are the hierarchy's.
 */
export class FairClass implements SchedClass {
  readonly name = 'fair';
  readonly policies = ['normal', 'batch', 'idle'] as const;
  readonly rules: Rules;
  readonly hierarchy: Hierarchy;
  readonly load: FairLoad;

  constructor(
    private readonly kernel: Kernel,
    given: Readonly<Record<string, OptionValue>>,
    /** Absent: `selectFairCpu`. */
    private readonly placement: WakeupPlacement | null = null,
  ) {
    this.rules = makeRules(given, kernel.machine, kernel.groups.length > 1);
    this.hierarchy = this.rules.version.flat ? new Flat(kernel, this.rules) : new Nested(kernel, this.rules);
    this.load = new FairLoad(this.hierarchy);
  }

  init(rq: RunQueue): void {
    this.hierarchy.addCpu(rq);
    // Groups have a queue on every CPU.
    if (rq.cpu === this.kernel.machine.cpus - 1) for (const g of this.kernel.groups) this.hierarchy.groupOf(g);
  }

  entity(task: Task): FairEntity {
    const e = new FairEntity(task, this.rules.baseSlice);
    readPolicy(e, this.rules);
    return e;
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const f = this.hierarchy.rqs[rq.cpu]!;
    const e = fair(p);
    if (!e.delayed || (flags & ENQUEUE_DELAYED) !== 0) f.root.utilEst += e.utilEst;
    this.hierarchy.enqueue(f, e, flags);
    if (e.idle && (flags & ENQUEUE_DELAYED) === 0) this.load.countIdlePolicy(rq.cpu, 1);
    if ((flags & ENQUEUE_DELAYED) === 0) f.tasks.add(e);
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void | false {
    const f = this.hierarchy.rqs[rq.cpu]!;
    const e = fair(p);
    if (!e.delayed) f.root.utilEst -= e.utilEst;
    if (!this.hierarchy.dequeue(f, e, flags)) return false;
    if (e.idle) this.load.countIdlePolicy(rq.cpu, -1);
    f.tasks.remove(e);
  }

  /** Whose group is out of runtime. */
  nrAside(cpu: CpuId): number {
    const { tasks, root } = this.hierarchy.rqs[cpu]!;
    return tasks.size - root.hNrQueued;
  }

  pickTask(rq: RunQueue): Task | null {
    const e = this.hierarchy.pick(this.hierarchy.rqs[rq.cpu]!);
    return e === null ? null : e.owner;
  }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    this.hierarchy.charge(this.hierarchy.rqs[rq.cpu]!, delta);
  }

  updateRunner(rq: RunQueue, p: Task, delta: Nanos): void {
    this.hierarchy.chargeRunner(this.hierarchy.rqs[rq.cpu]!, fair(p), delta);
  }

  wakeupPreempt(rq: RunQueue, p: Task, flags: number): boolean {
    if (rq.donor === p || rq.donor.sched.cls !== this) return false;
    return this.hierarchy.wakeupPreempt(this.hierarchy.rqs[rq.cpu]!, fair(rq.donor), fair(p), flags);
  }

  settle(rq: RunQueue): void {
    this.hierarchy.settle(this.hierarchy.rqs[rq.cpu]!);
  }

  setNextTask(rq: RunQueue, next: Task, first: boolean): void {
    const f = this.hierarchy.rqs[rq.cpu]!;
    this.hierarchy.setNext(f, fair(next), first);
    if (next.onRq === 'queued') f.tasks.toHead(fair(next));
  }

  putPrevTask(rq: RunQueue, prev: Task, next: Task | null): void {
    const f = this.hierarchy.rqs[rq.cpu]!;
    this.hierarchy.putPrev(f, fair(prev), next !== null && next.sched.cls === this ? fair(next) : null);
    const { now } = this.kernel.queue;
    fair(prev).lastRan = now;
    if (rq.curr.sched.cls === this) fair(rq.curr).lastRan = now;
    if (next === rq.idle) this.hierarchy.becomeIdle(f);
  }

  selectTaskRq(p: Task, prev: CpuId, flags: number, from: CpuId): CpuId {
    if (this.placement === null || (flags & (WAKE_TTWU | WAKE_FORK)) === 0) return selectFairCpu(this.kernel, p, prev, flags);
    return this.placement.selectTaskRq(p, prev, flags, from);
  }

  sliceLeft(rq: RunQueue, donor: Task): Nanos {
    if (donor !== rq.donor) return NEVER; // who runs in another's name has no slice here
    return this.hierarchy.sliceLeft(this.hierarchy.rqs[rq.cpu]!, fair(donor));
  }

  taskTick(rq: RunQueue, donor: Task): void {
    this.hierarchy.tick(this.hierarchy.rqs[rq.cpu]!, fair(donor));
  }

  yieldTask(rq: RunQueue): void {
    this.hierarchy.yield(this.hierarchy.rqs[rq.cpu]!, fair(rq.donor));
  }

  /** Out of runtime it was spared as long as it was in the kernel. */
  returnToUser(rq: RunQueue, p: Task): void {
    if (fair(p).cfsRq!.throttleCount > 0) this.kernel.resched(rq);
  }

  /** It may come back as another entity; its load goes with it. */
  switchedFrom(_rq: RunQueue, p: Task): void {
    const e = fair(p);
    if (this.rules.loadTracking && e.cfsRq !== null) this.hierarchy.detach(e.cfsRq, e);
  }

  /** Not the donor, which is in no tree; looks past the blocked and the pinned. */
  pushable(rq: RunQueue, to?: CpuId): Task | null {
    return this.movableIn(this.queue(rq), to);
  }

  private movableIn(q: FairQueue, to: CpuId | undefined): Task | null {
    if (q.tree.root === null) return q.curr === null || q.curr.my === null ? null : this.movableBelow(q.curr, to);
    for (const e of q.tree) {
      const found = this.movableBelow(e, to);
      if (found !== null) return found;
    }
    return q.curr === null ? null : this.movableBelow(q.curr, to);
  }

  private movableBelow(e: FairEntity, to: CpuId | undefined): Task | null {
    if (e.my !== null) return this.movableIn(e.my.timeline, to);
    const { cpusAllowed } = e.owner.exec;
    return cpusAllowed.size > 1 && (to === undefined || cpusAllowed.has(to)) && this.kernel.isMovable(e.owner) ? e.owner : null;
  }

  /** Earlier deadline first; across CPUs this compares different virtual times, which is all a balancer may expect. */
  compare(a: Task, b: Task): number {
    return fair(a).deadline - fair(b).deadline;
  }

  check(rq: RunQueue, report: CheckReport): void {
    for (const q of this.levels(rq)) checkLevel(rq, q, report);
  }

  dump(rq: RunQueue, out: DumpWriter): void {
    for (const level of this.levels(rq)) {
      const q = level.timeline;
      if (level.above !== null && (this.rules.version.flat || q.nrQueued === 0)) continue;
      out.section(level.above === null ? `cfs_rq[${rq.cpu}]` : `cfs_rq[${rq.cpu}]:${level.group!.name}`);
      out.field('avg_vruntime', q.virtualTime());
      out.field('zero_vruntime', q.v0);
      out.field('nr_queued', q.nrQueued);
      out.field('h_nr_runnable', level.hNrRunnable);
      out.field('load', q.totalWeight());
      out.field('next', q.next === null ? '-' : q.next.name);
      out.row(['task', 'weight', 'vruntime', 'deadline', 'vlag', 'slice', 'vprot', 'sched_delayed']);
      if (q.curr !== null) out.row(dumpRow('>', q.curr));
      for (const e of q.tree) out.row(dumpRow(' ', e));
    }
  }

  /**
   * 7.2 and 6.12 rescale the lag of a sleeper at once, 7.3 when it comes back; that differs in the last digit after two
   * changes in one sleep.
   */
  policyChanged(p: Task): void {
    const e = fair(p);
    readPolicy(e, this.rules);
    if (e.cfsRq === null) return;
    const weight = taskWeight(p.sched.policy);
    this.hierarchy.reweightTask(e, weight);
    if (this.rules.version.rescalesSleepers) e.cfsRq.timeline.rescale(e, weight);
  }

  /** The timeline of a CPU (where groups have their own: that of the root), for tests and tools that look inside. */
  queue(rq: RunQueue): FairQueue {
    return this.hierarchy.rqs[rq.cpu]!.timeline;
  }

  /** The queues of a CPU, the root first. */
  levels(rq: RunQueue): CfsRq[] {
    const { groups, rqs } = this.hierarchy;
    return [rqs[rq.cpu]!.root, ...groups.filter(g => g !== undefined).map(g => g.on(rq.cpu))];
  }
}

function dumpRow(mark: string, e: FairEntity): readonly (string | number)[] {
  return [`${mark}${e.name}`, e.weight, e.vruntime, e.deadline, e.vlag, e.slice, e.vprot, e.delayed ? 1 : 0];
}
