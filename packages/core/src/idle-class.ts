import type { SchedClass } from './sched-class.js';
import type { RunQueue } from './run-queue.js';
import type { SchedEntity, Task } from './task.js';
import { broken } from './errors.js';

/** The lowest class: one task per CPU, always there, never queued, never charged. Read this first, then `round-robin`. */
export class IdleClass implements SchedClass {
  readonly name = 'idle';
  readonly policies = [] as const;

  init(): void {
    // the idle task is in `rq.idle`
  }

  entity(task: Task): SchedEntity {
    return { owner: task };
  }

  enqueueTask(_rq: RunQueue, p: Task): void {
    throw broken('K110', `${String(p)}: the idle task cannot be queued`);
  }

  dequeueTask(_rq: RunQueue, p: Task): void {
    throw broken('K111', `${String(p)}: the idle task cannot block or leave`);
  }

  pickTask(rq: RunQueue): Task {
    return rq.idle;
  }

  updateCurr(): void {
    // nobody pays for idling
  }

  wakeupPreempt(): boolean {
    return true;
  }
}
