import type { DeadlockAction, DeadlockPolicy, RunQueue, StallEvidence, Task } from '@proxysched/core';

/** Ends the run at the instant a cycle closes; the cycle is the result. */
export class HaltPolicy implements DeadlockPolicy {
  readonly name = 'halt';

  onBlock(_cycle: readonly Task[]): DeadlockAction {
    return { kind: 'halt' };
  }

  onCycle(_rq: RunQueue, _cycle: readonly Task[]): DeadlockAction {
    return { kind: 'halt' };
  }

  onStall(_rq: RunQueue, _evidence: StallEvidence): DeadlockAction {
    return { kind: 'halt' };
  }
}
