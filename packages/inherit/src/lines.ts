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
  constructor(@Inject(KERNEL) kernel: Kernel) {
    super(kernel);
  }

  mayTake(m: Mutex, p: Task): boolean {
    const first = m.firstWaiter;
    return first === null || first === p || urgency(this.kernel, p, first) < 0;
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
