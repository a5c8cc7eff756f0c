import {
  DEQUEUE_DELAYED,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  ENQUEUE_INITIAL,
  ENQUEUE_RESTORE,
  ENQUEUE_WAKEUP,
  NEVER,
  RANK_SUPPLY,
  readOptions,
  WAKE_TTWU,
  type CheckReport,
  type CpuId,
  type DumpWriter,
  type Kernel,
  type Nanos,
  type OptionValue,
  type RunQueue,
  type SchedClass,
  type SchedContext,
  type SchedEntity,
  type Task,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { admit, bandwidth, validate } from './admission.js';
import { mustWaitForPeriod, newInstance, nextPeriod, replenish, updateAtWakeup } from './cbs.js';
import { DlEntity, dlEntity } from './dl-entity.js';
import { DlTree } from './dl-tree.js';
import { badParameters } from './errors.js';
import { deadlineOptions } from './options.js';

/** Earliest deadline first, each task inside a constant-bandwidth server (`rt-and-deadline.md` 8 to 11). */
@Injectable()
export class DeadlineClass implements SchedClass {
  readonly name = 'deadline';
  readonly policies = ['deadline'] as const;
  private readonly trees: DlTree[] = [];
  private readonly admission: boolean;
  private readonly limit: number;
  /** Bandwidth given so far, in the whole root domain. */
  private given = 0;

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const o = readOptions(deadlineOptions, given);
    this.admission = o['deadline.admission'];
    this.limit = o['deadline.limit'];
  }

  init(rq: RunQueue): void {
    this.trees[rq.cpu] = new DlTree();
  }

  entity(task: Task): SchedEntity {
    const { policy } = task.sched;
    if (policy.kind === 'custom' && policy.class === this.name) throw badParameters(task.comm, `policy "${policy.kind}"`);
    const timer = this.kernel.queue.timer(`replenish/${task.comm}`, RANK_SUPPLY, () => {
      this.replenished(task);
    });
    // Here by inheritance: it has no reservation, and `inherit` follows.
    if (policy.kind !== 'deadline') return new DlEntity(task, 0, 0, 0, timer);
    validate(task.comm, policy);
    if (this.admission) this.given = admit(task.comm, policy, this.given, this.kernel.machine.cpus, this.limit);
    return new DlEntity(task, policy.runtime, policy.deadline, policy.period, timer);
  }

  /**
   * Fact sheet 13: without a reservation of its own it gets an instance of the waiter's parameters, as if released now. With one
   * that is later than the waiter it keeps its deadline while its budget lasts; a throttle ends.
   */
  inherit(p: Task, from: SchedContext | null): boolean {
    const e = dlEntity(p);
    const { now } = this.kernel.queue;
    const { deadline } = e;
    const waiter = from === null ? null : (from.entity as DlEntity);
    const reserved = p.sched.policy.kind === 'deadline';
    e.pi = waiter === null || (reserved && waiter.deadline >= e.deadline) ? e : waiter.pi;
    if (!e.boosted) return false;
    this.kernel.queue.disarm(e.timer);
    if (reserved) replenish(e, now);
    else newInstance(e, now);
    e.throttled = false;
    return e.deadline !== deadline;
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = dlEntity(p);
    const { now } = this.kernel.queue;
    e.queued = true;
    if ((flags & ENQUEUE_RESTORE) !== 0) this.takeParameters(p, e);
    if (e.throttled) return;
    if ((flags & (ENQUEUE_WAKEUP | ENQUEUE_INITIAL)) !== 0 || e.deadline < 0) {
      if (mustWaitForPeriod(e, now)) {
        e.runtime = Math.min(e.runtime, 0);
        this.throttle(e);
        return;
      }
      updateAtWakeup(e, now);
      // The revised rule may leave nothing, at the deadline for instance: an exact timer cannot police a budget of 0 ns.
      if (e.runtime <= 0) {
        this.throttle(e);
        return;
      }
    } else if ((flags & ENQUEUE_RESTORE) !== 0 && e.deadline < now) {
      newInstance(e, now);
    }
    this.addToTree(rq, e);
    // A donor whose deadline has moved behind another's; the kernel asks when a priority moves, and here all have the same.
    if (p === rq.donor && this.trees[rq.cpu]!.first()!.deadline < e.deadline) this.kernel.resched(rq);
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = dlEntity(p);
    e.queued = false;
    if (e.inTree) this.removeFromTree(rq, e);
    if ((flags & (DEQUEUE_SLEEP | DEQUEUE_SPECIAL)) === (DEQUEUE_SLEEP | DEQUEUE_SPECIAL) && (flags & DEQUEUE_DELAYED) === 0) this.leave(p);
  }

  pickTask(rq: RunQueue): Task | null {
    return this.trees[rq.cpu]!.first()?.owner ?? null;
  }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    const e = dlEntity(rq.donor);
    e.runtime -= delta;
    if (e.runtime > 0 || e.throttled || !e.inTree) return;
    this.exhausted(rq, e);
  }

  wakeupPreempt(rq: RunQueue, p: Task): boolean {
    const e = dlEntity(p);
    const donor = dlEntity(rq.donor);
    // A throttled donor has left the tree and is on its way out; a throttled task has not come yet.
    return e.inTree && (!donor.inTree || e.deadline < donor.deadline);
  }

  /** On a wake-up only; else where it was (fact sheet 11). */
  selectTaskRq(p: Task, prev: CpuId, flags: number): CpuId {
    if ((flags & WAKE_TTWU) === 0 && p.exec.cpusAllowed.has(prev)) return prev;
    const { donor, curr } = this.kernel.rqs[prev]!;
    const loses = donor.sched.cls === this && (curr.exec.cpusAllowed.size === 1 || dlEntity(donor).deadline <= this.deadlineOf(p));
    if (!loses && p.exec.cpusAllowed.has(prev)) return prev;
    return this.latestCpu(p, prev);
  }

  sliceLeft(_rq: RunQueue, donor: Task): Nanos {
    const e = dlEntity(donor);
    return e.inTree ? Math.max(0, e.runtime) : NEVER;
  }

  yieldTask(rq: RunQueue): void {
    const e = dlEntity(rq.donor);
    if (!e.inTree) return;
    e.yielded = true;
    this.exhausted(rq, e);
  }

  switchedFrom(_rq: RunQueue, p: Task): void {
    this.leave(p);
  }

  /** The earliest that may be moved (to `to`, if given); the throttled are not in the tree. */
  pushable(rq: RunQueue, to?: CpuId): Task | null {
    const tree = this.trees[rq.cpu]!;
    if (tree.size === 0 || (tree.size === 1 && tree.root!.owner === rq.donor)) return null;
    for (const { owner } of tree) {
      const { cpusAllowed } = owner.exec;
      if (cpusAllowed.size > 1 && this.kernel.isMovable(owner) && (to === undefined || cpusAllowed.has(to))) return owner;
    }
    return null;
  }

  compare(a: Task, b: Task): number {
    return dlEntity(a).deadline - dlEntity(b).deadline;
  }

  /** D1: the tree is in order and holds who is queued and not throttled. D2: budgets within bounds, and a timer for each that waits. */
  check(rq: RunQueue, report: CheckReport): void {
    let prev: DlEntity | null = null;
    let seen = 0;
    for (const e of this.trees[rq.cpu]!) {
      const p = e.owner;
      if (prev !== null && prev.deadline > e.deadline) report.fail('D1', `${String(p)} stands behind a later deadline on CPU ${rq.cpu}`);
      if (!e.inTree || !e.queued || e.throttled || p.cpu !== rq.cpu)
        report.fail('D1', `${String(p)} may not be in the tree of CPU ${rq.cpu}`);
      prev = e;
      seen++;
    }
    for (const p of this.kernel.tasks) {
      if (p.sched.cls !== this || p.cpu !== rq.cpu) continue;
      const e = dlEntity(p);
      if (e.inTree) seen--;
      if (e.runtime > e.granted) report.fail('D2', `${String(p)} has ${e.runtime} ns of a budget of ${e.granted}`);
      if (e.throttled !== e.timer.at >= 0) report.fail('D2', `${String(p)}: throttled ${e.throttled}, its timer says ${e.timer.at}`);
    }
    if (seen !== 0) report.fail('D1', `CPU ${rq.cpu}: tree and tasks differ by ${seen}`);
  }

  dump(rq: RunQueue, out: DumpWriter): void {
    out.section(`deadline cpu ${rq.cpu}`);
    for (const e of this.trees[rq.cpu]!) out.row([e.owner.comm, e.deadline, e.runtime]);
  }

  /** Budget used up, or given up: off the tree until the next period, or at once into it if that has begun. */
  private exhausted(rq: RunQueue, e: DlEntity): void {
    const { queue } = this.kernel;
    this.removeFromTree(rq, e);
    if (nextPeriod(e) > queue.now && !e.boosted) {
      this.throttle(e);
    } else {
      replenish(e, queue.now);
      this.addToTree(rq, e);
    }
    // Also when it is the earliest here all the same: a deadline that moved later lets another CPU's come.
    this.kernel.resched(rq);
  }

  private throttle(e: DlEntity): void {
    const { queue, trace } = this.kernel;
    e.throttled = true;
    queue.arm(e.timer, Math.max(queue.now, nextPeriod(e)));
    trace.classMark(queue.now, e.owner.cpu, 'throttle', e.owner, e.runtime);
  }

  /** The timer of a throttled reservation: a task that sleeps gets the numbers alone. */
  private replenished(p: Task): void {
    const e = dlEntity(p);
    const { queue, trace } = this.kernel;
    replenish(e, queue.now);
    trace.classMark(queue.now, p.cpu, 'replenish', p, e.runtime);
    if (!e.queued) return;
    const rq = this.kernel.rqs[p.cpu]!;
    this.kernel.charge(rq);
    this.addToTree(rq, e);
    this.kernel.checkPreempt(rq, p, 0);
    // As after a wake-up: what does not run here now may run elsewhere (fact sheet 9, "then push").
    if (!rq.needResched) for (const b of this.kernel.balancers) b.afterWakeup?.(rq, p);
  }

  private addToTree(rq: RunQueue, e: DlEntity): void {
    this.trees[rq.cpu]!.insert(e);
    e.inTree = true;
  }

  private removeFromTree(rq: RunQueue, e: DlEntity): void {
    this.trees[rq.cpu]!.remove(e);
    e.inTree = false;
  }

  /** The policy may have changed while it was out. What is left of (q, d) stays: a change must not refill the budget. */
  private takeParameters(p: Task, e: DlEntity): void {
    const { policy } = p.sched;
    if (policy.kind !== 'deadline') return;
    if (policy.runtime === e.dlRuntime && policy.deadline === e.dlDeadline && policy.period === e.dlPeriod) return;
    validate(p.comm, policy);
    if (this.admission) {
      this.given = admit(p.comm, policy, this.given - reservedBy(e), this.kernel.machine.cpus, this.limit);
    }
    e.dlRuntime = policy.runtime;
    e.dlDeadline = policy.deadline;
    e.dlPeriod = policy.period;
    e.runtime = Math.min(e.runtime, e.dlRuntime);
  }

  /** Dies or changes class: its timer must not find it again, and its bandwidth is free. */
  private leave(p: Task): void {
    const e = dlEntity(p);
    this.kernel.queue.disarm(e.timer);
    e.throttled = false;
    e.pi = e;
    if (this.admission) this.given -= reservedBy(e);
  }

  /** Deadline that `p` would have if it woke now. */
  private deadlineOf(p: Task): Nanos {
    const e = dlEntity(p);
    const { now } = this.kernel.queue;
    return e.deadline >= now ? e.deadline : now + e.dlDeadline;
  }

  /**
   * A CPU without deadline work, else the one whose earliest deadline is the latest if `p` beats that. The last CPU among
   * equals, then the lowest number. O(CPUs).
   */
  private latestCpu(p: Task, last: CpuId): CpuId {
    const mine = this.deadlineOf(p);
    let best: CpuId = last;
    let latest = -1;
    for (let cpu = p.exec.cpusAllowed.first(); cpu >= 0; cpu = p.exec.cpusAllowed.next(cpu)) {
      const first = this.trees[cpu]!.first();
      const at = first === null ? NEVER : first.deadline;
      if (at <= mine || at < latest || (at === latest && cpu !== last)) continue;
      best = cpu as CpuId;
      latest = at;
    }
    return best;
  }
}

/** Nothing for who is here by inheritance alone. */
function reservedBy(e: DlEntity): number {
  return e.dlPeriod === 0 ? 0 : bandwidth(e.dlRuntime, e.dlPeriod);
}
