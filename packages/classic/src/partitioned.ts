import { ENQUEUE_HEAD, type CheckReport, type RunQueue, type SchedClass, type Task } from '@proxysched/core';
import type { KeyOf } from './keys.js';
import { RankedHeap } from './ranked-heap.js';
import { Ranked, ranked } from './ranked.js';

/** A queue per CPU, the most urgent first, until it blocks or something more urgent comes. Tasks stay where they start. */
export class Partitioned implements SchedClass {
  readonly policies = [] as const;
  private readonly queues: RankedHeap[] = [];
  private arrivals = 0;

  constructor(readonly name: string, private readonly kernel: { resched(rq: RunQueue): void }, private readonly keyOf: KeyOf) {}

  init(rq: RunQueue): void { this.queues[rq.cpu] = new RankedHeap(); }
  entity(task: Task): Ranked { return new Ranked(task); }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = ranked(p);
    e.key = Math.min(this.keyOf(p), e.inherited);
    e.seq = (flags & ENQUEUE_HEAD) !== 0 ? -++this.arrivals : ++this.arrivals;
    this.queues[rq.cpu]!.insert(e);
  }
  dequeueTask(rq: RunQueue, p: Task): void { this.queues[rq.cpu]!.remove(ranked(p)); }
  pickTask(rq: RunQueue): Task | null { return this.queues[rq.cpu]!.first()?.owner ?? null; }
  updateCurr(): void { /* time is free */ }
  wakeupPreempt(rq: RunQueue, p: Task): boolean { return ranked(p).key < ranked(rq.donor).key; }

  nextJob(rq: RunQueue, p: Task): void { this.rerank(rq, p); }
  /** The key of `p`, queued here, has changed. */
  rerank(rq: RunQueue, p: Task): void {
    this.dequeueTask(rq, p);
    this.enqueueTask(rq, p, 0);
    if (this.pickTask(rq) !== rq.donor) this.kernel.resched(rq);
  }
  yieldTask(rq: RunQueue): void {
    this.dequeueTask(rq, rq.donor);
    this.enqueueTask(rq, rq.donor, 0);
  }
  compare(a: Task, b: Task): number { return ranked(a).key - ranked(b).key; }

  check(rq: RunQueue, report: CheckReport): void {
    for (const e of this.queues[rq.cpu]!)
      if (e.owner.onRq !== 'queued' || e.owner.cpu !== rq.cpu) report.fail('CL1', `${String(e.owner)} is in the queue of CPU ${rq.cpu} and not on it`);
  }
}
