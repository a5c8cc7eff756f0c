import { WAKE_FORK, mulDivTrunc } from '@proxysched/core';
import { calcDeltaFair } from './eevdf.js';
import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import { FairTree } from './fair-tree.js';
import type { Version } from './version.js';
import { becomeEarlierBuddy, dropBuddy, isNormal, type WakeupContext } from './wakeup-preemption.js';

/** Linux 7.2 (7.2.12): exact divisions; protection is a limit on vruntime, until a shortest slice is used. */
export const linux72: Version = {
  name: '7.2',
  flat: false,
  calcDelta: calcDeltaFair,
  makeTimeline: () => new FairTree(),
  sumWeight: weight => weight,
  lagLimit: q => q.maxSlice() + q.rules.tickNsec,
  inflate: (lag, w, total) => mulDivTrunc(lag, total + w, total),
  rescalesDeadline: true,
  rescalesSleepers: true,

  protect: (q, e, first) => {
    if (!first) return;
    const slice = protectedSlice(q, e);
    e.vprot = slice === e.slice ? e.deadline : Math.min(e.deadline, e.vruntime + q.calcDelta(slice, e));
  },
  isProtected: e => e.vruntime < e.vprot,
  protectedInPick: (_q, e) => e.vruntime < e.vprot,
  exposed: (_q, e) => e.vruntime >= e.vprot,
  shrinkProtection: (q, e) => {
    if (q.rules.runToParity) e.vprot = Math.min(e.vprot, e.vruntime + q.calcDelta(q.minSlice(), e));
  },
  cancelProtection: e => {
    e.vprot = Math.min(e.vprot, e.vruntime);
  },
  buddyFirst: false,

  delayedKeepsLag: true,
  estimatesFirst: false,
  throttlesTasks: true,
  wakeupPreempts: preempts,
};

/** How long one that was picked runs before others are looked at: as long as the shortest slice, or as the base slice was meant. */
export function protectedSlice(q: FairQueue, e: FairEntity): number {
  return Math.min(q.rules.runToParity ? q.minSlice() : q.rules.normalizedSlice, e.slice);
}

function preempts(w: WakeupContext): boolean {
  const { rules, q, curr, e, wakee } = w;
  if (w.pending || !rules.wakeupPreemption) return false;
  if (curr.idle && !e.idle) return preempt(w, true);
  if (curr.idle !== e.idle || !isNormal(wakee)) return false;
  w.charge();
  const short = rules.preemptShort && e.slice < curr.slice;
  if (!short) {
    if ((w.flags & WAKE_FORK) !== 0 || wakee.delayed) return false;
    if (rules.nextBuddy) becomeEarlierBuddy(w);
  }
  if (w.settledPick(!short) === e) return preempt(w, short);
  linux72.shrinkProtection(q, curr);
  return false;
}

function preempt({ q, curr }: WakeupContext, cancel: boolean): true {
  if (cancel) {
    dropBuddy(q, curr);
    linux72.cancelProtection(curr);
  }
  return true;
}
