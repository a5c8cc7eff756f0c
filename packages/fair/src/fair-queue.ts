import { floorDiv, mulDivTrunc, safe, type Nanos, type Weight } from '@proxysched/core';
import { FIRST_VRUNTIME } from './eevdf.js';
import type { FairEntity } from './fair-entity.js';
import type { Rules } from './rules.js';
import type { Timeline } from './timeline.js';
import { computedInverse, wmult } from './weights.js';

/**
 * A timeline: those who compete for a CPU, or for what their group has of it, and the arithmetic of `eevdf.ts` on them. `curr` runs (as the
 * donor, or is the group the donor is in), and is never in the tree; once dequeued it stays `curr` until put, with `onRq`
 * false, and counts for nothing.
 */
export class FairQueue {
  readonly tree: Timeline;
  curr: FairEntity | null = null;
  /** The buddy. */
  next: FairEntity | null = null;
  /** Tree and queued `curr`, delayed ones included. */
  nrQueued = 0;
  nrDelayed = 0;
  /** Origin of the sums, `zero_vruntime`. V of the empty queue. */
  v0 = FIRST_VRUNTIME;
  /** Σ w·(v − v0) and Σ w of the tree. */
  private sumVw = 0;
  private sumW: Weight = 0;

  constructor(readonly rules: Rules) {
    this.tree = rules.version.makeTimeline();
  }

  // --- virtual time -------------------------------------------------------------------------------------------------------

  /** Σ w of everything queued. */
  totalWeight(): Weight {
    return this.curr?.onRq === true ? this.sumW + this.curr.sumWeight : this.sumW;
  }

  /** V (`avg_vruntime`). Changes nothing. */
  virtualTime(): number {
    const { curr, v0, sumVw, sumW } = this;
    if (curr === null || !curr.onRq) return sumW === 0 ? v0 : v0 + floorDiv(sumVw, sumW);
    if (sumW === 0) return curr.vruntime;
    return v0 + floorMean(sumVw, curr.vruntime - v0, curr.sumWeight, sumW + curr.sumWeight);
  }

  /** V, and from now on the origin: wherever the kernel evaluates V, so that the sums stay small. */
  moveOrigin(): number {
    const v = this.virtualTime();
    const moved = this.sumVw - (v - this.v0) * this.sumW;
    // Not exact: `curr` is very far from the rest. The origin is anybody's choice, so it stays with the rest.
    if (Number.isSafeInteger((v - this.v0) * this.sumW) && Number.isSafeInteger(moved)) {
      this.sumVw = moved;
      this.v0 = v;
    }
    return v;
  }

  /** Wall time to virtual time of `e`. */
  calcDelta(delta: Nanos, e: FairEntity): number {
    return this.rules.version.calcDelta(delta, e.weight, e.inverse);
  }

  isEligible(e: FairEntity): boolean {
    return e.vruntime <= this.virtualTime();
  }

  /** V − v, within the limit. */
  lag(e: FairEntity, v: number): number {
    const limit = this.calcDelta(this.rules.version.lagLimit(this, e), e);
    return Math.max(-limit, Math.min(v - e.vruntime, limit));
  }

  /** Shortest slice of everything queued; `Infinity`: nothing is. */
  minSlice(): Nanos {
    const least = this.tree.root === null ? Infinity : this.tree.root.minSlice;
    return this.curr?.onRq === true ? Math.min(least, this.curr.slice) : least;
  }

  maxSlice(): Nanos {
    const most = this.tree.root === null ? 0 : this.tree.root.maxSlice;
    return this.curr?.onRq === true ? Math.max(most, this.curr.slice) : most;
  }

  // --- the pick -----------------------------------------------------------------------------------------------------------

  /**
   * Earliest deadline among the eligible, unless `curr` is protected (`fair-eevdf.md` 8). It may be delayed: then it is to be
   * dequeued for real and the pick repeated. `protect` false: as if there were neither protection nor buddy.
   */
  pick(protect: boolean): FairEntity | null {
    const { rules, tree, next } = this;
    const onRq = this.curr?.onRq === true ? this.curr : null;
    if (this.nrQueued === 1) return onRq ?? tree.first();
    const v = this.virtualTime();
    if (protect && !rules.version.buddyFirst && rules.pickBuddy && next !== null && next.vruntime <= v) return next;
    const curr = onRq !== null && onRq.vruntime <= v ? onRq : null;
    if (curr !== null && protect && rules.version.protectedInPick(this, curr)) return curr;
    const best = tree.earliestEligible(v);
    return best === null || (curr !== null && curr.deadline < best.deadline) ? curr : best;
  }

  /** The pick of a scheduling pass (`pick_next_entity`): 6.12 asks its buddy there, whatever else holds. */
  pickNext(protect: boolean): FairEntity | null {
    const { rules, next } = this;
    if (rules.version.buddyFirst && rules.pickBuddy && next !== null && this.isEligible(next)) return next;
    return this.pick(protect);
  }

  /**
   * Where `curr` stops being eligible: v ≤ ⌊mean of all⌋ ⇔ v ≤ mean of the others, so at their floored mean plus 1.
   */
  parity(): number {
    return this.v0 + (this.sumW === 0 ? 0 : floorDiv(this.sumVw, this.sumW)) + 1;
  }

  // --- entities -------------------------------------------------------------------------------------------------------------

  /** Where a joining entity starts (`fair-eevdf.md` 10). Its weight is set, it is not queued yet. */
  place(e: FairEntity, initial: boolean): void {
    const { rules } = this;
    const v = this.moveOrigin();
    if (!e.customSlice) e.slice = rules.baseSlice;
    e.vruntime = v - this.inflatedLag(e);
    if (rules.placeRelDeadline && e.relDeadline) {
      e.deadline += e.vruntime;
      e.relDeadline = false;
      return;
    }
    const vslice = this.calcDelta(e.slice, e);
    e.deadline = e.vruntime + (initial && rules.placeDeadlineInitial ? Math.floor(vslice / 2) : vslice);
  }

  /** The lag that, after joining, is the stored one. An empty queue owes nothing. */
  private inflatedLag(e: FairEntity): number {
    const { rules } = this;
    if (!rules.placeLag || this.nrQueued === 0 || e.vlag === 0) return 0;
    return rules.version.inflate(e.vlag, e.sumWeight, this.totalWeight());
  }

  /** `placed` joins. */
  add(placed: FairEntity): void {
    placed.onRq = true;
    this.nrQueued++;
    if (placed.delayed) this.nrDelayed++;
    if (placed !== this.curr) this.insert(placed);
  }

  remove(e: FairEntity): void {
    if (e !== this.curr) this.extract(e);
    e.onRq = false;
    this.nrQueued--;
    if (e.delayed) this.nrDelayed--;
  }

  /** `e`, queued, asks for another slice than before. */
  setSlice(e: FairEntity, slice: Nanos): void {
    if (e.slice === slice) return;
    e.slice = slice;
    if (e !== this.curr) this.tree.touch(e);
  }

  setDelayed(e: FairEntity): void {
    e.delayed = true;
    this.nrDelayed++;
  }

  clearDelayed(e: FairEntity): void {
    e.delayed = false;
    if (e.onRq) this.nrDelayed--;
  }

  /** Out of the tree: `e` becomes `curr`. */
  setCurr(e: FairEntity): void {
    if (e.onRq) this.extract(e);
    this.curr = e;
  }

  putCurr(): void {
    const { curr } = this;
    this.curr = null;
    if (curr !== null && curr.onRq) this.insert(curr);
  }

  /** The request is used up: the next one counts from here (`update_deadline`). True: it was. */
  renewDeadline(e: FairEntity): boolean {
    if (e.vruntime < e.deadline) return false;
    const { rules } = this;
    if (!e.customSlice) e.slice = rules.baseSlice;
    e.deadline = e.vruntime + this.calcDelta(e.slice, e);
    this.moveOrigin();
    return true;
  }

  /** `e`, queued, has had `delta`: `curr`, or one in the tree that ran for another. */
  advance(e: FairEntity, delta: Nanos): void {
    if (e !== this.curr) this.extract(e);
    e.vruntime += this.calcDelta(delta, e);
    this.renewDeadline(e);
    if (e !== this.curr) this.insert(e);
  }

  // --- weight -----------------------------------------------------------------------------------------------------------------

  setWeight(e: FairEntity, weight: Weight): void {
    e.weight = weight;
    e.inverse = e.my === null ? wmult(weight) : computedInverse(weight);
    e.sumWeight = this.rules.version.sumWeight(weight);
  }

  /** A new weight for an entity that is not queued: the lag it stored was service divided by weight, so both stay true. */
  rescale(e: FairEntity, weight: Weight): void {
    if (weight === e.weight) return;
    e.vlag = mulDivTrunc(e.vlag, e.weight, weight);
    if (this.rules.version.rescalesDeadline && e.relDeadline) e.deadline = mulDivTrunc(e.deadline, e.weight, weight);
    this.setWeight(e, weight);
  }

  /** A new weight for one that is queued: v, d and the protection keep their distance from V, times weight. V stays. */
  reweight(e: FairEntity, weight: Weight): void {
    const v = this.moveOrigin();
    const lag = this.lag(e, v);
    const inTree = e !== this.curr;
    const scale = (distance: number): number => mulDivTrunc(distance, e.weight, weight);
    const { version } = this.rules;
    const vprot = !inTree && version.rescalesDeadline && version.isProtected(e) ? v + scale(e.vprot - v) : e.vprot;
    if (inTree) this.extract(e);
    e.deadline = v + scale(e.deadline - v);
    e.vruntime = v - scale(lag);
    e.vprot = vprot;
    this.setWeight(e, weight);
    if (inTree) this.insert(e);
  }

  // --- the tree -----------------------------------------------------------------------------------------------------------------

  private insert(e: FairEntity): void {
    this.tree.insert(e);
    this.count(e, e.sumWeight);
  }

  private extract(e: FairEntity): void {
    this.tree.remove(e);
    this.count(e, -e.sumWeight);
  }

  /** Adds w·(v − v0) and w to the sums; `w` negative: takes them away. */
  private count(e: FairEntity, w: number): void {
    const product = (e.vruntime - this.v0) * w;
    const sum = this.sumVw + product;
    this.sumW = safe(this.sumW + w, 'Σ w');
    if (Number.isSafeInteger(product) && Number.isSafeInteger(sum)) this.sumVw = sum;
    else this.recentre(BigInt(this.sumVw) + BigInt(e.vruntime - this.v0) * BigInt(w));
  }

  /** The exact sum is too large: a heavy entity has joined light ones far from them, or left. Their new mean is near all that matters. */
  private recentre(sum: bigint): void {
    const mean = this.sumW === 0 ? 0n : bigFloorDiv(sum, BigInt(this.sumW));
    this.v0 += Number(mean);
    this.sumVw = Number(sum - mean * BigInt(this.sumW));
  }

  /** Whether the sums are what the tree says they are. */
  sumsHold(): boolean {
    let vw = 0n;
    let w = 0;
    for (const e of this.tree) {
      vw += BigInt(e.vruntime - this.v0) * BigInt(e.sumWeight);
      w += e.sumWeight;
    }
    return vw === BigInt(this.sumVw) && w === this.sumW;
  }
}

/** ⌊(sum + v·w) / total⌋. */
function floorMean(sum: number, v: number, w: Weight, total: Weight): number {
  const product = v * w;
  if (Number.isSafeInteger(product) && Number.isSafeInteger(sum + product)) return floorDiv(sum + product, total);
  return Number(bigFloorDiv(BigInt(sum) + BigInt(v) * BigInt(w), BigInt(total)));
}

function bigFloorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}
