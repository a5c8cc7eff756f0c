import { relock, unlockByNonOwner } from './errors.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { Task } from './task.js';

/**
 * Taking and releasing a mutex, as the kernel's slow path does (`locking.md` 2; no optimistic spinning). The lock is free
 * first and goes to whoever comes, unless a hand-off names the next owner:
 *
 *     release ── a donor stands behind the releaser ──> its waiter      (the resolver's choice)
 *             ── HANDOFF asked for ──────────────────> the first waiter
 *             ── else ───────────────────────────────> nobody; the first waiter is woken and may find a thief there
 */
export class Locks {
  constructor(private readonly m: Machine) {}

  /** `p`, running, begins to ask for `m`; what the lock operation costs is spent between this and `lock`. */
  request(p: Task, m: Mutex): void {
    if (m.owner === p) throw relock(this.m.where(p), m.name);
    this.m.trace.mutexRequest(this.m.queue.now, p, m);
  }

  /** `p` tries for the first time. True: it has it. False: it waits. */
  lock(p: Task, m: Mutex): boolean {
    const { queue, trace } = this.m;
    if (this.tryLock(p, m)) {
      trace.mutexAcquired(queue.now, p, m, false, m.nrWaiters > 0);
      return true;
    }
    m.addWaiter(p, m.rules.place(m, p));
    this.block(p, m);
    return false;
  }

  /** A waiter runs again and tries once more. Failing as the first in the line it asks for a hand-off. */
  retry(p: Task, m: Mutex): boolean {
    if (this.tryLock(p, m)) {
      p.blockedOn = null;
      const stolen = m.firstWaiter !== p;
      m.removeWaiter(p);
      this.m.trace.mutexAcquired(this.m.queue.now, p, m, true, stolen);
      return true;
    }
    if (m.firstWaiter === p) m.handoff = true;
    this.block(p, m);
    return false;
  }

  unlock(p: Task, m: Mutex): void {
    if (m.owner !== p || m.pickup) throw unlockByNonOwner(this.m.where(p), m.name, m.owner?.comm ?? null);
    const { queue, trace } = this.m;
    p.exec.held--;
    const first = m.firstWaiter;
    if (first === null) {
      m.owner = null;
      trace.mutexReleased(queue.now, m, p, null);
      return;
    }
    const next = m.rules.nextOwner(m, p);
    m.owner = next;
    m.pickup = next !== null;
    if (next !== null) m.handoff = false;
    const woken = next ?? first;
    // Named or first, it is no longer blocked by this lock; it sets the reference again if a thief was faster.
    woken.blockedOn = null;
    trace.mutexReleased(queue.now, m, p, next);
    this.m.wakeUp(woken, p);
    const rq = this.m.rqs[p.cpu]!;
    if (this.m.resolver.lendsUntilRelease === true && rq.donor !== p) this.m.resched(rq);
  }

  private tryLock(p: Task, m: Mutex): boolean {
    const named = m.pickup && m.owner === p;
    if (!named && (m.owner !== null || m.rules.mayTake?.(m, p) === false)) return false;
    m.owner = p;
    m.pickup = false;
    p.exec.held++;
    return true;
  }

  private block(p: Task, m: Mutex): void {
    p.blockedOn = m;
    p.state = 'blocked';
    this.m.trace.mutexBlocked(this.m.queue.now, p, m);
    this.m.resched(this.m.rqs[p.cpu]!);
    this.m.checkCycle(p);
  }
}

/** The cycle of waits that `p` is in, `p` first and each waiting for the next, or `null`. Follows wait lists, not `blockedOn`. */
export function findCycle(p: Task): Task[] | null {
  const cycle: Task[] = [];
  let t: Task = p;
  // Brent's test: a member met again at a checkpoint that moves ever further on.
  let checkpoint: Task = p;
  let next = 2;
  for (;;) {
    const m: Mutex | null = t.waitsIn;
    // An awake waiter is on its way to the lock; a named owner has it; a free lock holds nobody up.
    if (m === null || t.state === 'running' || t.state === 'waking' || m.owner === null || m.owner === t) return null;
    cycle.push(t);
    t = m.owner;
    if (t === p) return cycle;
    if (t === checkpoint) return null; // a cycle behind `p`, which is not a member
    if (cycle.length === next) {
      checkpoint = t;
      next *= 2;
    }
  }
}
