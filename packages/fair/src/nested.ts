import {
  DEQUEUE_DELAYED,
  DEQUEUE_MIGRATE,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  ENQUEUE_DELAYED,
  ENQUEUE_INITIAL,
  ENQUEUE_WAKEUP,
  NEVER,
  payer,
  type Nanos,
  type Weight,
} from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';
import type { FairEntity } from './fair-entity.js';
import type { FairRq } from './fair-rq.js';
import { Hierarchy, isOnPath } from './hierarchy.js';
import { reweightLoad, updateAndAttach, updateAndDetach } from './load-tracking.js';
import { wallFor } from './slice-left.js';
import { NestedWakeup } from './wakeup.js';

/**
 * 6.12 and 7.2: each group has a timeline per CPU and competes with one entity in the timeline above. Every level is charged on
 * its own, when something happens there and no sooner: the roundings depend on it. So time is told by the clock and the entity's
 * `execStart`, and what the kernel charges says nothing new.
 */
export class Nested extends Hierarchy {
  private readonly wakeup = new NestedWakeup(this);

  // --- enqueue ------------------------------------------------------------------------------------------------------------------

  enqueue(f: FairRq, e: FairEntity, flags: number): void {
    f.updateClock();
    if ((flags & ENQUEUE_DELAYED) !== 0) {
      this.requeue(e);
      return;
    }
    this.join(f, e, flags);
    e.cfsRq!.timeline.rescale(e, e.load);
    if (this.rejoinsLimbo(e)) return;
    this.enqueueLevels(e, flags);
  }

  private requeue(e: FairEntity): void {
    if (this.rules.version.delayedKeepsLag) this.chargeLevel(e.cfsRq!);
    this.requeueDelayed(e.cfsRq!, e);
  }

  /** Up to the first that is queued already each entity joins; those above learn of it. */
  private enqueueLevels(e: FairEntity, flags: number): void {
    const runnable = e.delayed ? 0 : 1;
    let how = flags;
    let slice: Nanos = 0;
    let s: FairEntity | null = e;
    for (; s !== null && !s.onRq; s = s.parent) {
      const q = s.cfsRq!;
      if (slice > 0) {
        s.slice = slice;
        s.customSlice = true;
      }
      this.enqueueEntity(q, s, how);
      slice = q.timeline.minSlice();
      q.hNrRunnable += runnable;
      q.hNrQueued++;
      if (this.ends(q)) return;
      how = ENQUEUE_WAKEUP;
    }
    if (s?.delayed === true) this.requeue(s);
    this.updateLevels(s, slice, 1, runnable);
  }

  /** Above what joined or left: averages, weights, slices and counts. */
  private updateLevels(from: FairEntity | null, below: Nanos, queued: number, runnable: number): void {
    let slice = below;
    for (let s = from; s !== null; s = s.parent) {
      const q = s.cfsRq!;
      this.track(q, s, true);
      this.updateRunnable(s);
      this.updateGroup(s);
      q.timeline.setSlice(s, slice);
      slice = q.timeline.minSlice();
      q.hNrRunnable += runnable;
      q.hNrQueued += queued;
      if (this.ends(q)) return;
    }
  }

  /** A throttled queue is not queued itself: what happens in it does not concern those above. */
  private ends(q: CfsRq): boolean {
    return q.throttled && !this.rules.version.throttlesTasks;
  }

  private enqueueEntity(q: CfsRq, e: FairEntity, flags: number): void {
    const initial = (flags & ENQUEUE_INITIAL) !== 0;
    const running = q.curr === e;
    if (running) q.timeline.place(e, initial);
    this.chargeLevel(q);
    if (this.rules.loadTracking) updateAndAttach(q, e);
    this.updateRunnable(e);
    this.updateGroup(e);
    if (!running) q.timeline.place(e, initial);
    q.load += e.load;
    q.nrQueued++;
    q.timeline.add(e);
    if (q.nrQueued === 1) this.checkFirst(q);
  }

  // --- dequeue ------------------------------------------------------------------------------------------------------------------

  dequeue(f: FairRq, e: FairEntity, flags: number): boolean {
    f.updateClock();
    if (e.throttled) {
      this.leaveLimbo(e, flags);
      return true;
    }
    const sleep = (flags & DEQUEUE_SLEEP) !== 0;
    if (sleep && (flags & DEQUEUE_DELAYED) === 0 && e.task !== null && this.rules.version.estimatesFirst) this.estimate(e);
    return this.dequeueLevels(e, flags);
  }

  /** Up to the first whose queue has others each entity leaves, the groups as sleepers; those above learn of it. */
  private dequeueLevels(e: FairEntity, flags: number): boolean {
    const isTask = e.task !== null;
    const sleep = (flags & DEQUEUE_SLEEP) !== 0;
    const queued = isTask ? 1 : 0;
    const runnable = isTask && (sleep || !e.delayed) ? 1 : 0;
    let how = flags;
    let slice = isTask ? 0 : e.my!.timeline.minSlice();
    let s: FairEntity | null = e;
    for (; s !== null; s = s.parent) {
      const q: CfsRq = s.cfsRq!;
      if (!this.dequeueEntity(q, s, how)) {
        if (s === e && isTask) return false;
        slice = q.timeline.minSlice();
        break;
      }
      q.hNrRunnable -= runnable;
      q.hNrQueued -= queued;
      if (this.ends(q)) return true;
      if (q.load > 0) {
        slice = q.timeline.minSlice();
        s = s.parent;
        // What is left there is preferred: the task sleeps, its group has not had its slice.
        if (sleep && s !== null && q.throttleCount === 0) this.setBuddy(s);
        break;
      }
      how = (how | DEQUEUE_SLEEP) & ~(DEQUEUE_DELAYED | DEQUEUE_SPECIAL);
    }
    this.updateLevels(s, slice, -queued, -runnable);
    return true;
  }

  private dequeueEntity(q: CfsRq, e: FairEntity, flags: number): boolean {
    const { rules } = this;
    const line = q.timeline;
    const sleep = (flags & DEQUEUE_SLEEP) !== 0;
    const ends = (flags & DEQUEUE_DELAYED) !== 0 || (sleep && e.delayed);
    this.chargeLevel(q);
    this.clearBuddies(q, e);
    if (sleep && (flags & (DEQUEUE_SPECIAL | DEQUEUE_DELAYED)) === 0 && rules.delayDequeue && !line.isEligible(e)) {
      if (!e.delayed) this.delay(q, e);
      return false;
    }
    if (e.task !== null && (flags & DEQUEUE_MIGRATE) !== 0 && rules.loadTracking) updateAndDetach(q, e);
    else this.track(q, e, true);
    if (e.task !== null && sleep && !ends && !rules.version.estimatesFirst) this.estimate(e);
    this.updateRunnable(e);
    e.vlag = this.leavingLag(line, e, line.moveOrigin(), sleep);
    line.remove(e);
    if (rules.placeRelDeadline && !sleep) {
      e.deadline -= e.vruntime;
      e.relDeadline = true;
    }
    q.load -= e.load;
    q.nrQueued--;
    this.giveBack(q);
    this.updateGroup(e);
    if (ends) this.clearDelayed(e);
    return true;
  }

  private delay(q: CfsRq, e: FairEntity): void {
    const { version } = this.rules;
    if (version.delayedKeepsLag) e.vlag = q.timeline.lag(e, q.timeline.moveOrigin());
    this.track(q, e, false);
    if (e.task !== null && !version.estimatesFirst) this.estimate(e);
    this.setDelayed(e);
  }

  // --- the pick -----------------------------------------------------------------------------------------------------------------

  pick(f: FairRq): FairEntity | null {
    let e = f.timeline.pickNext(true);
    while (e !== null && e.my !== null) e = e.my.timeline.pickNext(true);
    return e;
  }

  settle(f: FairRq): void {
    f.updateClock();
    while (f.root.nrQueued > 0 && !this.settleOnce(f));
  }

  /** Down from the root. False: something left the queues, so start again. */
  private settleOnce(f: FairRq): boolean {
    let q = f.root;
    for (;;) {
      if (q.curr?.onRq === true) this.chargeLevel(q);
      if (this.outOfRuntime(q)) return false;
      const e = q.timeline.pickNext(true);
      if (e === null) return true;
      if (e.delayed) {
        this.finishDelayed(f, e);
        return false;
      }
      if (e.my === null) return !this.throttlesAtReturn(f, e);
      q = e.my;
    }
  }

  /** The pick on one timeline, after those delayed ones that come before it have left for real. */
  settledPick(f: FairRq, q: CfsRq, protect: boolean): FairEntity | null {
    for (;;) {
      const e = q.timeline.pick(protect);
      if (e === null || !e.delayed) return e;
      this.finishDelayed(f, e);
    }
  }

  // --- time ---------------------------------------------------------------------------------------------------------------------

  /** Nothing: levels are charged where `update_curr` is called for them. */
  charge(): void {
    // see the class
  }

  /** `update_curr` of one level. */
  chargeLevel(q: CfsRq): void {
    const e = q.curr;
    if (e === null) return;
    const delta = q.fairRq.now - e.execStart;
    if (delta <= 0) return;
    e.execStart = q.fairRq.now;
    const { rq } = q.fairRq;
    if (payer(rq, this.kernel.charging) !== rq.donor) return;
    const line = q.timeline;
    e.vruntime += line.calcDelta(delta, e);
    const sliceOver = line.renewDeadline(e);
    this.account(q, delta);
    if (q.nrQueued === 1) return;
    if (!sliceOver && !this.rules.version.exposed(line, e)) return;
    this.kernel.resched(q.fairRq.rq);
    this.clearBuddies(q, e);
  }

  /** Groups that it shares with the donor run already, the others wait with it. */
  chargeRunner(f: FairRq, e: FairEntity, delta: Nanos): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      const q = s.cfsRq!;
      q.timeline.advance(s, delta);
      this.account(q, delta);
    }
  }

  tick(f: FairRq, e: FairEntity): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      const q = s.cfsRq!;
      this.chargeLevel(q);
      this.track(q, s, true);
      this.updateGroup(s);
    }
  }

  sliceLeft(f: FairRq, e: FairEntity): Nanos {
    let least: Nanos = NEVER;
    for (let s: FairEntity | null = e; s !== null; s = s.parent) {
      const q = s.cfsRq!;
      const since = f.now - s.execStart;
      least = Math.min(least, this.runtimeLeft(q, since));
      if (q.nrQueued > 1 && s.onRq) least = Math.min(least, Math.max(1, wallFor(q.timeline, s) - since));
    }
    return least;
  }

  yield(f: FairRq, e: FairEntity): void {
    f.updateClock();
    if (f.root.hNrQueued <= 1) return;
    const q = e.cfsRq!;
    this.clearBuddies(q, e);
    this.chargeLevel(q);
    if (!q.timeline.isEligible(e)) return;
    e.vruntime = e.deadline;
    q.timeline.renewDeadline(e);
  }

  // --- who runs -----------------------------------------------------------------------------------------------------------------

  /** As far up as the path to `e` does not run yet. */
  setNext(f: FairRq, e: FairEntity, first: boolean): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null && s.cfsRq!.curr !== s; s = s.parent) {
      const q = s.cfsRq!;
      this.clearBuddies(q, s);
      if (s.onRq) this.track(q, s, true);
      q.timeline.setCurr(s);
      if (s.onRq) this.rules.version.protect(q.timeline, s, first);
      s.execStart = f.now;
      q.curr = s;
      this.account(q, 0);
    }
  }

  /** As far up as the path to `e` is not the path to `next` too. */
  putPrev(f: FairRq, e: FairEntity, next: FairEntity | null): void {
    f.updateClock();
    for (let s: FairEntity | null = e; s !== null && !isOnPath(s, next); s = s.parent) {
      const q = s.cfsRq!;
      if (s.onRq) this.chargeLevel(q);
      this.outOfRuntime(q);
      if (s.onRq) this.track(q, s, false);
      q.timeline.putCurr();
      q.curr = null;
    }
  }

  wakeupPreempt(f: FairRq, curr: FairEntity, e: FairEntity, flags: number): boolean {
    f.updateClock();
    if (e.cfsRq!.throttleCount > 0) return false;
    return this.rules.version.wakeupPreempts(this.wakeup.of(f, curr, e, flags));
  }

  /** `set_next_buddy`: `e` and the groups it is in. */
  setBuddy(e: FairEntity): void {
    for (let s: FairEntity | null = e; s !== null && s.onRq && !s.idle; s = s.parent) s.cfsRq!.timeline.next = s;
  }

  private clearBuddies(q: CfsRq, e: FairEntity): void {
    if (q.timeline.next !== e) return;
    for (let s: FairEntity | null = e; s !== null && s.cfsRq!.timeline.next === s; s = s.parent) s.cfsRq!.timeline.next = null;
  }

  // --- weight -------------------------------------------------------------------------------------------------------------------

  protected reweightGroup(q: CfsRq, e: FairEntity, load: Weight): void {
    if (e.onRq) this.chargeLevel(q);
    if (this.rules.loadTracking) reweightLoad(q, e, load);
    if (e.onRq) {
      q.load += load - e.load;
      q.timeline.reweight(e, load);
    } else {
      q.timeline.rescale(e, load);
    }
    e.load = load;
  }

  // --- bandwidth ------------------------------------------------------------------------------------------------------------------

  /** `check_cfs_rq_runtime`, of the kernel that throttles groups: true if `q` is throttled now. */
  private outOfRuntime(q: CfsRq): boolean {
    if (this.rules.version.throttlesTasks || !q.runtimeEnabled || q.runtimeRemaining > 0) return false;
    return q.throttled || this.throttle(q);
  }

  protected throttle(q: CfsRq): boolean {
    if (this.rules.version.throttlesTasks) return this.throttleTasks(q);
    const bandwidth = q.group!.bandwidth!;
    if (bandwidth.assignLeast(q)) return false;
    bandwidth.enlist(q);
    this.stopClocks(q.group!, q.cpu);
    this.leaveParents(q);
    q.throttled = true;
    return true;
  }

  /** The group's entity leaves, and with it those groups above that have nothing else. */
  private leaveParents(q: CfsRq): void {
    const { hNrQueued, hNrRunnable } = q;
    let s: FairEntity | null = q.entity;
    for (; s !== null; s = s.parent) {
      const above: CfsRq = s.cfsRq!;
      if (!s.onRq) return;
      this.dequeueEntity(above, s, DEQUEUE_SLEEP | DEQUEUE_SPECIAL | (s.delayed ? DEQUEUE_DELAYED : 0));
      above.hNrQueued -= hNrQueued;
      above.hNrRunnable -= hNrRunnable;
      if (above.load > 0) {
        s = s.parent;
        break;
      }
    }
    for (; s !== null && s.onRq; s = s.parent) {
      this.track(s.cfsRq!, s, false);
      this.updateRunnable(s);
      s.cfsRq!.hNrQueued -= hNrQueued;
      s.cfsRq!.hNrRunnable -= hNrRunnable;
    }
  }

  unthrottle(q: CfsRq): void {
    const f = q.fairRq;
    f.updateClock();
    if (this.rules.version.throttlesTasks) return this.unthrottleTasks(q);
    q.throttled = false;
    this.startClocks(q.group!, q.cpu);
    if (q.load > 0) this.joinParents(q);
    this.unthrottled(f, f.root.nrQueued);
  }

  private joinParents(q: CfsRq): void {
    const { hNrQueued, hNrRunnable } = q;
    let s = q.entity;
    for (; s !== null; s = s.parent) {
      const above = s.cfsRq!;
      if (s.delayed) this.dequeueEntity(above, s, DEQUEUE_SLEEP | DEQUEUE_DELAYED);
      else if (s.onRq) break;
      this.enqueueEntity(above, s, ENQUEUE_WAKEUP);
      above.hNrQueued += hNrQueued;
      above.hNrRunnable += hNrRunnable;
      if (above.throttled) return;
    }
    for (; s !== null; s = s.parent) {
      const above = s.cfsRq!;
      this.track(above, s, true);
      this.updateRunnable(s);
      above.hNrQueued += hNrQueued;
      above.hNrRunnable += hNrRunnable;
      if (above.throttled) return;
    }
  }
}
