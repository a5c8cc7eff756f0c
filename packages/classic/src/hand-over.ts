import type { Kernel, LockRules, Mutex, Task } from '@proxysched/core';

/** Strict first-come hand-over: whoever waits longest owns the lock the moment it is let go. */
export class FirstCome implements LockRules {
  readonly kind = 'fifo';

  place(): null {
    return null;
  }

  nextOwner(m: Mutex): Task | null {
    return m.firstWaiter;
  }
}

/** Hand-over to the most important waiter, equals in order of arrival. The order is asked at the release: inheritance may have changed it. */
export class MostImportant implements LockRules {
  readonly kind = 'prio';

  constructor(private readonly kernel: Pick<Kernel, 'mutexes' | 'rank' | 'resolver'>) {}

  place(): null {
    return null;
  }

  /** A resolver that keeps waiters queued runs an owner in the name of whoever waits behind it: that is how much it counts. */
  nextOwner(m: Mutex): Task | null {
    const best = this.mostImportantOf(m);
    return best === null ? null : best.waiter;
  }

  private mostImportantOf(m: Mutex): { readonly waiter: Task; readonly by: Task } | null {
    let best: { readonly waiter: Task; readonly by: Task } | null = null;
    for (let p = m.firstWaiter; p !== null; p = p.waitNext) {
      const by = this.behind(p);
      if (best === null || this.compare(by, best.by) < 0) best = { waiter: p, by };
    }
    return best;
  }

  /** The most important of `p` and all that wait, over any number of locks, for `p`; `p` alone where nobody lends. */
  private behind(p: Task): Task {
    if (!this.kernel.resolver.keepsQueued(p, p.blockedOn!)) return p;
    let by = p;
    for (const m of this.kernel.mutexes) {
      if (m.owner !== p) continue;
      const best = this.mostImportantOf(m);
      if (best !== null && this.compare(best.by, by) < 0) by = best.by;
    }
    return by;
  }

  private compare(a: Task, b: Task): number {
    const { cls } = a.sched;
    return cls === b.sched.cls ? (cls.compare?.(a, b) ?? 0) : this.kernel.rank(cls) - this.kernel.rank(b.sched.cls);
  }
}
