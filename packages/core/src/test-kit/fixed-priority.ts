import { ENQUEUE_HEAD } from '../flags.js';
import type { Kernel } from '../kernel.js';
import type { RunQueue } from '../run-queue.js';
import type { CheckReport, SchedClass } from '../sched-class.js';
import type { SchedEntity, Task } from '../task.js';
import type { CpuId } from '../types.js';

/** The larger priority first, equals in order of arrival, until it blocks or yields. */
export class FixedPriority implements SchedClass {
  readonly name: string = 'fixed-priority';
  readonly policies = ['fifo'] as const;
  /** Per CPU, most urgent first. */
  private readonly queues: Task[][] = [];

  constructor(private readonly kernel: Kernel) {}

  init(rq: RunQueue): void {
    this.queues[rq.cpu] = [];
  }

  entity(task: Task): SchedEntity {
    return { owner: task };
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const queue = this.queues[rq.cpu]!;
    const behind = (flags & ENQUEUE_HEAD) !== 0 ? (q: Task): boolean => prio(q) <= prio(p) : (q: Task): boolean => prio(q) < prio(p);
    const at = queue.findIndex(behind);
    queue.splice(at < 0 ? queue.length : at, 0, p);
  }

  dequeueTask(rq: RunQueue, p: Task): void {
    const queue = this.queues[rq.cpu]!;
    queue.splice(queue.indexOf(p), 1);
  }

  pickTask(rq: RunQueue): Task | null {
    return this.queues[rq.cpu]![0] ?? null;
  }

  updateCurr(): void {
    // time is free
  }

  wakeupPreempt(rq: RunQueue, p: Task): boolean {
    return prio(p) > prio(rq.donor);
  }

  /** Where it was if it would run there, else an idle CPU. */
  selectTaskRq(p: Task, prev: CpuId): CpuId {
    const { rqs, idleCpus } = this.kernel;
    if (p.exec.cpusAllowed.has(prev) && idleCpus.has(prev)) return prev;
    const idle = idleCpus.firstIn(p.exec.cpusAllowed);
    return idle >= 0 ? (idle as CpuId) : rqs[prev]!.cpu;
  }

  yieldTask(rq: RunQueue): void {
    this.dequeueTask(rq, rq.donor);
    this.enqueueTask(rq, rq.donor, 0);
  }

  pushable(rq: RunQueue, to?: CpuId): Task | null {
    return this.queues[rq.cpu]!.find(p => this.kernel.isMovable(p) && (to === undefined || p.exec.cpusAllowed.has(to))) ?? null;
  }

  compare(a: Task, b: Task): number {
    return prio(b) - prio(a);
  }

  inherit(): boolean {
    return false; // the priority says it all
  }

  check(rq: RunQueue, report: CheckReport): void {
    const queue = this.queues[rq.cpu]!;
    for (let i = 1; i < queue.length; i++) {
      if (prio(queue[i - 1]!) < prio(queue[i]!)) report.fail('FP1', `${String(queue[i])} stands behind a lower priority on CPU ${rq.cpu}`);
    }
    for (const p of this.kernel.tasks) {
      const here = p.onRq === 'queued' && p.cpu === rq.cpu && p.sched.cls === this;
      if (here !== queue.includes(p)) report.fail('FP2', `${String(p)} is ${here ? 'not ' : ''}in the line of CPU ${rq.cpu}`);
    }
  }
}

function prio(p: Task): number {
  return Math.max(0, 99 - p.sched.prio);
}
