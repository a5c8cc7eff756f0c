import type { Nanos } from './types.js';

/**
 * Race windows with a width (`proxy-execution.md` 17): steps that the kernel does one after the other, with something else able to
 * come in between. All are zero by default: then nothing can, and the steps are one. Time passes in a window, for whoever is in it
 * and for nobody else; only `block` is time of a CPU.
 */
export interface Gaps {
  /** W6, W7. A task that proxy execution, the load balancer or a change of affinity moves is on no queue that long (`onRq` is `migrating`). */
  readonly migration: Nanos;
  /** W4. From the beginning of a wake-up until the waker has the lock of the queue, and the task wakes. */
  readonly wakeUp: Nanos;
  /** W12. A wake-up for another CPU is handled by that CPU, so late; the task is in state `waking` meanwhile. */
  readonly wakeIpi: Nanos;
  /** W3. A mutex has been handed over, and its new owner is not being woken yet. */
  readonly handOff: Nanos;
  /** W2. A mutex has been let go, and nobody has looked yet who waits for it. */
  readonly ownerless: Nanos;
  /** W1. A waiter refers to its lock, and has not entered the scheduler yet: CPU time of its own, in which it can be preempted. */
  readonly block: Nanos;
  /** W5, W8, W9. From what a walk finds on other queues or in a lock until it acts on that; it looks again before it does. */
  readonly walk: Nanos;
  /** W10. An owner is awake, and those parked on it are not back yet. */
  readonly park: Nanos;
  /**
   * W14. A CPU that balances before its pick lets go of its queue: what is there after that is picked from. W13 is as wide: who left the
   * queue in that pass is on its CPU until it ends, and is woken then.
   */
  readonly balance: Nanos;
}

export const NO_GAPS: Gaps = { migration: 0, wakeUp: 0, wakeIpi: 0, handOff: 0, ownerless: 0, block: 0, walk: 0, park: 0, balance: 0 };
