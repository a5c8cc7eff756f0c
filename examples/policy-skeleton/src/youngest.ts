import type { DeadlockAction, DeadlockPolicy, RunQueue, StallEvidence, Task } from '@proxysched/core';

/** Of a cycle the youngest gives up its CPU: off the queue with it, so that whoever is outside the cycle goes on. */
export class YoungestPolicy implements DeadlockPolicy {
  readonly name = 'youngest';

  /** `cycle` in walk order, each waiting for the next. The answer is a value; the kernel applies it and tells the trace. */
  onCycle(_rq: RunQueue, cycle: readonly Task[]): DeadlockAction {
    return { kind: 'dequeue', victims: [youngest(cycle)] };
  }

  /** No honest machine comes here: end the run, with the evidence as its result. */
  onStall(_rq: RunQueue, _evidence: StallEvidence): DeadlockAction {
    return { kind: 'halt' };
  }
}

function youngest(cycle: readonly Task[]): Task {
  return cycle.reduce((a, b) => (b.pid > a.pid ? b : a));
}
