import type { CpuSet } from './cpu-set.js';
import type { Task } from './task.js';
import type { CpuId, Nanos } from './types.js';

/**
 * What a class that tracks load knows, for those who balance by it. Averages are geometric over some 100 ms; 1024 is one CPU in use all the
 * time, or, of load, one task of nice 0 that is always able to run (`pelt-and-balance.md` 1, 2).
 */
export interface LoadView {
  /** Averages are kept at all; else those below are 0. */
  readonly tracked: boolean;
  /** Brings the averages of a CPU to now. Elsewise they are as of its last event, which may be long ago on an idle one. */
  refresh(cpu: CpuId): void;
  /** Weights of tasks, each times the share of time it was queued; blocked ones count while they fade. */
  loadAvg(cpu: CpuId): number;
  /** Tasks that were able to run or ran. */
  runnableAvg(cpu: CpuId): number;
  /** Time that was used. */
  utilAvg(cpu: CpuId): number;
  /** Σ estimates of the tasks queued now. */
  utilEst(cpu: CpuId): number;
  /** Tasks queued now, and of these those that want to run. */
  hNrQueued(cpu: CpuId): number;
  hNrRunnable(cpu: CpuId): number;

  /** Of the queued ones those of SCHED_IDLE, and the CPUs that have any. */
  nrIdlePolicy(cpu: CpuId): number;
  readonly withIdlePolicy: CpuSet;

  /** Load average of `p` in its group. */
  taskLoad(p: Task): number;
  /** The part of its CPU's load that `p` is, through the groups it is in. */
  taskHLoad(p: Task): number;
  taskUtil(p: Task): number;
  /** What `p` may be expected to use: at least its estimate from before it slept. */
  taskUtilEst(p: Task): number;

  // --- whom to move -------------------------------------------------------------------------------------------------------

  /** Tasks queued now that want only what nobody else wants (`h_nr_idle`). */
  hNrIdle(cpu: CpuId): number;
  /** The task of a CPU that has not run for longest, blocked and delayed ones among them; `null`: it has none. */
  leastRecent(cpu: CpuId): Task | null;
  /** The next in that order, `null`: `p` was the last to run. */
  moreRecent(p: Task): Task | null;
  /** A balancer looked at `p` in vain: it comes last to the next. */
  passOver(p: Task): void;
  /** When `p` last was on a CPU, in anyone's name; long before 0: never. */
  lastRan(p: Task): Nanos;
  /** It is the next to be picked by preference (the buddy). */
  isBuddy(p: Task): boolean;
  /** It wants only what nobody else wants. */
  isIdlePolicy(p: Task): boolean;
  /** Its group is out of runtime, where it is or on `to`. */
  isThrottled(p: Task, to: CpuId): boolean;
  /** It has had more than its share where it is, and others of its group are on `to`: moved it would be none the better for it. */
  isIneligible(p: Task, to: CpuId): boolean;
}
