import { DETACHED, shiftLoad, shiftRunnable, shiftUtil, updateAverages, updateSums, type Nanos } from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';
import type { FairEntity } from './fair-entity.js';
import { scaleDown } from './weights.js';

/**
 * The bookkeeping of load (`pelt-and-balance.md` 2): a queue's averages are the sum of those attached to it, blocked ones included, and a
 * group's entity has those of its queue. What joins and leaves by the way is propagated upwards.
 */

/** Publishing to the group is for all CPUs to see, so it is rationed. */
const PUBLISH_PERIOD: Nanos = 1_000_000;

/** `cfs_rq_clock_pelt`: stands still while throttled. */
export function clockPelt(q: CfsRq): Nanos {
  return (q.clockStopped >= 0 ? q.clockStopped : q.fairRq.clock.now) - q.clockStood;
}

/** `update_load_avg`: `e`, then its queue, then what changed below `e`. `publish`: tell the group if anything moved. */
export function updateLoadAvg(q: CfsRq, e: FairEntity, publish: boolean): void {
  const changed = ageAndPropagate(q, e);
  if (changed && publish) publishLoad(q);
}

/** The same for one that joins: it is attached if it is nowhere (`DO_ATTACH`). */
export function updateAndAttach(q: CfsRq, e: FairEntity): void {
  const detached = e.avg.lastUpdate === DETACHED;
  const changed = ageAndPropagate(q, e);
  if (detached) attach(q, e);
  if (detached || changed) publishLoad(q);
}

/** The same for one that leaves for another queue (`DO_DETACH`). */
export function updateAndDetach(q: CfsRq, e: FairEntity): void {
  ageAndPropagate(q, e);
  detach(q, e);
  e.avg.lastUpdate = DETACHED;
  publishLoad(q);
}

function ageAndPropagate(q: CfsRq, e: FairEntity): boolean {
  const now = clockPelt(q);
  if (e.avg.lastUpdate !== DETACHED) ageEntity(q, e, now);
  const decayed = ageQueue(q, now);
  return propagate(q, e) || decayed;
}

function ageEntity(q: CfsRq, e: FairEntity, now: Nanos): void {
  const runnable = !e.onRq || e.delayed ? 0 : e.my === null ? 1 : e.runnable;
  if (!updateSums(e.avg, now, e.onRq ? 1 : 0, runnable, q.curr === e)) return;
  updateAverages(e.avg, scaleDown(e.load));
  e.utilEstFresh = false;
}

/** `update_cfs_rq_load_avg`. */
export function ageQueue(q: CfsRq, now: Nanos): boolean {
  const removed = q.removed;
  if (removed) takeRemoved(q);
  if (!updateSums(q.avg, now, scaleDown(q.load), q.hNrRunnable, q.curr !== null)) return removed;
  updateAverages(q.avg, 1);
  return true;
}

function takeRemoved(q: CfsRq): void {
  const { avg } = q;
  const { divider } = avg;
  shiftLoad(avg, -q.removedLoad, -q.removedLoad * divider);
  shiftUtil(avg, -q.removedUtil, -q.removedUtil * divider);
  shiftRunnable(avg, -q.removedRunnable, -q.removedRunnable * divider);
  addPropagate(q, Math.floor((-q.removedRunnable * divider) / 1024));
  q.removedLoad = q.removedUtil = q.removedRunnable = 0;
  q.removed = false;
}

function attach(q: CfsRq, e: FairEntity): void {
  const { avg } = e;
  const weight = scaleDown(e.load);
  avg.lastUpdate = q.avg.lastUpdate;
  avg.periodContrib = q.avg.periodContrib;
  avg.utilSum = avg.utilAvg * avg.divider;
  avg.runnableSum = avg.runnableAvg * avg.divider;
  const sum = avg.loadAvg * avg.divider;
  avg.loadSum = weight < sum ? Math.floor(sum / weight) : 1;
  shiftLoad(q.avg, avg.loadAvg, weight * avg.loadSum);
  q.avg.utilAvg += avg.utilAvg;
  q.avg.utilSum += avg.utilSum;
  q.avg.runnableAvg += avg.runnableAvg;
  q.avg.runnableSum += avg.runnableSum;
  addPropagate(q, avg.loadSum);
}

function detach(q: CfsRq, e: FairEntity): void {
  const { avg } = e;
  shiftLoad(q.avg, -avg.loadAvg, -scaleDown(e.load) * avg.loadSum);
  shiftUtil(q.avg, -avg.utilAvg, -avg.utilSum);
  shiftRunnable(q.avg, -avg.runnableAvg, -avg.runnableSum);
  addPropagate(q, -avg.loadSum);
}

/** `remove_entity_load_avg`: a blocked task wakes on another CPU, whose lock alone is held: what it leaves behind is only noted. */
export function removeLoad(q: CfsRq, e: FairEntity): void {
  const { avg } = e;
  if (avg.lastUpdate === DETACHED) return;
  if (updateSums(avg, q.avg.lastUpdate, 0, 0, false)) updateAverages(avg, scaleDown(e.load));
  q.removed = true;
  q.removedLoad += avg.loadAvg;
  q.removedUtil += avg.utilAvg;
  q.removedRunnable += avg.runnableAvg;
  avg.lastUpdate = DETACHED;
}

/** A new weight for `e`, wherever it is: its load average follows at once (`reweight_entity`). */
export function reweightLoad(q: CfsRq, e: FairEntity, load: number): void {
  const { avg } = e;
  const attached = avg.lastUpdate !== DETACHED;
  if (attached) shiftLoad(q.avg, -avg.loadAvg, -scaleDown(e.load) * avg.loadSum);
  avg.loadAvg = Math.floor((scaleDown(load) * avg.loadSum) / avg.divider);
  if (attached) shiftLoad(q.avg, avg.loadAvg, scaleDown(load) * avg.loadSum);
}

/** `post_init_entity_util_avg`: a new task is assumed to use half of what is left, or as much as others of its weight do. */
export function initLoad(q: CfsRq, e: FairEntity, capacity: number): void {
  const { avg } = e;
  avg.loadAvg = scaleDown(e.load);
  const cap = Math.trunc((capacity - q.avg.utilAvg) / 2);
  if (cap > 0) {
    const alike = Math.floor((q.avg.utilAvg * scaleDown(e.load)) / (q.avg.loadAvg + 1));
    avg.utilAvg = q.avg.utilAvg === 0 ? cap : Math.min(alike, cap);
  }
  avg.runnableAvg = avg.utilAvg;
}

// --- upwards ------------------------------------------------------------------------------------------------------------------

function addPropagate(q: CfsRq, runnableSum: number): void {
  q.propagate = true;
  q.propRunnableSum += runnableSum;
}

/** `propagate_entity_load_avg`: what joined or left the queue of `e` joins or leaves `e` and, with it, `q`. */
function propagate(q: CfsRq, e: FairEntity): boolean {
  const from = e.my;
  if (from === null || !from.propagate) return false;
  from.propagate = false;
  addPropagate(q, from.propRunnableSum);
  propagateUtil(q, e, from);
  propagateRunnable(q, e, from);
  propagateLoad(q, e, from);
  return true;
}

function propagateUtil(q: CfsRq, e: FairEntity, from: CfsRq): void {
  const delta = from.avg.utilAvg - e.avg.utilAvg;
  if (delta === 0) return;
  const before = e.avg.utilSum;
  e.avg.utilAvg = from.avg.utilAvg;
  e.avg.utilSum = e.avg.utilAvg * q.avg.divider;
  shiftUtil(q.avg, delta, e.avg.utilSum - before);
}

function propagateRunnable(q: CfsRq, e: FairEntity, from: CfsRq): void {
  const delta = from.avg.runnableAvg - e.avg.runnableAvg;
  if (delta === 0) return;
  const before = e.avg.runnableSum;
  e.avg.runnableAvg = from.avg.runnableAvg;
  e.avg.runnableSum = e.avg.runnableAvg * q.avg.divider;
  shiftRunnable(q.avg, delta, e.avg.runnableSum - before);
}

/** The load of a group does not follow from its members': it is its weight and the share of time somebody was there. */
function propagateLoad(q: CfsRq, e: FairEntity, from: CfsRq): void {
  const change = from.propRunnableSum;
  if (change === 0) return;
  from.propRunnableSum = 0;
  const { divider } = q.avg;
  const weight = scaleDown(e.load);
  const sum = Math.max(joined(e, from, change, divider), Math.floor(e.avg.utilSum / 1024));
  const loadAvg = Math.floor((weight * sum) / divider);
  const delta = loadAvg - e.avg.loadAvg;
  if (delta === 0) return;
  const deltaSum = weight * sum - weight * e.avg.loadSum;
  e.avg.loadSum = sum;
  e.avg.loadAvg = loadAvg;
  shiftLoad(q.avg, delta, deltaSum);
}

/** Joining adds up to "always"; leaving falls to the mean of those that stay. */
function joined(e: FairEntity, from: CfsRq, change: number, divider: number): number {
  if (change > 0) return Math.min(e.avg.loadSum + change, divider);
  const weight = scaleDown(from.load);
  return weight === 0 ? 0 : Math.min(e.avg.loadSum, Math.floor(from.avg.loadSum / weight));
}

/** `update_tg_load_avg`: the group's totals, at most once per ms and only by changes that matter. */
export function publishLoad(q: CfsRq): void {
  const { group, avg } = q;
  if (group === null) return;
  const { now } = q.fairRq;
  if (now - q.tgPublished < PUBLISH_PERIOD) return;
  const load = avg.loadAvg - q.tgLoadContrib;
  const runnable = avg.runnableAvg - q.tgRunnableContrib;
  const matters = Math.abs(load) > Math.floor(q.tgLoadContrib / 64);
  if (!matters && !(group.countsTasks && Math.abs(runnable) > Math.floor(q.tgRunnableContrib / 64))) return;
  group.loadAvg += load;
  group.runnableAvg += runnable;
  q.tgLoadContrib = avg.loadAvg;
  q.tgRunnableContrib = avg.runnableAvg;
  q.tgPublished = now;
}

// --- seen from the root -------------------------------------------------------------------------------------------------------

/** `task_h_load`: the part of the CPU's load that `e` is, through the groups it is in. */
export function hLoad(e: FairEntity, tick: number): number {
  const q = e.cfsRq!;
  return Math.floor((e.avg.loadAvg * queueHLoad(q, tick)) / (q.avg.loadAvg + 1));
}

function queueHLoad(q: CfsRq, tick: number): number {
  if (q.hLoadTick === tick) return q.hLoad;
  q.hLoadTick = tick;
  if (q.above === null) q.hLoad = q.avg.loadAvg;
  else q.hLoad = Math.floor((queueHLoad(q.above, tick) * q.entity!.avg.loadAvg) / (q.above.avg.loadAvg + 1));
  return q.hLoad;
}
