import type { AcquireContext } from './acquire-context.js';
import type { LockRules } from './lock-rules.js';
import type { Task } from './task.js';

/**
 * A kernel mutex: owner word with its flags, and a wait list threaded through the tasks. How it is taken and released is in
 * `lock.ts`, in which order in `lock-rules.ts`; this is the state.
 */
export class Mutex {
  owner: Task | null = null;
  /** PICKUP: `owner` has been named by a hand-off and has not taken the lock yet. */
  pickup = false;
  /** HANDOFF: the next release must name the first waiter. */
  handoff = false;
  /** Number of its last acquisition, among all of the machine. */
  takenNr = 0;
  /** It has been let go, and whoever did so has not looked yet who waits for it (`Gaps.ownerless`). */
  releasing = false;
  firstWaiter: Task | null = null;
  lastWaiter: Task | null = null;
  nrWaiters = 0;
  /** Who reads, where the kind is a reader/writer semaphore. */
  readonly readers: Task[] = [];
  /** The context it was taken in, and the lock taken before it in that context; `acquire-context.ts` writes them. */
  context: AcquireContext | null = null;
  older: Mutex | null = null;
  /** Queue of those who spin for it; `optimistic-spin.ts` alone writes it. */
  osqHead: Task | null = null;
  osqTail: Task | null = null;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly rules: LockRules,
  ) {}

  /** `p` joins the line in front of `next`; `null`: behind all. */
  addWaiter(p: Task, next: Task | null = null): void {
    const prev = next === null ? this.lastWaiter : next.waitPrev;
    p.waitsIn = this;
    p.waitPrev = prev;
    p.waitNext = next;
    if (prev === null) this.firstWaiter = p;
    else prev.waitNext = p;
    if (next === null) this.lastWaiter = p;
    else next.waitPrev = p;
    this.nrWaiters++;
  }

  removeWaiter(p: Task): void {
    if (p.waitPrev === null) this.firstWaiter = p.waitNext;
    else p.waitPrev.waitNext = p.waitNext;
    if (p.waitNext === null) this.lastWaiter = p.waitPrev;
    else p.waitNext.waitPrev = p.waitPrev;
    p.waitPrev = p.waitNext = p.waitsIn = null;
    // The last waiter to leave takes the flags with it (`locking.md` 2, "Lock" step 6).
    if (--this.nrWaiters === 0) this.handoff = false;
  }

  /** Waiters in the order of the line. For listeners and errors; the loop walks the links. */
  *waiters(): Iterable<Task> {
    for (let p = this.firstWaiter; p !== null; p = p.waitNext) yield p;
  }
}
