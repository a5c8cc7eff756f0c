import { floorDiv, mulDivTrunc, safe, type Nanos, type Weight } from '@proxysched/core';
import { FIRST_VRUNTIME } from './eevdf.js';
import type { FairEntity } from './fair-entity.js';
import { FairTree } from './fair-tree.js';
import type { Rules } from './rules.js';
import { scaleDown } from './weights.js';

/**
 * `struct cfs_rq`, flat: the timeline of one CPU and the arithmetic of `eevdf.ts` on it. `curr` is the donor, and never in
 * the tree; once dequeued it stays `curr` until put, with `onRq` false, and counts for nothing.
 */
export class FairQueue {
  readonly tree = new FairTree();
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

  constructor(private readonly rules: Rules) {}

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

  isEligible(e: FairEntity): boolean {
    return e.vruntime <= this.virtualTime();
  }

  /** V − v, within the limit. */
  lag(e: FairEntity, v: number): number {
    const { rules } = this;
    const wall = rules.lagLimit === 'own' ? Math.max(2 * e.slice, rules.tickNsec) : this.maxSlice() + rules.tickNsec;
    const limit = rules.calcDelta(wall, e.weight);
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
    if (protect && !rules.buddyFirst && rules.pickBuddy && next !== null && next.vruntime <= v) return next;
    const curr = onRq !== null && onRq.vruntime <= v ? onRq : null;
    if (curr !== null && protect && this.isProtectedInPick(curr)) return curr;
    const best = tree.earliestEligible(v);
    return best === null || (curr !== null && curr.deadline < best.deadline) ? curr : best;
  }

  /** The pick of a scheduling pass (`pick_next_entity`): 6.12 asks its buddy there, whatever else holds. */
  pickNext(protect: boolean): FairEntity | null {
    const { rules, next } = this;
    if (rules.buddyFirst && rules.pickBuddy && next !== null && this.isEligible(next)) return next;
    return this.pick(protect);
  }

  // --- protection (`fair-eevdf.md` 9) --------------------------------------------------------------------------------------

  isProtected(e: FairEntity): boolean {
    return this.rules.protection === 'deadline' ? e.vprot === e.deadline : e.vruntime < e.vprot;
  }

  private isProtectedInPick(e: FairEntity): boolean {
    return this.isProtected(e) && (this.rules.protection !== 'deadline' || this.rules.runToParity);
  }

  /** `curr` was just picked: how far it may run undisturbed. */
  protect(e: FairEntity): void {
    const { rules } = this;
    if (rules.protection === 'deadline') {
      e.vprot = e.deadline;
      return;
    }
    const slice = Math.min(rules.runToParity ? this.minSlice() : rules.normalizedSlice, e.slice);
    if (slice === e.slice) e.vprot = e.deadline;
    else if (rules.protection === 'parity' && rules.preemptShort) e.vprot = Math.min(e.deadline, this.parity());
    else e.vprot = Math.min(e.deadline, e.vruntime + rules.calcDelta(slice, e.weight));
  }

  /**
   * Where `curr` stops being eligible: v ≤ ⌊mean of all⌋ ⇔ v ≤ mean of the others, so at their floored mean plus 1.
   */
  private parity(): number {
    return this.v0 + (this.sumW === 0 ? 0 : floorDiv(this.sumVw, this.sumW)) + 1;
  }

  /** A preemption was refused: from here on a shortest slice must do. */
  shrinkProtection(e: FairEntity): void {
    const { rules } = this;
    if (!rules.runToParity) return;
    const from = rules.protection === 'parity' ? Math.min(e.vruntime, this.virtualTime()) : e.vruntime;
    e.vprot = Math.min(e.vprot, from + rules.calcDelta(this.minSlice(), e.weight));
  }

  cancelProtection(e: FairEntity): void {
    if (this.rules.protection === 'deadline') e.vprot = e.deadline + 1;
    else if (this.isProtected(e)) e.vprot = e.vruntime;
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
    const vslice = rules.calcDelta(e.slice, e.weight);
    e.deadline = e.vruntime + (initial && rules.placeDeadlineInitial ? Math.floor(vslice / 2) : vslice);
  }

  /** The lag that, after joining, is the stored one. An empty queue owes nothing. */
  private inflatedLag(e: FairEntity): number {
    const { rules } = this;
    if (!rules.placeLag || this.nrQueued === 0 || e.vlag === 0) return 0;
    const total = this.totalWeight();
    if (rules.inflate === 'part') return e.vlag + mulDivTrunc(e.vlag, e.sumWeight, total);
    return mulDivTrunc(e.vlag, total + e.sumWeight, total);
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
    e.deadline = e.vruntime + rules.calcDelta(e.slice, e.weight);
    this.moveOrigin();
    return true;
  }

  // --- weight -----------------------------------------------------------------------------------------------------------------

  setWeight(e: FairEntity, weight: Weight): void {
    e.weight = weight;
    e.sumWeight = this.rules.scaledDownSums ? scaleDown(weight) : weight;
  }

  /** A new weight for an entity that is not queued: the lag it stored was service divided by weight, so both stay true. */
  rescale(e: FairEntity, weight: Weight): void {
    if (weight === e.weight) return;
    e.vlag = mulDivTrunc(e.vlag, e.weight, weight);
    if (this.rules.rescaleDeadline && e.relDeadline) e.deadline = mulDivTrunc(e.deadline, e.weight, weight);
    this.setWeight(e, weight);
  }

  /** A new weight for one that is queued: v, d and the protection keep their distance from V, times weight. V stays. */
  reweight(e: FairEntity, weight: Weight): void {
    if (weight === e.weight) return;
    const v = this.moveOrigin();
    const lag = this.lag(e, v);
    const inTree = e !== this.curr;
    const scale = (distance: number): number => mulDivTrunc(distance, e.weight, weight);
    const vprot = !inTree && this.rules.protection !== 'deadline' && this.isProtected(e) ? v + scale(e.vprot - v) : e.vprot;
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
