import type { Nanos, Weight } from '@proxysched/core';
import type { CalcDelta } from './eevdf.js';
import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import type { Timeline } from './timeline.js';
import type { WakeupContext } from './wakeup-preemption.js';

/**
 * What one kernel does in its own way; `linux-7.3.ts`, `linux-7.2.ts` and `linux-6.12.ts` each say it on a page. What all have in common
 * is `FairQueue` and what is around it.
 */
export interface Version {
  readonly name: '7.3' | '7.2' | '6.12';
  /** One timeline per CPU, to which groups lend weight; else one per group and CPU, nested. */
  readonly flat: boolean;
  readonly calcDelta: CalcDelta;
  makeTimeline(): Timeline;
  /** What a scaled weight counts for in the sums for V. */
  sumWeight(weight: Weight): Weight;
  /** Wall time whose virtual equivalent limits lag, either way. */
  lagLimit(q: FairQueue, e: FairEntity): Nanos;
  /** The lag to be placed with, so that after joining `total` with weight `w` it is `lag`. */
  inflate(lag: number, w: Weight, total: Weight): number;
  /** A change of weight rescales a relative deadline too, and not the lag alone. */
  readonly rescalesDeadline: boolean;
  /** The lag of a sleeper is rescaled at once, not when it comes back. */
  readonly rescalesSleepers: boolean;

  /** `e` was just picked, or put back after a change (`first` false): how far it may run undisturbed (`fair-eevdf.md` 9). */
  protect(q: FairQueue, e: FairEntity, first: boolean): void;
  isProtected(e: FairEntity): boolean;
  /** Protection as the pick respects it. */
  protectedInPick(q: FairQueue, e: FairEntity): boolean;
  /** Whether an entity whose slice is not over must make way all the same. */
  exposed(q: FairQueue, e: FairEntity): boolean;
  shrinkProtection(q: FairQueue, e: FairEntity): void;
  cancelProtection(e: FairEntity): void;
  /** A buddy is looked for before anything else in the pick of a pass, not inside every pick that protects. */
  readonly buddyFirst: boolean;

  /** A delayed entity remembers its lag, which then never falls below that. */
  readonly delayedKeepsLag: boolean;
  /** The estimate of utilisation is made before the averages are brought up to date. */
  readonly estimatesFirst: boolean;
  /** Tasks of a group without runtime leave one by one, each where it would return to user space; else the group leaves. */
  readonly throttlesTasks: boolean;
  /** Should `w.e` be picked instead of `w.curr` (`fair-eevdf.md` 13)? */
  wakeupPreempts(w: WakeupContext): boolean;
}
