import { WAKE_FORK, mulDivTrunc } from '@proxysched/core';
import { linux72, protectedSlice } from './linux-7.2.js';
import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import type { Version } from './version.js';
import { becomeEarlierBuddy, dropBuddy, isNormal, type WakeupContext } from './wakeup-preemption.js';

/** Linux 7.3 (7.3.4): as 7.2, on one flat timeline per CPU; a short wakee is served as soon as the running one has had its share. */
export const linux73: Version = {
  ...linux72,
  name: '7.3',
  flat: true,
  inflate: (lag, w, total) => lag + mulDivTrunc(lag, w, total),
  rescalesSleepers: false,

  protect: (q, e, first) => {
    if (!first) return;
    const slice = protectedSlice(q, e);
    if (slice === e.slice) e.vprot = e.deadline;
    else if (q.rules.preemptShort) e.vprot = Math.min(e.deadline, q.parity());
    else e.vprot = Math.min(e.deadline, e.vruntime + q.calcDelta(slice, e));
  },
  shrinkProtection: (q, e) => {
    if (q.rules.runToParity) e.vprot = Math.min(e.vprot, Math.min(e.vruntime, q.virtualTime()) + q.calcDelta(q.minSlice(), e));
  },

  wakeupPreempts: preempts,
};

function preempts(w: WakeupContext): boolean {
  const { rules, q, curr, e } = w;
  if (w.pending && !rules.preemptShort) return false;
  if (!rules.wakeupPreemption) return false;
  if (curr.idle && !e.idle) return preempt(w, false);
  if (curr.idle !== e.idle || !isNormal(e)) return refuse(q, curr);
  w.charge();
  if (e.delayed) return refuse(q, curr);
  const short = rules.preemptShort && e.slice < curr.slice;
  if (!short && (w.flags & WAKE_FORK) !== 0) return refuse(q, curr);
  if (!short && rules.nextBuddy) becomeEarlierBuddy(w);
  // A short wakee that is not the best is at least due.
  if (w.settledPick(!short) === e || (short && q.isEligible(e))) return preempt(w, short);
  return refuse(q, curr);
}

function preempt(w: WakeupContext, short: boolean): true {
  const { q, curr, e } = w;
  if (short && (q.next === null || q.next.slice >= e.slice)) w.setBuddy();
  dropBuddy(q, curr);
  linux73.cancelProtection(curr);
  return true;
}

/** Who was refused is waited for a shortest slice, at most. */
function refuse(q: FairQueue, curr: FairEntity): false {
  linux73.shrinkProtection(q, curr);
  return false;
}
