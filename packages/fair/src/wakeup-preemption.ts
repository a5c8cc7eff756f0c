import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import type { Rules } from './rules.js';

/** What a decision needs to know and may ask for. */
export interface WakeupContext {
  readonly rules: Rules;
  /** The timeline on which the two compete. */
  readonly q: FairQueue;
  /** Who runs, and who was made able to run; both on `q`, and not the same. Tasks, or the groups they are in. */
  readonly curr: FairEntity;
  readonly e: FairEntity;
  /** The task that was made able to run. */
  readonly wakee: FairEntity;
  /** `WAKE_*`. */
  readonly flags: number;
  /** A reschedule is pending. */
  readonly pending: boolean;
  /** Charges `curr` up to now. */
  charge(): void;
  /** A pick that may be kept: delayed ones that come first are dequeued for real. */
  settledPick(protect: boolean): FairEntity | null;
  /** `wakee`, and the groups it is in, are preferred. */
  setBuddy(): void;
}

/** SCHED_BATCH and SCHED_IDLE never preempt. */
export function isNormal(e: FairEntity): boolean {
  return e.owner.sched.policy.kind === 'normal';
}

/** NEXT_BUDDY of 7.x: the buddy is replaced unless its deadline is the earlier one. */
export function becomeEarlierBuddy(w: WakeupContext): void {
  const { next } = w.q;
  if (next === null || next.deadline >= w.e.deadline) w.setBuddy();
}

export function dropBuddy(q: FairQueue, e: FairEntity): void {
  if (q.next === e) q.next = null;
}
