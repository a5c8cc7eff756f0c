import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { Task } from './task.js';

/**
 * Optimistic spinning of mutexes (`locking.md` 2 "Spinning", `proxy-execution.md` 24 "Lock"): a task that cannot take a lock
 * burns its own CPU time as long as the owner is on a CPU, in whosever name, instead of going to sleep.
 *
 *     newcomers      m.osqHead ── the head looks at the lock ──> owner on a CPU: goes on
 *                        │        the others look at nothing         off it: leaves, and the next is head
 *                     osqNext                                    lock free: takes it
 *     first waiter   spins beside the queue after each wake-up
 *
 * Nothing polls. A spinner that looks is in the list of the owner it watches, and an event of its own CPU makes it look
 * again when the owner lets a lock go or leaves its CPU.
 */
export class OptimisticSpin {
  constructor(
    private readonly m: Machine,
    private readonly on: boolean,
  ) {}

  /** `p`, running, could not take `lock`. True: it spins from now on. False: it has to wait in line. */
  begin(p: Task, lock: Mutex): boolean {
    if (!this.on || this.m.rqs[p.cpu]!.needResched || !this.worthIt(p, lock) || this.closesCycle(p, lock)) return false;
    p.spinsOn = lock;
    if (p.waitsIn === lock || this.enqueue(p, lock)) this.watch(p, lock.owner!);
    this.m.trace.mutexSpin(this.m.queue.now, p, lock, true);
    return true;
  }

  /** `p`, which looked and did not get the lock, goes on if that still makes sense. False: it has left. */
  goOn(p: Task, lock: Mutex): boolean {
    if (!this.worthIt(p, lock)) {
      this.end(p);
      return false;
    }
    this.watch(p, lock.owner!);
    return true;
  }

  /** `p` stops: it has the lock, or goes to wait in line, or has to give up its CPU. */
  end(p: Task): void {
    const lock = p.spinsOn!;
    this.unwatch(p);
    p.spinsOn = null;
    const wasHead = lock.osqHead === p;
    this.dequeue(p, lock);
    this.m.trace.mutexSpin(this.m.queue.now, p, lock, false);
    if (wasHead && lock.osqHead !== null) this.lookAgain(lock.osqHead);
  }

  /** `owner` has let `lock` go: whoever watched it because of that lock looks again, before anyone that is woken for it. */
  released(owner: Task, lock: Mutex): void {
    for (let p = owner.watchedBy; p !== null;) {
      const next = p.watchNext;
      if (p.spinsOn === lock) this.lookAgain(p);
      p = next;
    }
  }

  /** Somebody joined the line of `lock`: where that matters its spinners look again. */
  lineChanged(owner: Task, lock: Mutex): void {
    if (lock.rules.maySpin !== undefined) this.released(owner, lock);
  }

  /** `owner` is off its CPU: nobody spins for it any more. */
  ownerLeft(owner: Task): void {
    while (owner.watchedBy !== null) this.lookAgain(owner.watchedBy);
  }

  /** Is there an owner, and on a CPU? (A lock that is free and yet not to be had is none to spin for.) */
  private worthIt(p: Task, lock: Mutex): boolean {
    const { owner } = lock;
    return owner !== null && this.m.rqs[owner.cpu]!.curr === owner && lock.rules.maySpin?.(lock, p) !== false;
  }

  /**
   * Would `p` spin for somebody who spins for `p`? The kernel lets both burn until one is preempted, and if nobody else
   * wants those CPUs that is never. Here the last to come waits in line, and whoever handles deadlocks sees the cycle.
   */
  private closesCycle(p: Task, lock: Mutex): boolean {
    let t = lock.owner;
    for (let steps = 0; t !== null && steps <= this.m.tasks.length; steps++) {
      if (t === p) return true;
      t = (t.spinsOn ?? t.waitsIn)?.owner ?? null;
    }
    return false;
  }

  private lookAgain(p: Task): void {
    this.unwatch(p);
    this.m.queue.arm(this.m.rqs[p.cpu]!.opDone, this.m.queue.now);
  }

  private watch(p: Task, owner: Task): void {
    p.watches = owner;
    p.watchPrev = null;
    p.watchNext = owner.watchedBy;
    if (owner.watchedBy !== null) owner.watchedBy.watchPrev = p;
    owner.watchedBy = p;
  }

  private unwatch(p: Task): void {
    const owner = p.watches;
    if (owner === null) return;
    if (p.watchPrev === null) owner.watchedBy = p.watchNext;
    else p.watchPrev.watchNext = p.watchNext;
    if (p.watchNext !== null) p.watchNext.watchPrev = p.watchPrev;
    p.watches = p.watchPrev = p.watchNext = null;
  }

  /** True: `p` is the head. */
  private enqueue(p: Task, lock: Mutex): boolean {
    p.osqPrev = lock.osqTail;
    if (lock.osqTail === null) lock.osqHead = p;
    else lock.osqTail.osqNext = p;
    lock.osqTail = p;
    return lock.osqHead === p;
  }

  /** The first waiter was never in the queue. */
  private dequeue(p: Task, lock: Mutex): void {
    if (p.osqPrev === null && lock.osqHead !== p) return;
    if (p.osqPrev === null) lock.osqHead = p.osqNext;
    else p.osqPrev.osqNext = p.osqNext;
    if (p.osqNext === null) lock.osqTail = p.osqPrev;
    else p.osqNext.osqPrev = p.osqPrev;
    p.osqPrev = p.osqNext = null;
  }
}
