import { WAKE_FORK } from '@proxysched/core';
import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import type { Rules } from './rules.js';

/** What a decision needs to know and may ask for. */
export interface WakeupContext {
  readonly rules: Rules;
  readonly q: FairQueue;
  /** The donor, and who was made able to run; both on `q`, and not the same. */
  readonly curr: FairEntity;
  readonly e: FairEntity;
  /** `WAKE_*`. */
  readonly flags: number;
  /** A reschedule is pending. */
  readonly pending: boolean;
  /** Charges the donor up to now. */
  charge(): void;
  /** A pick that may be kept: delayed ones that come first are dequeued for real. */
  settledPick(protect: boolean): FairEntity | null;
}

/** Should `e` be picked instead of `curr` (`fair-eevdf.md` 13)? One function per kernel, each in the kernel's order. */
export function wakeupPreempts(w: WakeupContext): boolean {
  switch (w.rules.wakeup) {
    case '7.3':
      return preempts73(w);
    case '7.2':
      return preempts72(w);
    case '6.12':
      return preempts612(w);
  }
}

function preempts73(w: WakeupContext): boolean {
  const { rules, q, curr, e } = w;
  if (w.pending && !rules.preemptShort) return false;
  if (!rules.wakeupPreemption) return false;
  if (curr.idle && !e.idle) return preempt73(w, false);
  if (curr.idle !== e.idle || !isNormal(e)) return refuse(w);
  w.charge();
  if (e.delayed) return refuse(w);
  const short = rules.preemptShort && e.slice < curr.slice;
  if (!short && (w.flags & WAKE_FORK) !== 0) return refuse(w);
  if (!short && rules.nextBuddy) becomeEarlierBuddy(q, e);
  // A short wakee that is not the best is at least due.
  if (w.settledPick(!short) === e || (short && q.isEligible(e))) return preempt73(w, short);
  return refuse(w);
}

function preempt73({ q, curr, e }: WakeupContext, short: boolean): true {
  if (short && (q.next === null || q.next.slice >= e.slice)) setBuddy(q, e);
  dropBuddy(q, curr);
  q.cancelProtection(curr);
  return true;
}

/** 7.3: who was refused is waited for a shortest slice, at most. */
function refuse({ q, curr }: WakeupContext): false {
  q.shrinkProtection(curr);
  return false;
}

function preempts72(w: WakeupContext): boolean {
  const { rules, q, curr, e } = w;
  if (w.pending || !rules.wakeupPreemption) return false;
  if (curr.idle && !e.idle) return preempt72(w, true);
  if (curr.idle !== e.idle || !isNormal(e)) return false;
  w.charge();
  const short = rules.preemptShort && e.slice < curr.slice;
  if (!short) {
    if ((w.flags & WAKE_FORK) !== 0 || e.delayed) return false;
    if (rules.nextBuddy) becomeEarlierBuddy(q, e);
  }
  if (w.settledPick(!short) === e) return preempt72(w, short);
  q.shrinkProtection(curr);
  return false;
}

function preempt72({ q, curr }: WakeupContext, cancel: boolean): true {
  if (cancel) {
    dropBuddy(q, curr);
    q.cancelProtection(curr);
  }
  return true;
}

function preempts612(w: WakeupContext): boolean {
  const { rules, q, curr, e } = w;
  if (rules.nextBuddy && (w.flags & WAKE_FORK) === 0 && !e.delayed) setBuddy(q, e);
  if (w.pending || !rules.wakeupPreemption) return false;
  if (curr.idle && !e.idle) {
    q.cancelProtection(curr);
    return true;
  }
  if (curr.idle !== e.idle || !isNormal(e)) return false;
  w.charge();
  if (rules.preemptShort && e.slice < curr.slice && q.isEligible(e) && (e.deadline < curr.deadline || !q.isEligible(curr))) {
    // Cancelled for good, even if the pick below is another.
    q.cancelProtection(curr);
  }
  // The bare pick: a delayed one may win, and then nothing happens.
  return q.pick(true) === e;
}

/** SCHED_BATCH and SCHED_IDLE never preempt. */
function isNormal(e: FairEntity): boolean {
  return e.owner.sched.policy.kind === 'normal';
}

/** NEXT_BUDDY of 7.x: the buddy is replaced unless its deadline is the earlier one. */
function becomeEarlierBuddy(q: FairQueue, e: FairEntity): void {
  if (q.next === null || q.next.deadline >= e.deadline) setBuddy(q, e);
}

function setBuddy(q: FairQueue, e: FairEntity): void {
  if (!e.idle) q.next = e;
}

function dropBuddy(q: FairQueue, e: FairEntity): void {
  if (q.next === e) q.next = null;
}
