import { WAKE_FORK, mulDivTrunc } from '@proxysched/core';
import { calcDeltaFixedPoint } from './fixed-point.js';
import { RbTimeline } from './rb-timeline.js';
import type { Version } from './version.js';
import { isNormal, type WakeupContext } from './wakeup-preemption.js';
import { scaleDown } from './weights.js';

/** Linux 6.12 (6.12.117): the first complete EEVDF. A timeline per group; a picked entity is protected until its deadline moves. */
export const linux612: Version = {
  name: '6.12',
  flat: false,
  calcDelta: calcDeltaFixedPoint,
  makeTimeline: () => new RbTimeline(),
  sumWeight: scaleDown,
  lagLimit: (q, e) => Math.max(2 * e.slice, q.rules.tickNsec),
  inflate: (lag, w, total) => mulDivTrunc(lag, total + w, total),
  rescalesDeadline: false,
  rescalesSleepers: true,

  // `vprot` is a copy of the deadline; as long as they agree nothing has happened. It is taken even after a change.
  protect: (_q, e) => {
    e.vprot = e.deadline;
  },
  isProtected: e => e.vprot === e.deadline,
  protectedInPick: (q, e) => q.rules.runToParity && e.vprot === e.deadline,
  // Only a broken protection matters, and only to who has had more than its share.
  exposed: (q, e) => q.rules.preemptShort && e.vprot !== e.deadline && !q.isEligible(e),
  shrinkProtection: () => undefined,
  cancelProtection: e => {
    e.vprot = e.deadline + 1;
  },
  buddyFirst: true,

  delayedKeepsLag: false,
  estimatesFirst: true,
  throttlesTasks: false,
  wakeupPreempts: preempts,
};

function preempts(w: WakeupContext): boolean {
  const { rules, q, curr, e, wakee } = w;
  if (rules.nextBuddy && (w.flags & WAKE_FORK) === 0 && !wakee.delayed) w.setBuddy();
  if (w.pending || !rules.wakeupPreemption) return false;
  if (curr.idle && !e.idle) {
    linux612.cancelProtection(curr);
    return true;
  }
  if (curr.idle !== e.idle || !isNormal(wakee)) return false;
  w.charge();
  if (rules.preemptShort && e.slice < curr.slice && q.isEligible(e) && (e.deadline < curr.deadline || !q.isEligible(curr))) {
    // Cancelled for good, even if the pick below is another.
    linux612.cancelProtection(curr);
  }
  // The bare pick: a delayed one may win, and then nothing happens.
  return q.pick(true) === e;
}
