import type { Mutex, Nanos, Task, TraceSink } from '@proxysched/core';
import { Samples } from '@proxysched/trace';

/** Listens to a run and keeps, per task, how long it took from asking for a lock to having it: 8 bytes a wait, nothing else of the run. */
export class LockWaitsSink implements TraceSink {
  readonly waits = new Map<string, Samples>();
  private readonly asked: Nanos[] = [];

  mutexRequest(now: Nanos, p: Task, _m: Mutex): void {
    this.asked[p.pid] = now;
  }

  mutexAcquired(now: Nanos, p: Task, _m: Mutex): void {
    let samples = this.waits.get(p.comm);
    if (samples === undefined) this.waits.set(p.comm, (samples = new Samples()));
    samples.add(now - this.asked[p.pid]!, now);
  }
}
