import type { Mutex } from '../mutex.js';
import type { ProxyResolver } from '../proxy-resolver.js';
import type { RunQueue } from '../run-queue.js';
import type { Task } from '../task.js';

/** Proxy execution reduced to its idea, for one CPU and owners that never sleep: whoever ends the chain runs. */
export class OwnerRuns implements ProxyResolver {
  readonly name = 'owner-runs';
  readonly wakeDonorPreempts = true;

  keepsQueued(): boolean {
    return true;
  }

  select(_rq: RunQueue, donor: Task): Task {
    let p = donor;
    while (p.isBlocked) p = p.blockedOn!.owner!;
    return p;
  }

  handOff(m: Mutex): Task | null {
    return m.firstWaiter;
  }
}
