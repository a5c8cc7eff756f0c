import type { Mutex } from './mutex.js';
import type { ProxyResolver } from './proxy-resolver.js';
import type { Task } from './task.js';

/**
 * How one kind of mutex treats those who want it: their order, and who is next. A strategy without state of its own per
 * mutex, resolved before the run; the paths of taking and releasing (`lock.ts`) are the same for all kinds.
 */
export interface LockRules {
  /** What a scenario calls the kind; `mutex` is what a mutex without a kind is. */
  readonly kind: string;
  /** In front of whom `p`, which begins to wait for `m`, stands in line; `null`: behind all. */
  place(m: Mutex, p: Task): Task | null;
  /** `m`, which has waiters, is let go by `releaser`: who owns it next? `null`: nobody, the first in line is woken to try. */
  nextOwner(m: Mutex, releaser: Task): Task | null;
  /** May `p` take `m`, which nobody owns? Absent: whoever comes first. */
  mayTake?(m: Mutex, p: Task): boolean;
  /** Nobody was named for `m`, which is free now: who is woken to try? `null`: nobody else (these rules may have woken some). Absent: the first of `m`. */
  wakes?(m: Mutex): Task | null;
}

/** The kernel's mutex (`locking.md` 2): first come, first in line; a hand-off where the resolver or the first waiter wants one. */
export class MutexRules implements LockRules {
  readonly kind = 'mutex';

  constructor(private readonly kernel: { readonly resolver: ProxyResolver }) {}

  place(): null {
    return null;
  }

  nextOwner(m: Mutex, releaser: Task): Task | null {
    return this.kernel.resolver.handOff(m, releaser) ?? (m.handoff ? m.firstWaiter : null);
  }
}
