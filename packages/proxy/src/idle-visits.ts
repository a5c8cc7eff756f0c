import type { Kernel, Nanos, RunQueue, Task } from '@proxysched/core';

interface Visit {
  at: Nanos;
  /** The queue has not changed since (`RunQueue.changed`). */
  changed: number;
  donor: Task | null;
  count: number;
}

/**
 * Idle visits that end with an event: an owner lands, or wakes. A kernel comes straight back from each and picks again, and as a pick
 * that was given up has left its marks in its class, that may be another. When it is the same again, or all have had their turn, there is
 * nothing to do here until the event.
 */
export class IdleVisits {
  /** By CPU: the last one. */
  private readonly last: (Visit | undefined)[] = [];

  constructor(private readonly kernel: Kernel) {}

  /** Is the idle visit of `rq` that is due since `donor` leads nowhere to be followed by another pick at once? */
  looksAgain(rq: RunQueue, donor: Task): boolean {
    const { now } = this.kernel.queue;
    const visit = (this.last[rq.cpu] ??= { at: -1, changed: 0, donor: null, count: 0 });
    if (visit.at !== now || visit.changed !== rq.changed) {
      visit.at = now;
      visit.changed = rq.changed;
      visit.donor = null;
      visit.count = 0;
    }
    const again = visit.donor !== donor && visit.count < rq.nrQueued;
    visit.donor = donor;
    visit.count++;
    return again;
  }
}
