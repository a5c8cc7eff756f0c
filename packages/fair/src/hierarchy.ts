import {
  DEQUEUE_DELAYED,
  DEQUEUE_MIGRATE,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  DETACHED,
  ENQUEUE_WAKEUP,
  NEVER,
  type CpuId,
  type Kernel,
  type Nanos,
  type RunQueue,
  type Task,
  type TaskGroup,
  type Weight,
} from '@proxysched/core';
import { CfsBandwidth } from './bandwidth.js';
import { CfsRq } from './cfs-rq.js';
import { MAX_SLICE, MIN_SLICE } from './eevdf.js';
import { FairEntity } from './fair-entity.js';
import { FairGroup } from './fair-group.js';
import { FairQueue } from './fair-queue.js';
import { FairRq } from './fair-rq.js';
import { groupShares } from './group-shares.js';
import {
  ageQueue,
  clockPelt,
  initLoad,
  publishLoad,
  reweightLoad,
  removeLoad,
  updateAndAttach,
  updateAndDetach,
  updateLoadAvg,
} from './load-tracking.js';
import type { Rules } from './rules.js';
import { nextUtilEst } from './util-est.js';
import { NICE_0_LOAD, taskWeight } from './weights.js';


/**
 * Groups within groups, and what joins and leaves them: what is the same whether each group has its own timeline (`Nested`) or all
 * share one (`Flat`). Both are walks along "task → group → group → root", level by level.
 */
export abstract class Hierarchy {
  /** By CPU. */
  readonly rqs: FairRq[] = [];
  /** By id; the root has none. */
  readonly groups: (FairGroup | undefined)[] = [];

  constructor(
    readonly kernel: Kernel,
    readonly rules: Rules,
  ) {}

  abstract enqueue(f: FairRq, e: FairEntity, flags: number): void;
  /** False: it stays queued, delayed. */
  abstract dequeue(f: FairRq, e: FairEntity, flags: number): boolean;
  /** The task to run, delayed ones included; changes nothing. */
  abstract pick(f: FairRq): FairEntity | null;
  /** Until the pick is one that may run: charges, finishes delayed dequeues, throttles. */
  abstract settle(f: FairRq): void;
  /** The kernel has seen `delta` pass since it last said so. */
  abstract charge(f: FairRq, delta: Nanos): void;
  /** `e`, queued and not the donor, ran in another's name and pays. */
  abstract chargeRunner(f: FairRq, e: FairEntity, delta: Nanos): void;
  abstract setNext(f: FairRq, e: FairEntity, first: boolean): void;
  /** `next`: who follows, if it is of this class. */
  abstract putPrev(f: FairRq, e: FairEntity, next: FairEntity | null): void;
  abstract tick(f: FairRq, e: FairEntity): void;
  abstract yield(f: FairRq, e: FairEntity): void;
  abstract wakeupPreempt(f: FairRq, curr: FairEntity, e: FairEntity, flags: number): boolean;
  /** Wall time until a slice on the way to `e` ends. */
  abstract sliceLeft(f: FairRq, e: FairEntity): Nanos;
  /** `q` ran out of runtime and gets none. True: it is throttled. */
  protected abstract throttle(q: CfsRq): boolean;
  abstract unthrottle(q: CfsRq): void;

  // --- groups -----------------------------------------------------------------------------------------------------------------

  addCpu(rq: RunQueue): void {
    this.rqs[rq.cpu] = new FairRq(this.kernel, this.rules, rq);
  }

  /** Made once, for all CPUs there are. */
  groupOf(g: TaskGroup): FairGroup | null {
    if (g.parent === null) return null;
    return this.groups[g.id] ?? this.makeGroup(g, g.parent);
  }

  private makeGroup(g: TaskGroup, parentGroup: TaskGroup): FairGroup {
    const parent = this.groupOf(parentGroup);
    const bandwidth = g.bandwidth === null ? null : new CfsBandwidth(this.kernel.queue, g.name, g.bandwidth, this);
    const group = new FairGroup(g, parent, bandwidth, this.rules.version.flat);
    this.groups[g.id] = group;
    parent?.children.push(group);
    for (const f of this.rqs) {
      const above = parent === null ? f.root : parent.on(f.rq.cpu);
      const q = new CfsRq(f, group, above, this.rules.version.flat ? f.timeline : new FairQueue(this.rules));
      const entity = new FairEntity(null, this.rules.baseSlice, q);
      entity.cfsRq = above;
      // As every new entity; the shares show when the first member comes.
      entity.load = NICE_0_LOAD;
      above.timeline.setWeight(entity, NICE_0_LOAD);
      q.entity = entity;
      q.runtimeEnabled = bandwidth !== null;
      if (this.rules.version.throttlesTasks) q.runtimeRemaining = 1;
      q.throttleCount = above.throttleCount;
      group.cfsRqs.push(q);
      f.updateClock();
      if (this.rules.loadTracking) updateAndAttach(above, entity);
    }
    bandwidth?.start();
    return group;
  }

  /** The queue that `p` would be on, on another CPU. */
  queueOn(cpu: CpuId, p: Task): CfsRq {
    return this.queueOf(this.rqs[cpu]!, p);
  }

  protected queueOf(f: FairRq, p: Task): CfsRq {
    const group = this.groupOf(p.sched.group);
    return group === null ? f.root : group.on(f.rq.cpu);
  }

  // --- joining and leaving ------------------------------------------------------------------------------------------------------

  /** `e` is about to be queued on `f`: what changed while it was off is made up for. */
  protected join(f: FairRq, e: FairEntity, flags: number): void {
    const p = e.owner;
    const q = this.queueOf(f, p);
    const from = e.cfsRq;
    if (from === q && e.policy === p.sched.policy) return;
    const weight = taskWeight(p.sched.policy);
    readPolicy(e, this.rules);
    e.cfsRq = q;
    if (from === null) {
      e.load = weight;
      // Who was asleep until now has been so for long: nothing is left of what a new task is assumed to use.
      if (this.rules.loadTracking && (flags & ENQUEUE_WAKEUP) === 0) initLoad(q, e, f.capacity);
      return;
    }
    if (from !== q && this.rules.loadTracking) this.moveLoad(from, q, e);
    this.reweightTask(e, weight);
  }

  /** From another CPU, as a sleeper: that is told later. To another group: both are told now. */
  private moveLoad(from: CfsRq, to: CfsRq, e: FairEntity): void {
    if (e.avg.lastUpdate === DETACHED) return;
    if (from.cpu !== to.cpu) removeLoad(from, e);
    else this.detach(from, e);
  }

  /** `e` leaves `from`, not to come back: another group, another class (`detach_entity_cfs_rq`). */
  detach(from: CfsRq, e: FairEntity): void {
    updateAndDetach(from, e);
    for (let q = from; q.above !== null; q = q.above) updateLoadAvg(q.above, q.entity!, true);
  }

  /** `reweight_entity` of a task that is not queued. */
  reweightTask(e: FairEntity, load: Weight): void {
    if (load === e.load) return;
    if (this.rules.loadTracking) reweightLoad(e.cfsRq!, e, load);
    e.load = load;
  }

  // --- levels -------------------------------------------------------------------------------------------------------------------

  protected track(q: CfsRq, e: FairEntity, publish: boolean): void {
    if (this.rules.loadTracking) updateLoadAvg(q, e, publish);
  }

  /** `se_update_runnable`. */
  protected updateRunnable(e: FairEntity): void {
    if (e.my !== null) e.runnable = e.my.hNrRunnable;
  }

  /** `update_cfs_group`: the weight of a group on its CPU; one that became empty keeps it. */
  protected updateGroup(e: FairEntity): void {
    const q = e.my;
    if (q === null || q.load === 0 || (!this.rules.version.throttlesTasks && q.throttleCount > 0)) return;
    const mode = this.rules.version.flat ? this.rules.groupShares : 'smp';
    const shares = groupShares(mode, q, this.rules.cpus);
    if (shares !== e.load) this.reweightGroup(e.cfsRq!, e, shares);
  }

  protected abstract reweightGroup(q: CfsRq, e: FairEntity, load: Weight): void;

  /** The lag `e` takes along, or is placed anew with: what a delayed one gained while it waited for nothing is capped at zero. */
  protected leavingLag(q: FairQueue, e: FairEntity, v: number, ends: boolean): number {
    const { rules } = this;
    const lag = q.lag(e, v);
    if (!e.delayed) return lag;
    const kept = rules.version.delayedKeepsLag ? Math.max(lag, e.vlag) : lag;
    return rules.delayZero && (ends || rules.version.delayedKeepsLag) ? Math.min(kept, 0) : kept;
  }

  /** A delayed one wakes. It never left, so it is only placed anew where waiting made it better off than it may be. */
  protected requeueDelayed(q: CfsRq, e: FairEntity): void {
    const { rules } = this;
    const line = q.timeline;
    const v = line.moveOrigin();
    const lag = this.leavingLag(line, e, v, true);
    const moves = rules.version.delayedKeepsLag ? lag !== v - e.vruntime : rules.delayZero && line.lag(e, v) > 0;
    if (moves) {
      line.remove(e);
      e.vlag = lag;
      line.place(e, false);
      line.add(e);
    }
    this.track(q, e, false);
    this.clearDelayed(e);
  }

  protected setDelayed(e: FairEntity): void {
    e.cfsRq!.timeline.setDelayed(e);
    this.countRunnable(e, -1);
  }

  protected clearDelayed(e: FairEntity): void {
    e.cfsRq!.timeline.clearDelayed(e);
    this.countRunnable(e, 1);
  }

  /** Of a task: whether it is delayed is known at every level above. */
  private countRunnable(e: FairEntity, by: number): void {
    if (e.my !== null) return;
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      s.cfsRq!.hNrRunnable += by;
      if (s.cfsRq!.throttled && !this.rules.version.throttlesTasks) return;
    }
  }

  protected finishDelayed(f: FairRq, e: FairEntity): void {
    if (e.task === null) this.dequeue(f, e, DEQUEUE_SLEEP | DEQUEUE_DELAYED);
    else this.kernel.finishDelayed(f.rq, e.task);
  }

  // --- utilisation ----------------------------------------------------------------------------------------------------------------

  protected estimate(e: FairEntity): void {
    if (!this.rules.utilEst || !this.rules.loadTracking || e.utilEstFresh) return;
    const next = nextUtilEst(e.utilEst, e.avg.utilAvg, e.avg.runnableAvg, e.cfsRq!.fairRq.capacity);
    if (next === null) return;
    e.utilEst = next;
    e.utilEstFresh = true;
  }

  /** The last of this class leaves the CPU idle. */
  becomeIdle(f: FairRq): void {
    if (this.rules.loadTracking) f.clock.becomeIdle(f.root.avg.utilSum);
  }

  // --- bandwidth --------------------------------------------------------------------------------------------------------------------

  /** `account_cfs_rq_runtime`. */
  protected account(q: CfsRq, delta: Nanos): void {
    if (!q.runtimeEnabled) return;
    q.runtimeRemaining -= delta;
    if (q.runtimeRemaining > 0 || q.throttled) return;
    if (this.rules.version.throttlesTasks) this.throttle(q);
    else if (!q.group!.bandwidth!.assign(q) && q.curr !== null) this.kernel.resched(q.fairRq.rq);
  }

  /** Without a tick that would notice, the end of the runtime is an event of its own. `since`: how long `q` has not been charged. */
  protected runtimeLeft(q: CfsRq, since: Nanos): Nanos {
    if (!q.runtimeEnabled || q.throttled || this.kernel.machine.hz !== null) return NEVER;
    return Math.max(1, q.runtimeRemaining - since);
  }

  /** `check_enqueue_throttle`: the first member has come. While one runs, charging sees to it. */
  protected checkFirst(q: CfsRq): void {
    if (!q.runtimeEnabled || q.curr !== null || q.throttled) return;
    this.account(q, 0);
    if (q.runtimeRemaining <= 0 && !q.throttled) this.throttle(q);
  }

  /** `return_cfs_rq_runtime`. */
  protected giveBack(q: CfsRq): void {
    if (q.runtimeEnabled && q.nrQueued === 0) q.group!.bandwidth!.giveBack(q);
  }

  /** The PELT clocks of `group` and all below stop, on one CPU. */
  protected stopClocks(group: FairGroup, cpu: CpuId): void {
    const q = group.on(cpu);
    if (q.throttleCount++ === 0) this.stopClock(q);
    for (const child of group.children) this.stopClocks(child, cpu);
  }

  protected startClocks(group: FairGroup, cpu: CpuId): void {
    for (const child of group.children) this.startClocks(child, cpu);
    const q = group.on(cpu);
    if (--q.throttleCount === 0) this.startClock(q);
  }

  protected stopClock(q: CfsRq): void {
    if (q.clockStopped < 0) q.clockStopped = q.fairRq.clock.now;
  }

  protected startClock(q: CfsRq): void {
    if (q.clockStopped < 0) return;
    q.clockStood += q.fairRq.clock.now - q.clockStopped;
    q.clockStopped = -1;
  }

  // --- bandwidth, task by task (7.x) ------------------------------------------------------------------------------------------------

  /** `q` has used up its runtime. Its tasks go on until they would return to user space. */
  protected throttleTasks(q: CfsRq): boolean {
    const bandwidth = q.group!.bandwidth!;
    if (q.curr?.onRq === true ? bandwidth.assign(q) : bandwidth.assignLeast(q)) return false;
    bandwidth.enlist(q);
    q.throttled = true;
    this.throttleDown(q.group!, q.cpu);
    if (q.curr !== null) this.kernel.resched(q.fairRq.rq);
    return true;
  }

  /** Whether `e`, about to run, is in user mode and out of runtime: then it is taken off its timeline into limbo. */
  protected throttlesAtReturn(f: FairRq, e: FairEntity): boolean {
    const q = e.cfsRq!;
    if (q.throttleCount === 0 || !this.rules.version.throttlesTasks || isInKernel(e.owner)) return false;
    this.dequeue(f, e, DEQUEUE_SLEEP | DEQUEUE_SPECIAL);
    e.throttled = true;
    q.limbo.push(e);
    return true;
  }

  /** One in limbo that was taken out for a change goes back there, if its group is still out of runtime. */
  protected rejoinsLimbo(e: FairEntity): boolean {
    if (!e.throttled) return false;
    const q = e.cfsRq!;
    e.throttled = q.throttleCount > 0;
    if (e.throttled) q.limbo.push(e);
    return e.throttled;
  }

  /** One in limbo sleeps, moves or changes: it was off the timeline already. */
  protected leaveLimbo(e: FairEntity, flags: number): void {
    const q = e.cfsRq!;
    q.limbo.splice(q.limbo.indexOf(e), 1);
    if ((flags & DEQUEUE_SLEEP) !== 0) e.throttled = false;
    if ((flags & DEQUEUE_MIGRATE) !== 0 && this.rules.loadTracking) this.detach(q, e);
  }

  /** `tg_throttle_down`: clocks stop where nobody is queued; elsewhere when the last has left. */
  private throttleDown(group: FairGroup, cpu: CpuId): void {
    const q = group.on(cpu);
    if (q.throttleCount++ === 0 && q.nrQueued === 0) this.stopClock(q);
    for (const child of group.children) this.throttleDown(child, cpu);
  }

  protected unthrottleTasks(q: CfsRq): void {
    const f = q.fairRq;
    q.throttled = false;
    this.unthrottleUp(q.group!, f);
    this.unthrottled(f, f.root.hNrQueued);
  }

  /** Only an idle CPU is asked for a pick; elsewhere the tick notices, or where there is none the end of a slice that now has one. */
  protected unthrottled({ rq }: FairRq, queued: number): void {
    if (rq.curr === rq.idle && queued > 0) this.kernel.resched(rq);
    else if (this.kernel.machine.hz === null) this.kernel.armSlice(rq);
  }

  /** `tg_unthrottle_up`: innermost groups first, and of each who was throttled last. */
  private unthrottleUp(group: FairGroup, f: FairRq): void {
    for (const child of group.children) this.unthrottleUp(child, f);
    const q = group.on(f.rq.cpu);
    if (--q.throttleCount > 0) return;
    this.startClock(q);
    // As many as there are now: who runs out again meanwhile waits for the next period.
    for (let n = q.limbo.length; n > 0 && q.throttleCount === 0; n--) {
      const e = q.limbo.pop()!;
      e.throttled = false;
      this.enqueue(f, e, ENQUEUE_WAKEUP);
    }
  }

  // --- blocked load ---------------------------------------------------------------------------------------------------------------

  /** `update_blocked_averages`: what is blocked fades only when somebody looks. All queues of a CPU up to now, deepest first. */
  ageBlocked(f: FairRq): void {
    f.updateClock();
    for (let id = this.groups.length - 1; id >= 0; id--) {
      const q = this.groups[id]?.on(f.rq.cpu);
      if (q === undefined) continue;
      if (ageQueue(q, clockPelt(q))) publishLoad(q);
      updateLoadAvg(q.above!, q.entity!, true);
    }
    ageQueue(f.root, clockPelt(f.root));
  }
}

/** What the task asks for; it may have changed while it was off the queue. */
export function readPolicy(e: FairEntity, rules: Rules): void {
  const { policy } = e.owner.sched;
  const slice = 'slice' in policy ? policy.slice : undefined;
  e.policy = policy;
  e.idle = policy.kind === 'idle';
  e.customSlice = slice !== undefined;
  e.slice = slice === undefined ? rules.baseSlice : Math.min(Math.max(slice, MIN_SLICE), MAX_SLICE);
}

/** It has something to release before it may be throttled, or is on its way to a lock, which may have been handed to it. */
function isInKernel({ isBlocked, exec: { held, phase } }: Task): boolean {
  return isBlocked || held > 0 || phase === 'spin' || phase === 'slow' || phase === 'retry';
}

/** Whether `e` is `to` or a group that `to` is in. */
export function isOnPath(e: FairEntity, to: FairEntity | null): boolean {
  for (let s = to; s !== null; s = s.parent) if (s === e) return true;
  return false;
}
