import type { DeadlockAction, DeadlockPolicy, RunQueue, StallEvidence, Task } from '@proxysched/core';

/**
 * The idea of the mail of 12 June 2023: take the blocked tasks off the queue and let the wait lists of their locks wake
 * them, as without the feature. A true cycle then sleeps for ever, and everyone outside it goes on.
 */
export class DequeuePolicy implements DeadlockPolicy {
  readonly name = 'dequeue';

  onCycle(_rq: RunQueue, cycle: readonly Task[]): DeadlockAction {
    return { kind: 'dequeue', victims: cycle };
  }

  onStall(_rq: RunQueue, evidence: StallEvidence): DeadlockAction {
    return { kind: 'dequeue', victims: evidence.movedAgain };
  }
}
