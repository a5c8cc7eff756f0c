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

  /** Who has to back off from it waits for it first next time, in its acquire context. Absent: no. */
  readonly waitWound?: boolean;

  /** The answer to who asks for what it holds and can go on (`orElse`). Absent: that is a mistake of the program. */
  readonly relock?: LockError;

  // Whatever else a kind does at each step of `lock.ts`, in this order. Absent: nothing, and no error.
  /** Must somebody who failed as first in line be the next? Absent: yes (HANDOFF). */
  asksForHandOff?(m: Mutex, p: Task): boolean;
  /** For locks that several may have: does `p` have `m`; it takes it; it lets it go. Absent: one owner, `m.owner`. */
  holds?(m: Mutex, p: Task): boolean;
  take?(m: Mutex, p: Task): void;
  letGo?(m: Mutex, p: Task): void;
  /** `p` asks for `m`. Absent: asking for what it holds is a mistake of the program. */
  request?(m: Mutex, p: Task): LockError | null;
  /** May `p`, which cannot have `m`, spin for it? Asked again when owner or line change. Absent: yes. */
  maySpin?(m: Mutex, p: Task): boolean;
  /** `p` is about to join the line. */
  enter?(m: Mutex, p: Task): LockError | null;
  /** `p` has joined the line. */
  waits?(m: Mutex, p: Task): void;
  /** `p` stands in line and is about to sleep. */
  giveUp?(m: Mutex, p: Task): LockError | null;
  /** `p` has `m`. `waited`: it stood in line; `first`: before all others. */
  acquired?(m: Mutex, p: Task, waited: boolean, first: boolean): void;
  /** Somebody left the line without `m`. */
  left?(m: Mutex): void;
  /** `p` lets `m` go; who is next comes after. */
  released?(m: Mutex, p: Task): void;
}

/** Kinds that are there without a module. */
export const CORE_LOCK_KINDS = ['mutex', 'rwsem', 'wait-die', 'wound-wait'] as const;

/** Why a task does not get a lock: it holds it in this context; it has to back off; a signal; its time is over; it would have to wait. */
export type LockError = 'EALREADY' | 'EDEADLK' | 'EINTR' | 'ETIMEDOUT' | 'EBUSY';

/**
 * How a lock came to its next owner, or to none, when it was let go: named since it stands behind the releaser (`donor`), since
 * the first in line asked for it (`asked`, the HANDOFF bit), or by another rule of resolver or lock (`waiter`); left free for
 * whoever comes while somebody waits (`free`), or with nobody waiting (`unwanted`).
 */
export type ReleaseKind = 'donor' | 'asked' | 'waiter' | 'free' | 'unwanted';

/** The kernel's mutex (`locking.md` 2): first come, first in line; a hand-off where the resolver or the first waiter wants one. */
export class MutexRules implements LockRules {
  readonly kind: string = 'mutex';

  constructor(private readonly kernel: { readonly resolver: ProxyResolver }) {}

  place(_m: Mutex, _p: Task): Task | null {
    return null;
  }

  nextOwner(m: Mutex, releaser: Task): Task | null {
    return this.kernel.resolver.handOff(m, releaser) ?? (m.handoff ? m.firstWaiter : null);
  }
}
