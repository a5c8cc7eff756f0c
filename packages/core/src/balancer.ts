import type { CpuSet } from './cpu-set.js';
import type { RunQueue } from './run-queue.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/**
 * Where a context may be taken: the CPUs of whoever would execute for it; `anywhere`, where nobody on its queue would and affinity
 * says nothing; `null`: it stays.
 */
export type Reach = CpuSet | 'anywhere' | null;

/** Moves tasks between CPUs by asking `kernel.isMovable` and `kernel.move`; keeps no lists of its own about who is where. */
export interface Balancer {
  readonly name: string;
  /** Once, when the classes are there and before anything happens. */
  init?(): void;
  /** With `periodic`: how often, per CPU. */
  readonly period?: Nanos;
  /** The CPU is about to pick, and the donor it had is gone or blocked: pull what beats what is left. The answer as for `newIdle`. */
  beforePick?(rq: RunQueue): boolean;
  /**
   * The CPU found nothing to run: pull anything. Asked at most once per pass. True: it looked at other queues, for which a kernel lets go
   * of this one (`Gaps.balance`), whatever came of that.
   */
  newIdle?(rq: RunQueue): boolean;
  /** The CPU has just switched: push what waits. */
  afterSwitch?(rq: RunQueue): void;
  /** `p` woke on `rq` and did not preempt: push it. */
  afterWakeup?(rq: RunQueue, p: Task): void;
  periodic?(rq: RunQueue): void;
  /** The periodic tick of a busy CPU, after the class has had it. */
  tick?(rq: RunQueue): void;
}
