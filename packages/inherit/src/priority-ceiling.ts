import { kernelPrio, type Kernel, type LockRules, type Mutex, type Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { Ceilings } from './ceilings.js';
import { OffQueue } from './off-queue.js';
import { placeByUrgency } from './urgency.js';

/**
 * The original priority ceiling protocol (Sha, Rajkumar, Lehoczky 1990; `locking.md` 6): a lock is granted only to a task whose
 * priority is above the ceilings of all locks that others hold. So a free lock may be refused, and the task waits for the
 * holder of the lock with the highest ceiling, which inherits. Deadlock cannot happen, and a job is blocked at most once.
 */
@Injectable()
export class PriorityCeiling extends OffQueue implements LockRules {
  readonly name = 'pcp';
  readonly kind = 'mutex';
  private made: Ceilings | null = null;
  /** Locks that somebody holds, in the order in which they were taken. */
  private readonly locked: Mutex[] = [];
  /** In order of arrival; who has been woken stays until it has its lock. */
  private readonly waiting: Task[] = [];
  private raised = new Map<Task, number>();

  constructor(@Inject(KERNEL) private readonly kernel: Kernel) {
    super();
  }

  place(m: Mutex, p: Task): Task | null {
    return placeByUrgency(this.kernel, m, p);
  }

  nextOwner(): Task | null {
    return null;
  }

  mayTake(_m: Mutex, p: Task): boolean {
    const s = this.highest(p);
    return s === null || p.sched.prio < this.ceilings.of(s);
  }

  /** Everyone whose request could succeed now, whatever it waits for: it asks again when it runs. */
  wakes(): null {
    for (const w of this.waiting) {
      const m = w.waitsIn;
      if (w.state !== 'blocked' || m === null || m.owner !== null || !this.mayTake(m, w)) continue;
      w.blockedOn = null;
      this.kernel.wakeUp(w, null);
    }
    return null;
  }

  onBlock(_m: Mutex, p: Task): void {
    if (!this.waiting.includes(p)) this.waiting.push(p);
    this.raiseHolders();
  }

  onOwner(m: Mutex, p: Task): void {
    this.locked.push(m);
    this.forget(p);
    this.raiseHolders();
  }

  onRelease(m: Mutex): void {
    this.locked.splice(this.locked.indexOf(m), 1);
    this.raiseHolders();
  }

  onGiveUp(_m: Mutex, p: Task): void {
    this.forget(p);
    this.raiseHolders();
  }

  onRankChange(): void {
    this.raiseHolders();
  }

  private get ceilings(): Ceilings {
    return (this.made ??= new Ceilings(this.kernel));
  }

  /** Of the locks that others hold the one with the highest ceiling; the first taken among equals. */
  private highest(p: Task): Mutex | null {
    let s: Mutex | null = null;
    for (const m of this.locked) {
      if (m.owner !== p && (s === null || this.ceilings.of(m) < this.ceilings.of(s))) s = m;
    }
    return s;
  }

  /** Whom `w` waits for; `null`: it may go on. */
  private blocker(w: Task): Task | null {
    const s = this.highest(w);
    if (s !== null && w.sched.prio >= this.ceilings.of(s)) return s.owner;
    return w.waitsIn?.owner ?? null;
  }

  /** Everyone in a waiter's way, along the chain, counts as that waiter. Worked out anew: few wait at a time. */
  private raiseHolders(): void {
    const raised = new Map<Task, number>();
    for (const w of this.waiting) {
      const prio = kernelPrio(w.sched.policy);
      let steps = this.kernel.tasks.length;
      for (let h = this.blocker(w); h !== null && steps > 0; h = h.state === 'blocked' ? this.blocker(h) : null, steps--) {
        raised.set(h, Math.min(prio, raised.get(h) ?? prio));
      }
    }
    for (const h of this.raised.keys()) if (!raised.has(h)) this.kernel.inherit(h, null);
    for (const [h, prio] of raised) this.kernel.inherit(h, this.ceilings.rank(prio));
    this.raised = raised;
  }

  private forget(p: Task): void {
    const at = this.waiting.indexOf(p);
    if (at >= 0) this.waiting.splice(at, 1);
  }
}
