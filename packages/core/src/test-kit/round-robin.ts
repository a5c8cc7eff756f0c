import { DEQUEUE_DELAYED, DEQUEUE_SLEEP, DEQUEUE_SPECIAL, ENQUEUE_DELAYED, ENQUEUE_HEAD } from '../flags.js';
import type { Kernel } from '../kernel.js';
import type { RunQueue } from '../run-queue.js';
import type { CheckReport, SchedClass } from '../sched-class.js';
import type { SchedEntity, Task } from '../task.js';
import { NEVER, type CpuId, type Nanos } from '../types.js';

class RoundRobinEntity implements SchedEntity {
  used: Nanos = 0;
  constructor(readonly owner: Task) {}
}

const entity = (p: Task): RoundRobinEntity => p.sched.entity as RoundRobinEntity;

export interface RoundRobinOptions {
  readonly slice?: Nanos;
  /** Sleepers with slice left stay queued until they are first in the line (delayed dequeue), as the fair class keeps them. */
  readonly delays?: boolean;
}

/** Equal tasks in turns of one slice. It says nothing about blocking, proxying, other CPUs or other classes. */
export class RoundRobin implements SchedClass {
  readonly name = 'round-robin';
  readonly policies = ['normal', 'rr'] as const;
  private readonly queues: Task[][] = [];
  private readonly slice: Nanos;
  private readonly delays: boolean;

  constructor(
    private readonly kernel: Kernel,
    options: RoundRobinOptions = {},
  ) {
    this.slice = options.slice ?? 10;
    this.delays = options.delays ?? false;
  }

  init(rq: RunQueue): void {
    this.queues[rq.cpu] = [];
  }

  entity(task: Task): SchedEntity {
    return new RoundRobinEntity(task);
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    if ((flags & ENQUEUE_DELAYED) !== 0) return; // it never left
    const queue = this.queues[rq.cpu]!;
    if ((flags & ENQUEUE_HEAD) !== 0) queue.unshift(p);
    else queue.push(p);
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void | false {
    const queue = this.queues[rq.cpu]!;
    const mayDelay = (flags & DEQUEUE_SLEEP) !== 0 && (flags & (DEQUEUE_SPECIAL | DEQUEUE_DELAYED)) === 0;
    if (this.delays && mayDelay && queue.length > 1 && entity(p).used < this.slice) {
      queue.push(...queue.splice(queue.indexOf(p), 1));
      return false;
    }
    queue.splice(queue.indexOf(p), 1);
  }

  settle(rq: RunQueue): void {
    for (let p = this.queues[rq.cpu]![0]; p !== undefined && p.schedDelayed; p = this.queues[rq.cpu]![0]) this.kernel.finishDelayed(rq, p);
  }

  pickTask(rq: RunQueue): Task | null {
    return this.queues[rq.cpu]![0] ?? null;
  }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    const e = entity(rq.donor);
    e.used += delta;
    if (e.used >= this.slice) this.toTheEnd(rq);
  }

  wakeupPreempt(): boolean {
    return false;
  }

  sliceLeft(rq: RunQueue, donor: Task): Nanos {
    return this.queues[rq.cpu]!.length > 1 ? this.slice - entity(donor).used : NEVER;
  }

  yieldTask(rq: RunQueue): void {
    this.toTheEnd(rq);
  }

  pushable(rq: RunQueue, to?: CpuId): Task | null {
    return this.queues[rq.cpu]!.find(p => this.kernel.isMovable(p) && (to === undefined || p.exec.cpusAllowed.has(to))) ?? null;
  }

  check(rq: RunQueue, report: CheckReport): void {
    const queue = this.queues[rq.cpu]!;
    if (new Set(queue).size !== queue.length) report.fail('RR1', `a task is queued twice on CPU ${rq.cpu}`);
    for (const p of this.kernel.tasks) {
      const here = p.onRq === 'queued' && p.cpu === rq.cpu && p.sched.cls === this;
      if (here !== queue.includes(p)) report.fail('RR2', `${String(p)} is ${here ? 'not ' : ''}in the line of CPU ${rq.cpu}`);
    }
  }

  private toTheEnd(rq: RunQueue): void {
    const queue = this.queues[rq.cpu]!;
    entity(rq.donor).used = 0;
    const at = queue.indexOf(rq.donor);
    if (at < 0) return;
    queue.push(...queue.splice(at, 1));
    if (queue[0] !== rq.donor) this.kernel.resched(rq);
  }
}
