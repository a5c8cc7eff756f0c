import type { Kernel, Mutex, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { HeldLocks } from './held-locks.js';
import { OffQueue } from './off-queue.js';
import { urgency } from './urgency.js';

/**
 * Priority inheritance as rt_mutex does it (`locking.md` 4, `rt-and-deadline.md` 13): an owner counts as the most urgent of
 * itself and the first waiter of every lock it owns, and so on along the chain of waits.
 *
 *     p blocks, gives up, changes rank ──> its lock's owner is ranked anew ──> that owner's place in the line where it
 *                                          waits itself ──> that lock's owner … until nothing moves or nobody waits
 *
 * It knows no class: what is inherited is a context, and the class makes of it what it can (`SchedClass.inherit`).
 */
@Injectable()
export class PriorityInheritance extends OffQueue {
  readonly name: string = 'pi';
  private readonly held = new HeldLocks();

  constructor(@Inject(KERNEL) private readonly kernel: Kernel) {
    super();
  }

  onBlock(m: Mutex, p: Task): void {
    if (m.owner !== null && m.owner !== p) this.adjust(m.owner, false);
  }

  onOwner(m: Mutex, p: Task): void {
    this.held.add(m, p);
    this.adjust(p, false);
  }

  onRelease(m: Mutex, p: Task): void {
    this.held.remove(m, p);
    this.adjust(p, false);
  }

  onGiveUp(m: Mutex): void {
    if (m.owner === null) this.wakeFirst(m);
    else this.adjust(m.owner, false);
  }

  onRankChange(p: Task): void {
    const m = p.waitsIn;
    if (m === null) return;
    const owner = this.standAnew(m, p);
    if (owner !== null) this.adjust(owner, true);
  }

  /**
   * Ranks `p` by who waits for it now, and everyone behind whom that makes a difference. `moved`: the rank of a waiter has
   * changed, so that the same waiter may mean another rank.
   */
  private adjust(p: Task, moved: boolean): void {
    // A cycle of waits has no end; it is left when everyone in it has been visited.
    for (let steps = this.kernel.tasks.length; steps >= 0; steps--) {
      const top = this.topWaiter(p);
      const from = top === null ? null : top.sched;
      if (from === p.inherits && !moved) return;
      if (!this.kernel.inherit(p, from)) return;
      moved = true;
      const owner = p.waitsIn === null ? null : this.standAnew(p.waitsIn, p);
      if (owner === null) return;
      p = owner;
    }
  }

  /** `p`, whose rank has changed, takes its place in the line of `m`, behind its equals. Returns whom that concerns: the owner. */
  private standAnew(m: Mutex, p: Task): Task | null {
    m.removeWaiter(p);
    m.addWaiter(p, m.rules.place(m, p));
    if (m.owner === null) this.wakeFirst(m);
    return m.owner === p ? null : m.owner;
  }

  /** Nobody owns `m`: whoever is first now must be on the way to it. */
  private wakeFirst(m: Mutex): void {
    const first = m.firstWaiter;
    if (first === null || first.state !== 'blocked') return;
    first.blockedOn = null;
    this.kernel.wakeUp(first, null);
  }

  /** The most urgent of the first waiters of all locks of `p`. Who is named for a lock still stands in its line. */
  private topWaiter(p: Task): Task | null {
    let top: Task | null = null;
    for (const m of this.held.of(p)) {
      const first = m.firstWaiter === p ? p.waitNext : m.firstWaiter;
      if (first !== null && (top === null || urgency(this.kernel, first, top) < 0)) top = first;
    }
    return top;
  }
}

/** The textbook's protocol: the same inheritance, with the release rule of its module. */
@Injectable()
export class Pip extends PriorityInheritance {
  override readonly name = 'pip';

  constructor(@Inject(KERNEL) kernel: Kernel) {
    super(kernel);
  }
}
