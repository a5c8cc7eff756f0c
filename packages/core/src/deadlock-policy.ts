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
  | { readonly kind: 'idle' }
  /**
   * The waits of these tasks end with EDEADLK. A task goes on at `orElse` of its `lock`; without one it gives back all it holds,
   * newest first, waits for the lock it was refused with empty hands, and begins its section again (`Exec`).
   */
  | { readonly kind: 'wound'; readonly victims: readonly Task[] }
  /** Off the queue as with `dequeue`, and those waits that still last `after` ns from now end with ETIMEDOUT. */
  | { readonly kind: 'timeout'; readonly victims: readonly Task[]; readonly after: Nanos };

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

/** A pick led to nobody: the pass picks again, or its walk was given up as endless. */
export interface RepickEvidence {
  readonly pick: Task;
  /** Times that this pass has picked again, ≥ 1; 0: the walk from `pick` was endless, and the CPU comes straight back. */
  readonly repicks: number;
  /** Contexts on this queue when the pass began. */
  readonly queued: number;
  /** CPUs of the machine. */
  readonly cpus: number;
  /** Nobody has joined or left this queue or was woken on it since `pick` led nowhere before. */
  readonly unchanged: boolean;
  /** Blocked contexts on this queue, by pid. */
  blocked(): readonly Task[];
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
  /** A pick on `rq` led to nobody. Absent or `null`: go on. */
  onRepick?(rq: RunQueue, evidence: RepickEvidence): DeadlockAction | null;
  /** A chain walk on `rq` ran into `cycle`; where the detector guessed, into a line of tasks that is none. */
  onCycle(rq: RunQueue, cycle: readonly Task[]): DeadlockAction;
  /** The machine re-schedules at one instant beyond every honest bound. An answer that changes nothing ends the run. */
  onStall(rq: RunQueue, evidence: StallEvidence): DeadlockAction;
}
