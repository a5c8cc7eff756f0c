import type { Nanos, Weight } from '@proxysched/core';
import type { CfsEntity } from './cfs-entity.js';
import type { CfsRules } from './cfs-features.js';
import { CfsTree } from './cfs-tree.js';
import { FIRST_VRUNTIME } from './eevdf.js';
import { calcDelta, calcDeltaFixedPoint } from './fixed-point.js';

/**
 * `struct cfs_rq` of classic CFS: whoever has had least, in virtual time, runs; how long is its share of a period. `curr` is
 * the donor, and never in the tree; once dequeued it stays `curr` until put, with `onRq` false, and counts for nothing.
 */
export class CfsQueue {
  readonly tree = new CfsTree();
  curr: CfsEntity | null = null;
  /** Buddies: preferred after a wake-up, after a preemption, and not preferred after a yield. */
  next: CfsEntity | null = null;
  last: CfsEntity | null = null;
  skip: CfsEntity | null = null;
  /** Tree and queued `curr`. */
  nrQueued = 0;
  nrIdle = 0;
  /** Σ of the scaled weights of everything queued. */
  load: Weight = 0;
  /** Where the queue is in virtual time: the least vruntime on it, and never less than it was. */
  minVruntime = FIRST_VRUNTIME;

  constructor(private readonly rules: CfsRules) {}

  // --- time -----------------------------------------------------------------------------------------------------------------

  charge(e: CfsEntity, delta: Nanos): void {
    e.sumExec += delta;
    e.vruntime += calcDeltaFixedPoint(delta, e.weight);
    this.advance();
  }

  /** `update_min_vruntime`. */
  advance(): void {
    const first = this.tree.first();
    const curr = this.curr?.onRq === true ? this.curr : null;
    let least = curr !== null ? curr.vruntime : this.minVruntime;
    if (first !== null) least = curr === null ? first.vruntime : Math.min(least, first.vruntime);
    this.minVruntime = Math.max(this.minVruntime, least);
  }

  /** `sched_slice`: the share of a period, wall time. */
  slice(e: CfsEntity): Nanos {
    const { rules } = this;
    const n = e.onRq ? this.nrQueued : this.nrQueued + 1;
    const period = n > rules.nrLatency ? n * rules.minGranularity : rules.latency;
    const share = calcDelta(period, e.weight, e.onRq ? this.load : this.load + e.weight);
    if (!rules.sliceFloor) return share;
    const onlyIdle = this.nrQueued > 0 && this.nrQueued === this.nrIdle;
    return Math.max(share, e.idle && !onlyIdle ? rules.idleMinGranularity : rules.minGranularity);
  }

  /** How far behind `e` must be to count as such: the wake-up granularity, in its virtual time. */
  granularity(e: CfsEntity): number {
    return calcDeltaFixedPoint(this.rules.wakeupGranularity, e.weight);
  }

  // --- the pick -------------------------------------------------------------------------------------------------------------

  /** Whoever has had least, unless a buddy may go first: one that is not ahead of it by more than a granularity. */
  pick(): CfsEntity | null {
    const { tree, next, last } = this;
    const curr = this.curr?.onRq === true ? this.curr : null;
    const first = tree.first();
    const left = first === null || (curr !== null && curr.vruntime < first.vruntime) ? curr : first;
    if (left === null) return null;
    if (next !== null && this.isFair(next, left)) return next;
    if (last !== null && this.isFair(last, left)) return last;
    if (this.skip !== left) return left;
    const second = this.besides(left, curr);
    return second !== null && this.isFair(second, left) ? second : left;
  }

  /** Who comes after `left`, which gives way. */
  private besides(left: CfsEntity, curr: CfsEntity | null): CfsEntity | null {
    if (left === curr) return this.tree.first();
    const second = this.tree.second();
    return second === null || (curr !== null && curr.vruntime < second.vruntime) ? curr : second;
  }

  private isFair(e: CfsEntity, left: CfsEntity): boolean {
    return e.vruntime - left.vruntime <= this.granularity(left);
  }

  clearBuddies(e: CfsEntity): void {
    if (this.next === e) this.next = null;
    if (this.last === e) this.last = null;
    if (this.skip === e) this.skip = null;
  }

  // --- entities -------------------------------------------------------------------------------------------------------------

  /** A wakee is credited for its sleep, a new task pays a slice in advance; nobody is set back. */
  place(e: CfsEntity, initial: boolean): void {
    const { rules } = this;
    let v = this.minVruntime;
    if (initial) {
      if (rules.startDebit) v += calcDeltaFixedPoint(this.slice(e), e.weight);
    } else {
      const credit = e.idle ? rules.minGranularity : rules.latency;
      v -= rules.gentleFairSleepers ? Math.floor(credit / 2) : credit;
    }
    e.vruntime = Math.max(e.vruntime, v);
  }

  /** The vruntime of `e` becomes one of this timeline. */
  adopt(e: CfsEntity): void {
    if (e.timeline === null) e.vruntime += this.minVruntime;
    e.timeline = this;
  }

  add(e: CfsEntity): void {
    e.onRq = true;
    this.nrQueued++;
    this.load += e.weight;
    if (e.idle) this.nrIdle++;
    if (e !== this.curr) this.tree.insert(e);
  }

  remove(e: CfsEntity): void {
    this.clearBuddies(e);
    if (e !== this.curr) this.tree.remove(e);
    e.onRq = false;
    this.nrQueued--;
    this.load -= e.weight;
    if (e.idle) this.nrIdle--;
  }

  /** Out of the tree: `e` becomes `curr`, and its turn begins. */
  setCurr(e: CfsEntity): void {
    this.clearBuddies(e);
    if (e.onRq) this.tree.remove(e);
    this.curr = e;
    e.prevSumExec = e.sumExec;
  }

  putCurr(): void {
    const { curr } = this;
    this.curr = null;
    if (curr !== null && curr.onRq) this.tree.insert(curr);
  }
}

/** Off its queue for a place elsewhere: what is kept is how far it was from there. */
export function makeRelative(e: CfsEntity): void {
  if (e.timeline !== null) e.vruntime -= e.timeline.minVruntime;
  e.timeline = null;
}
