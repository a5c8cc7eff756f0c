import type { RunQueue } from './run-queue.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/** What to do about a deadlock or a stall: a value; the kernel applies it. */
export type DeadlockAction =
  /** End the run; the cycle is its result. */
  | { readonly kind: 'halt' }
  /** These tasks block the classic way, off the queue, and the lock's wait list wakes them. */
  | { readonly kind: 'dequeue'; readonly victims: readonly Task[] }
  /** Go on as if nothing had been seen: the CPU idles until something else happens. */
  | { readonly kind: 'idle' };

/** Scheduling passes follow each other without time passing. `movedAgain`: tasks that changed CPU more than once meanwhile. */
export interface StallEvidence {
  readonly at: Nanos;
  readonly passes: number;
  readonly movedAgain: readonly Task[];
}

/** Asked, never polled; must answer from what it is given and change nothing. */
export interface DeadlockPolicy {
  readonly name: string;
  /** A task has just blocked and closed `cycle` (exact and global). Absent or `null`: leave it to whoever meets it later. */
  onBlock?(cycle: readonly Task[]): DeadlockAction | null;
  /** A chain walk on `rq` ran into `cycle`. */
  onCycle(rq: RunQueue, cycle: readonly Task[]): DeadlockAction;
  /** The machine re-schedules at one instant beyond every honest bound. */
  onStall(rq: RunQueue, evidence: StallEvidence): DeadlockAction;
}
