import type { Kernel, LockRules, Mutex, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { placeByUrgency, urgency } from './urgency.js';

/** The most urgent waiter first. A released lock is free: whoever runs first takes it. */
@Injectable()
export class UrgentFirst implements LockRules {
  readonly kind = 'mutex';

  constructor(@Inject(KERNEL) protected readonly kernel: Kernel) {}

  place(m: Mutex, p: Task): Task | null {
    return placeByUrgency(this.kernel, m, p);
  }

  nextOwner(_m: Mutex, _releaser: Task): Task | null {
    return null;
  }
}

/** A released lock has no owner until the first waiter takes it; only who is strictly more urgent may come between (`locking.md` 4, "Take"). */
@Injectable()
export class Ownerless extends UrgentFirst {
  readonly relock = 'EDEADLK';

  constructor(@Inject(KERNEL) kernel: Kernel) {
    super(kernel);
  }

  mayTake(m: Mutex, p: Task): boolean {
    const first = m.firstWaiter;
    return first === null || first === p || urgency(this.kernel, p, first) < 0;
  }

  /** Asked to detect (`locking.md` 4): no wait that would close a cycle begins. */
  enter(m: Mutex, p: Task): 'EDEADLK' | null {
    const op = p.exec.program.ops[p.exec.pc];
    return op?.op === 'lock' && op.detect === true && closesCycle(m, p) ? 'EDEADLK' : null;
  }
}

/** A released lock belongs to the most urgent waiter at once. */
@Injectable()
export class HandOver extends UrgentFirst {
  constructor(@Inject(KERNEL) kernel: Kernel) {
    super(kernel);
  }

  override nextOwner(m: Mutex): Task | null {
    return m.firstWaiter;
  }
}

/** First come, first served, handed over at release (`locking.md` 8). */
export class FifoHandOver implements LockRules {
  readonly kind = 'mutex';

  place(): null {
    return null;
  }

  nextOwner(m: Mutex): Task | null {
    return m.firstWaiter;
  }
}

/** Whether the chain that begins with the owner of `m` ends at `p`. There is no cycle yet, unless someone did not ask. */
function closesCycle(m: Mutex, p: Task): boolean {
  const seen = new Set<Mutex>();
  for (let next: Mutex | null = m; next !== null && !seen.has(next); next = next.owner?.waitsIn ?? null) {
    if (next.owner === p) return true;
    seen.add(next);
  }
  return false;
}
