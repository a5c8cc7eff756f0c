import {
  DEQUEUE_DELAYED,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  ENQUEUE_DELAYED,
  ENQUEUE_INITIAL,
  NEVER,
  mulDivFloor,
  type CheckReport,
  type CpuId,
  type DumpWriter,
  type Kernel,
  type Nanos,
  type OptionValue,
  type RunQueue,
  type SchedClass,
  type Task,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { checkFair } from './check.js';
import { MAX_SLICE, MIN_SLICE } from './eevdf.js';
import { FairEntity } from './fair-entity.js';
import { FairQueue } from './fair-queue.js';
import { Groups } from './group.js';
import { makeRules, type Rules } from './rules.js';
import { selectFairCpu } from './select-cpu.js';
import { wakeupPreempts, type WakeupContext } from './wakeup-preemption.js';
import { NICE_0_LOAD, taskWeight } from './weights.js';

const fair = (p: Task): FairEntity => p.sched.entity as FairEntity;

/** `fair_sched_class`: normal, batch and idle policy by EEVDF, as Linux 7.3 has it (or an earlier one: `fair.version`). */
@Injectable()
export class FairClass implements SchedClass {
  readonly name = 'fair';
  readonly policies = ['normal', 'batch', 'idle'] as const;
  readonly rules: Rules;
  private readonly groups = new Groups();
  /** By CPU. */
  private readonly queues: FairQueue[] = [];
  private readonly wakeups: Wakeup[] = [];

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    this.rules = makeRules(given, kernel.machine);
  }

  init(rq: RunQueue): void {
    const q = new FairQueue(this.rules);
    this.queues[rq.cpu] = q;
    this.wakeups[rq.cpu] = new Wakeup(this.kernel, rq, this.rules, q);
    this.groups.initCpu(rq.cpu);
  }

  entity(task: Task): FairEntity {
    const e = new FairEntity(task, this.rules.baseSlice);
    readPolicy(e, this.rules);
    return e;
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const q = this.queue(rq);
    const e = fair(p);
    if ((flags & ENQUEUE_DELAYED) !== 0) {
      this.requeueDelayed(rq, q, e);
      return;
    }
    readPolicy(e, this.rules);
    this.groups.enqueue(rq.cpu, p, e.ownWeight);
    q.rescale(e, this.groups.flatWeight(rq.cpu, p));
    q.place(e, (flags & ENQUEUE_INITIAL) !== 0);
    q.add(e);
  }

  /** It never left, so it is only placed anew where waiting made it better off than it may be (`fair-eevdf.md` 11). */
  private requeueDelayed(rq: RunQueue, q: FairQueue, e: FairEntity): void {
    const { rules } = this;
    if (rules.delayedKeepsLag) this.kernel.charge(rq);
    const v = q.moveOrigin();
    const lag = this.leavingLag(q, e, v, true);
    const moves = rules.delayedKeepsLag ? lag !== v - e.vruntime : rules.delayZero && q.lag(e, v) > 0;
    if (moves) {
      q.remove(e);
      e.vlag = lag;
      q.place(e, false);
      q.add(e);
    }
    q.clearDelayed(e);
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void | false {
    const { rules } = this;
    const q = this.queue(rq);
    const e = fair(p);
    const sleep = (flags & DEQUEUE_SLEEP) !== 0;
    if (q.next === e) q.next = null;
    if (sleep && (flags & (DEQUEUE_SPECIAL | DEQUEUE_DELAYED)) === 0 && rules.delayDequeue && !q.isEligible(e)) {
      if (e.delayed) return false;
      if (rules.delayedKeepsLag) e.vlag = q.lag(e, q.moveOrigin());
      q.setDelayed(e);
      return false;
    }
    e.vlag = this.leavingLag(q, e, q.moveOrigin(), sleep);
    q.remove(e);
    if (rules.placeRelDeadline && !sleep) {
      e.deadline -= e.vruntime;
      e.relDeadline = true;
    }
    this.groups.dequeue(rq.cpu, p, e.ownWeight);
    if ((flags & DEQUEUE_DELAYED) !== 0 || (sleep && e.delayed)) q.clearDelayed(e);
  }

  /**
   * The lag `e` takes along. What a delayed one gained while it waited for nothing is capped at zero; in 7.x neither can it
   * lose by waiting. 6.12 caps only at the end of the delay, not when the entity is taken out for a change.
   */
  private leavingLag(q: FairQueue, e: FairEntity, v: number, ends: boolean): number {
    const { rules } = this;
    const lag = q.lag(e, v);
    if (!e.delayed) return lag;
    const kept = rules.delayedKeepsLag ? Math.max(lag, e.vlag) : lag;
    return rules.delayZero && (ends || rules.delayedKeepsLag) ? Math.min(kept, 0) : kept;
  }

  pickTask(rq: RunQueue): Task | null {
    const e = this.queue(rq).pickNext(true);
    return e === null ? null : e.owner;
  }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    const q = this.queue(rq);
    const { rules } = this;
    const e = q.curr!;
    e.vruntime += rules.calcDelta(delta, e.weight);
    const sliceOver = q.renewDeadline(e);
    if (q.nrQueued === 1) return;
    if (!sliceOver && !this.lostProtection(q, e)) return;
    this.kernel.resched(rq);
    if (q.next === e) q.next = null;
  }

  private lostProtection(q: FairQueue, e: FairEntity): boolean {
    if (q.isProtected(e)) return false;
    // 6.12: only a broken protection matters, and only to who has had more than its share.
    return this.rules.protection !== 'deadline' || (this.rules.preemptShort && !q.isEligible(e));
  }

  wakeupPreempt(rq: RunQueue, p: Task, flags: number): boolean {
    const q = this.queue(rq);
    const e = fair(p);
    if (q.curr === null || q.curr === e) return false;
    return wakeupPreempts(this.wakeups[rq.cpu]!.of(q.curr, e, flags));
  }

  /** A delayed one that is picked has paid its debt: it leaves for real, and the pick is repeated. */
  settle(rq: RunQueue): void {
    this.wakeups[rq.cpu]!.settledNext();
  }

  setNextTask(rq: RunQueue, next: Task, first: boolean): void {
    const q = this.queue(rq);
    const e = fair(next);
    q.setCurr(e);
    if (q.next === e) q.next = null;
    this.refreshWeight(rq, q, e);
    // 6.12 protects whoever becomes current, be it after a change.
    if (e.onRq && (first || this.rules.protection === 'deadline')) q.protect(e);
  }

  putPrevTask(rq: RunQueue): void {
    this.queue(rq).putCurr();
  }

  selectTaskRq(p: Task, prev: CpuId, flags: number): CpuId {
    return selectFairCpu(this.kernel, p, prev, flags);
  }

  /**
   * The hrtick of 7.x: service until the deadline, w · (d − v) / w_0. The kernel rounds down and is late by microseconds
   * anyway; here the timer comes on time, so it is the first nanosecond that, once charged, takes v to d. At least 1, even
   * where a rescaled deadline is already reached: a timer for this instant would charge nothing and end no slice.
   */
  sliceLeft(rq: RunQueue): Nanos {
    const q = this.queue(rq);
    const e = q.curr;
    if (e === null || q.nrQueued <= 1) return NEVER;
    const { calcDelta, scaledDownSums } = this.rules;
    const left = e.deadline - e.vruntime;
    // The weight the conversion works with.
    const weight = scaledDownSums ? 1024 * e.sumWeight : e.weight;
    let wall = Math.max(1, mulDivFloor(weight, left, NICE_0_LOAD));
    // Both conversions round down, so a nanosecond is missing; in 6.12, whose reciprocals are short, up to a hundred thousandth.
    for (let short = left - calcDelta(wall, e.weight); short > 0; short = left - calcDelta(wall, e.weight)) {
      wall += Math.max(1, mulDivFloor(weight, short - 1, NICE_0_LOAD));
    }
    return wall;
  }

  taskTick(rq: RunQueue, donor: Task): void {
    this.refreshWeight(rq, this.queue(rq), fair(donor));
  }

  /** Who is owed service gives it up: v jumps to the deadline. Who is not has nothing to give. */
  yieldTask(rq: RunQueue): void {
    const q = this.queue(rq);
    const e = q.curr;
    if (e === null || q.nrQueued <= 1) return;
    if (q.next === e) q.next = null;
    this.kernel.charge(rq);
    if (!q.isEligible(e)) return;
    e.vruntime = e.deadline;
    q.renewDeadline(e);
  }

  /** Not the donor, which is not in the tree; looks past the blocked and the pinned. */
  pushable(rq: RunQueue, to?: CpuId): Task | null {
    const { tree } = this.queues[rq.cpu]!;
    if (tree.root === null) return null;
    for (const { owner } of tree) {
      const { cpusAllowed } = owner.exec;
      if (cpusAllowed.size > 1 && (to === undefined || cpusAllowed.has(to)) && this.kernel.isMovable(owner)) return owner;
    }
    return null;
  }

  /** Earlier deadline first; across CPUs this compares different virtual times, which is all a balancer may expect. */
  compare(a: Task, b: Task): number {
    return fair(a).deadline - fair(b).deadline;
  }

  check(rq: RunQueue, report: CheckReport): void {
    checkFair(rq, this.queue(rq), report);
  }

  dump(rq: RunQueue, out: DumpWriter): void {
    const q = this.queue(rq);
    out.section(`cfs_rq[${rq.cpu}]`);
    out.field('avg_vruntime', q.virtualTime());
    out.field('zero_vruntime', q.v0);
    out.field('nr_queued', q.nrQueued);
    out.field('h_nr_runnable', q.nrQueued - q.nrDelayed);
    out.field('load', q.totalWeight());
    out.field('next', q.next === null ? '-' : String(q.next.owner));
    out.row(['task', 'weight', 'vruntime', 'deadline', 'vlag', 'slice', 'vprot', 'sched_delayed']);
    if (q.curr !== null) out.row(dumpRow('>', q.curr));
    for (const e of q.tree) out.row(dumpRow(' ', e));
  }

  /**
   * 7.2 and 6.12 rescale the lag of a sleeper at once, 7.3 when it comes back; that differs in the last digit after two
   * changes in one sleep.
   */
  policyChanged(p: Task): void {
    const e = fair(p);
    readPolicy(e, this.rules);
    if (this.rules.protection !== 'parity' && e.weight !== 0) this.queues[p.cpu]!.rescale(e, e.ownWeight);
  }

  /** The queue of a CPU, for tests and tools that look inside. */
  queue(rq: RunQueue): FairQueue {
    return this.queues[rq.cpu]!;
  }

  /** Tasks in groups weigh what their group lends them, which changes with the group's other tasks. */
  private refreshWeight(rq: RunQueue, q: FairQueue, e: FairEntity): void {
    const p = e.owner;
    if (e.onRq && p.sched.group.parent !== null) q.reweight(e, this.groups.flatWeight(rq.cpu, p));
  }
}

/** Made once per CPU and refilled, so that a wake-up allocates nothing. */
class Wakeup implements WakeupContext {
  curr!: FairEntity;
  e!: FairEntity;
  flags = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly rq: RunQueue,
    readonly rules: Rules,
    readonly q: FairQueue,
  ) {}

  of(curr: FairEntity, e: FairEntity, flags: number): this {
    this.curr = curr;
    this.e = e;
    this.flags = flags;
    return this;
  }

  get pending(): boolean {
    return this.rq.needResched;
  }

  charge(): void {
    this.kernel.charge(this.rq);
  }

  settledPick(protect: boolean): FairEntity | null {
    for (;;) {
      const e = this.q.pick(protect);
      if (e === null || !e.delayed) return e;
      this.kernel.finishDelayed(this.rq, e.owner);
    }
  }

  settledNext(): FairEntity | null {
    for (;;) {
      const e = this.q.pickNext(true);
      if (e === null || !e.delayed) return e;
      this.kernel.finishDelayed(this.rq, e.owner);
    }
  }
}

/** What the task asks for; it may have changed while it was off the queue. */
function readPolicy(e: FairEntity, rules: Rules): void {
  const { policy } = e.owner.sched;
  const slice = 'slice' in policy ? policy.slice : undefined;
  e.idle = policy.kind === 'idle';
  e.ownWeight = taskWeight(policy);
  e.customSlice = slice !== undefined;
  e.slice = slice === undefined ? rules.baseSlice : Math.min(Math.max(slice, MIN_SLICE), MAX_SLICE);
}

function dumpRow(mark: string, e: FairEntity): readonly (string | number)[] {
  return [`${mark}${String(e.owner)}`, e.weight, e.vruntime, e.deadline, e.vlag, e.slice, e.vprot, e.delayed ? 1 : 0];
}
