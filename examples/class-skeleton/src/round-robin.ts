import { NEVER, type Kernel, type Nanos, type RunQueue, type SchedClass, type SchedEntity, type Task } from '@proxysched/core';

class RrEntity implements SchedEntity {
  used: Nanos = 0;
  constructor(readonly owner: Task) {}
}
const rr = (p: Task): RrEntity => p.sched.entity as RrEntity;

/** Everyone in turn, a slice each. It says nothing about blocking, proxying, other CPUs or other classes, and works under all of them. */
export class RoundRobin implements SchedClass {
  readonly name = 'round-robin';
  readonly policies = ['normal', 'batch', 'idle'] as const;
  private readonly queues: Task[][] = [];
  constructor(private readonly kernel: Kernel, private readonly slice: Nanos) {}

  init(rq: RunQueue): void { this.queues[rq.cpu] = []; }
  entity(task: Task): SchedEntity { return new RrEntity(task); }

  enqueueTask(rq: RunQueue, p: Task): void { this.queues[rq.cpu]!.push(p); }
  dequeueTask(rq: RunQueue, p: Task): void { const q = this.queues[rq.cpu]!; q.splice(q.indexOf(p), 1); }
  pickTask(rq: RunQueue): Task | null { return this.queues[rq.cpu]![0] ?? null; }
  wakeupPreempt(): boolean { return false; }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    const { donor } = rq;
    rr(donor).used += delta;
    if (rr(donor).used < this.slice || donor.onRq !== 'queued') return;
    this.dequeueTask(rq, donor);
    this.enqueueTask(rq, donor);
    rr(donor).used = 0;
    this.kernel.resched(rq);
  }
  sliceLeft(rq: RunQueue, donor: Task): Nanos {
    return this.queues[rq.cpu]!.length > 1 ? this.slice - rr(donor).used : NEVER;
  }
}
