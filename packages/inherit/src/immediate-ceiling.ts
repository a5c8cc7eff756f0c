import type { Kernel, Mutex, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { Ceilings } from './ceilings.js';
import { HeldLocks } from './held-locks.js';
import { OffQueue } from './off-queue.js';

/** Raised when it takes a lock, not when it is in the way: to the ceiling of each lock held (`locking.md` 6, ICPP). */
@Injectable()
export class ImmediateCeiling extends OffQueue {
  readonly name: string = 'icpp';
  private readonly held = new HeldLocks();
  private made: Ceilings | null = null;

  constructor(@Inject(KERNEL) private readonly kernel: Kernel) {
    super();
  }

  onOwner(m: Mutex, p: Task): void {
    this.held.add(m, p);
    this.raise(p);
  }

  onRelease(m: Mutex, p: Task): void {
    this.held.remove(m, p);
    this.raise(p);
  }

  /** Kernel priority to which the owner of `m` rises. */
  protected ceiling(ceilings: Ceilings, m: Mutex): number {
    return ceilings.of(m);
  }

  private raise(p: Task): void {
    const ceilings = (this.made ??= new Ceilings(this.kernel));
    let prio = Infinity;
    for (const m of this.held.of(p)) prio = Math.min(prio, this.ceiling(ceilings, m));
    this.kernel.inherit(p, ceilings.rank(prio));
  }
}

/** NPP: nobody is preempted within a critical section, unless by a deadline task; every ceiling is priority 99. */
@Injectable()
export class NonPreemptive extends ImmediateCeiling {
  override readonly name = 'npp';

  constructor(@Inject(KERNEL) kernel: Kernel) {
    super(kernel);
  }

  protected override ceiling(): number {
    return 0;
  }
}
