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

/**
 * Scheduling passes follow each other without time passing. `movedAgain`: tasks that changed CPU more than once meanwhile;
 * `blocked`: blocked contexts on the queue of the CPU that is to pick next.
 */
export interface StallEvidence {
  readonly at: Nanos;
  readonly passes: number;
  readonly movedAgain: readonly Task[];
  readonly blocked: readonly Task[];
}

/**
 * How a chain walk notices that it goes in circles. Asked at every link, so it allocates nothing; it may keep what it needs
 * between `begin` and the end of that walk.
 */
export interface WalkDetector {
  /** A walk begins at `pick`. */
  begin(pick: Task): void;
  /** The walk is about to go on to `owner`, `depth` ≥ 1 links from the pick. True: that is a circle, or taken for one. */
  suspects(owner: Task, depth: number): boolean;
}

/** Asked, never polled; must answer from what it is given and change nothing. */
export interface DeadlockPolicy {
  readonly name: string;
  /** How walks notice circles. Absent: by marks, exactly. A walk far longer than there are tasks is given up whatever it says. */
  readonly walk?: WalkDetector;
  /** A task has just blocked and closed `cycle` (exact and global). Absent or `null`: leave it to whoever meets it later. */
  onBlock?(cycle: readonly Task[]): DeadlockAction | null;
  /** A pass on `rq` has picked `repicks` ≥ 1 times again; `blocked` are the blocked contexts queued there. Absent or `null`: go on. */
  onRepick?(rq: RunQueue, repicks: number, blocked: () => readonly Task[]): DeadlockAction | null;
  /** A chain walk on `rq` ran into `cycle`; where the detector guessed, into a line of tasks that is none. */
  onCycle(rq: RunQueue, cycle: readonly Task[]): DeadlockAction;
  /** The machine re-schedules at one instant beyond every honest bound. An answer that takes nobody off a queue ends the run. */
  onStall(rq: RunQueue, evidence: StallEvidence): DeadlockAction;
}
