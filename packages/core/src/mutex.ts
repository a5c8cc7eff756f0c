import type { Task } from './task.js';

/**
 * A kernel mutex: owner word with its flags, and a FIFO wait list threaded through the tasks. The rules of taking and
 * releasing are in `lock.ts`; this is the state.
 */
export class Mutex {
  owner: Task | null = null;
  /** PICKUP: `owner` has been named by a hand-off and has not taken the lock yet. */
  pickup = false;
  /** HANDOFF: the next release must name the first waiter. */
  handoff = false;
  firstWaiter: Task | null = null;
  lastWaiter: Task | null = null;
  nrWaiters = 0;

  constructor(
    readonly id: number,
    readonly name: string,
  ) {}

  addWaiter(p: Task): void {
    p.waitsIn = this;
    p.waitPrev = this.lastWaiter;
    p.waitNext = null;
    if (this.lastWaiter === null) this.firstWaiter = p;
    else this.lastWaiter.waitNext = p;
    this.lastWaiter = p;
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

  /** Waiters in order of arrival. For listeners and errors; the loop walks the links. */
  *waiters(): Iterable<Task> {
    for (let p = this.firstWaiter; p !== null; p = p.waitNext) yield p;
  }
}
