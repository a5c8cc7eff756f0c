import {
  DEQUEUE_DELAYED,
  DEQUEUE_MIGRATE,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  ENQUEUE_DELAYED,
  ENQUEUE_INITIAL,
  NEVER,
  type Nanos,
  type Weight,
} from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';
import type { FairEntity } from './fair-entity.js';
import type { FairRq } from './fair-rq.js';
import { flatten } from './group-shares.js';
import { Hierarchy, isOnPath } from './hierarchy.js';
import { reweightLoad, updateAndAttach, updateAndDetach } from './load-tracking.js';
import { wallFor } from './slice-left.js';
import { NICE_0_LOAD } from './weights.js';
import { FlatWakeup } from './wakeup.js';

/**
 * 7.3: tasks of all groups compete on one timeline per CPU, and groups lend weight. A group's entity weighs its part of the shares
 * and is divided among what is queued in the group, so a task's flattened weight is
 *
 *     w · Π over its groups g of  weight(g) / load(g)          load(g) = Σ weights queued in g on this CPU
 *
 * computed bottom-up from 2^20, floored and at least 2 at each level: h ← h · w / load; at the top level load is 2^20. It is
 * refreshed when a task is enqueued, picked, and at each of its ticks.
 */
export class Flat extends Hierarchy {
  private readonly wakeup = new FlatWakeup(this);

  // --- enqueue and dequeue ------------------------------------------------------------------------------------------------------

  enqueue(f: FairRq, e: FairEntity, flags: number): void {
    f.updateClock();
    if ((flags & ENQUEUE_DELAYED) !== 0) {
      this.kernel.charge(f.rq);
      // 7.3 brings the averages of the root up to date here, not those of the task's group.
      this.requeueDelayed(f.root, e);
      return;
    }
    this.join(f, e, flags);
    if (this.rejoinsLimbo(e)) return;
    const weight = this.enqueueLevels(e);
    const line = f.timeline;
    line.rescale(e, weight);
    line.place(e, (flags & ENQUEUE_INITIAL) !== 0);
    line.add(e);
  }

  /** `enqueue_hierarchy`: what is not queued yet joins, at each level; the flattened weight on the way. */
  private enqueueLevels(e: FairEntity): Weight {
    const runnable = e.delayed ? 0 : 1;
    let weight: Weight = NICE_0_LOAD;
    // The task is marked queued only once it is on the timeline.
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      const q: CfsRq = s.cfsRq!;
      if (s.onRq) this.updateLevel(q, s);
      else this.enqueueEntity(q, s);
      q.hNrRunnable += runnable;
      q.hNrQueued++;
      weight = flatten(weight, s.load, q.above === null ? null : q.load);
    }
    return weight;
  }

  private enqueueEntity(q: CfsRq, e: FairEntity): void {
    if (this.rules.loadTracking) updateAndAttach(q, e);
    this.updateRunnable(e);
    this.updateGroup(e);
    q.load += e.load;
    q.nrQueued++;
    if (e.task === null) e.onRq = true;
    if (q.nrQueued === 1) this.checkFirst(q);
    if (q.nrQueued === 1) this.startClock(q);
  }

  private updateLevel(q: CfsRq, e: FairEntity): void {
    this.track(q, e, true);
    this.updateRunnable(e);
    this.updateGroup(e);
  }

  dequeue(f: FairRq, e: FairEntity, flags: number): boolean {
    f.updateClock();
    if (e.throttled) {
      this.leaveLimbo(e, flags);
      return true;
    }
    const { rules } = this;
    const line = f.timeline;
    const sleep = (flags & DEQUEUE_SLEEP) !== 0;
    const ends = (flags & DEQUEUE_DELAYED) !== 0 || (sleep && e.delayed);
    if (line.next === e) line.next = null;
    if (sleep && (flags & (DEQUEUE_SPECIAL | DEQUEUE_DELAYED)) === 0 && rules.delayDequeue && !line.isEligible(e)) {
      if (!e.delayed) this.delay(f, e);
      return false;
    }
    e.vlag = this.leavingLag(line, e, line.moveOrigin(), sleep);
    this.dequeueLevels(e, flags, sleep && !ends);
    line.remove(e);
    if (rules.placeRelDeadline && !sleep) {
      e.deadline -= e.vruntime;
      e.relDeadline = true;
    }
    if (ends) this.clearDelayed(e);
    return true;
  }

  private delay(f: FairRq, e: FairEntity): void {
    e.vlag = f.timeline.lag(e, f.timeline.moveOrigin());
    this.track(e.cfsRq!, e, false);
    this.estimate(e);
    this.setDelayed(e);
  }

  /** `dequeue_hierarchy`: the task leaves, and each group that became empty. */
  private dequeueLevels(e: FairEntity, flags: number, estimate: boolean): void {
    const runnable = (flags & DEQUEUE_SLEEP) !== 0 || !e.delayed ? 1 : 0;
    let leaves = true;
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      const q: CfsRq = s.cfsRq!;
      if (leaves) this.dequeueEntity(q, s, flags, estimate);
      else this.updateLevel(q, s);
      leaves &&= q.load === 0;
      q.hNrRunnable -= runnable;
      q.hNrQueued--;
    }
  }

  private dequeueEntity(q: CfsRq, e: FairEntity, flags: number, estimate: boolean): void {
    const isTask = e.task !== null;
    if (isTask && (flags & DEQUEUE_MIGRATE) !== 0 && this.rules.loadTracking) updateAndDetach(q, e);
    else this.track(q, e, true);
    if (isTask && estimate) this.estimate(e);
    this.updateRunnable(e);
    if (!isTask) e.onRq = false;
    q.load -= e.load;
    q.nrQueued--;
    this.giveBack(q);
    this.updateGroup(e);
    if (q.nrQueued === 0 && q.throttleCount > 0) this.stopClock(q);
  }

  // --- the pick -----------------------------------------------------------------------------------------------------------------

  pick(f: FairRq): FairEntity | null {
    return f.timeline.pickNext(true);
  }

  settle(f: FairRq): void {
    f.updateClock();
    let e = this.settledPick(f, true);
    while (e !== null && this.throttlesAtReturn(f, e)) e = this.settledPick(f, true);
  }

  /** A delayed one that is picked has paid its debt: it leaves for real, and the pick is repeated. */
  settledPick(f: FairRq, protect: boolean): FairEntity | null {
    for (;;) {
      const e = f.timeline.pick(protect);
      if (e === null || !e.delayed) return e;
      this.finishDelayed(f, e);
    }
  }

  // --- time ---------------------------------------------------------------------------------------------------------------------

  charge(f: FairRq, delta: Nanos): void {
    const line = f.timeline;
    const e = line.curr!;
    e.vruntime += line.calcDelta(delta, e);
    const sliceOver = line.renewDeadline(e);
    for (let s: FairEntity | null = e; s !== null; s = s.parent) this.account(s.cfsRq!, delta);
    if (line.nrQueued === 1) return;
    if (!sliceOver && !this.rules.version.exposed(line, e)) return;
    this.kernel.resched(f.rq);
    if (line.next === e) line.next = null;
  }

  chargeRunner(f: FairRq, e: FairEntity, delta: Nanos): void {
    f.timeline.advance(e, delta);
    for (let s: FairEntity | null = e; s !== null; s = s.parent) this.account(s.cfsRq!, delta);
  }

  tick(f: FairRq, e: FairEntity): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      this.track(s.cfsRq!, s, true);
      this.updateGroup(s);
    }
    this.refreshWeight(f, e);
  }

  /** Tasks in groups weigh what their groups lend them, which changes with the groups' other tasks. */
  private refreshWeight(f: FairRq, e: FairEntity): void {
    if (!e.onRq || e.cfsRq!.above === null) return;
    let weight: Weight = NICE_0_LOAD;
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      const q: CfsRq = s.cfsRq!;
      weight = flatten(weight, s.load, q.above === null ? null : q.load);
    }
    if (weight !== e.weight) f.timeline.reweight(e, weight);
  }

  sliceLeft(f: FairRq, e: FairEntity): Nanos {
    let least = f.timeline.nrQueued <= 1 ? NEVER : wallFor(f.timeline, e);
    for (let s: FairEntity | null = e; s !== null; s = s.parent) least = Math.min(least, this.runtimeLeft(s.cfsRq!, 0));
    return least;
  }

  /** Who is owed service gives it up: v jumps to the deadline. Who is not has nothing to give. */
  yield(f: FairRq, e: FairEntity): void {
    const line = f.timeline;
    if (line.nrQueued <= 1) return;
    if (line.next === e) line.next = null;
    this.kernel.charge(f.rq);
    if (!line.isEligible(e)) return;
    e.vruntime = e.deadline;
    line.renewDeadline(e);
  }

  // --- who runs -----------------------------------------------------------------------------------------------------------------

  setNext(f: FairRq, e: FairEntity, first: boolean): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null && s.cfsRq!.curr !== s; s = s.parent) {
      if (s.onRq) this.track(s.cfsRq!, s, true);
      s.cfsRq!.curr = s;
    }
    const line = f.timeline;
    line.setCurr(e);
    if (line.next === e) line.next = null;
    this.refreshWeight(f, e);
    if (e.onRq) this.rules.version.protect(line, e, first);
  }

  putPrev(f: FairRq, e: FairEntity, next: FairEntity | null): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null && !isOnPath(s, next); s = s.parent) {
      if (s.onRq) this.track(s.cfsRq!, s, false);
      s.cfsRq!.curr = null;
    }
    f.timeline.putCurr();
  }

  wakeupPreempt(f: FairRq, curr: FairEntity, e: FairEntity, flags: number): boolean {
    return this.rules.version.wakeupPreempts(this.wakeup.of(f, curr, e, flags));
  }

  // --- weight -------------------------------------------------------------------------------------------------------------------

  /** Only what it counts for: who runs in it learns of it at the next refresh. */
  protected reweightGroup(q: CfsRq, e: FairEntity, load: Weight): void {
    if (this.rules.loadTracking) reweightLoad(q, e, load);
    if (e.onRq) q.load += load - e.load;
    e.load = load;
  }

  protected throttle(q: CfsRq): boolean {
    return this.throttleTasks(q);
  }

  unthrottle(q: CfsRq): void {
    q.fairRq.updateClock();
    this.unthrottleTasks(q);
  }
}
