import type { Nanos, SchedEntity, Task, Timer, TreeNode } from '@proxysched/core';

/** A context of the deadline class: what was promised, and what is left of it. `rt-and-deadline.md` 8. */
export class DlEntity implements SchedEntity, TreeNode<DlEntity> {
  treeLeft: DlEntity | null = null;
  treeRight: DlEntity | null = null;
  treePrio = 0;
  treeSeq = 0;
  /** Budget left, negative after an overrun, which the next replenishment pays back. */
  runtime: Nanos = 0;
  /** The budget of the last refill: a waiter's may be larger than its own. */
  granted: Nanos = 0;
  /** Absolute deadline; −1 before the first instance. */
  deadline: Nanos = -1;
  /** Out of budget (or yielded): off the tree until `timer`. */
  throttled = false;
  yielded = false;
  /** In the tree. A queued task is not while it is throttled. */
  inTree = false;
  /** On the class's queue as the kernel sees it. */
  queued = false;
  /** Whose parameters count, its own or those of the waiter it is boosted by (`pi_se`; fact sheet 13). */
  pi: DlEntity = this;

  constructor(
    readonly owner: Task,
    public dlRuntime: Nanos,
    public dlDeadline: Nanos,
    public dlPeriod: Nanos,
    /** Replenishment. */
    readonly timer: Timer,
  ) {}

  /** It runs for a waiter: never throttled, refilled at once. The waiter's own budget is not touched. */
  get boosted(): boolean {
    return this.pi !== this;
  }

  get implicit(): boolean {
    return this.dlDeadline === this.dlPeriod;
  }
}

export const dlEntity = (p: Task): DlEntity => p.sched.entity as DlEntity;
