import type { Nanos, SchedEntity, Task, Timer, TreeNode } from '@proxysched/core';

/** A context of the deadline class: what was promised, and what is left of it. `rt-and-deadline.md` 8. */
export class DlEntity implements SchedEntity, TreeNode<DlEntity> {
  treeLeft: DlEntity | null = null;
  treeRight: DlEntity | null = null;
  treePrio = 0;
  treeSeq = 0;
  /** Budget left, negative after an overrun, which the next replenishment pays back. */
  runtime: Nanos = 0;
  /** Absolute deadline; −1 before the first instance. */
  deadline: Nanos = -1;
  /** Out of budget (or yielded): off the tree until `timer`. */
  throttled = false;
  yielded = false;
  /** In the tree. A queued task is not while it is throttled. */
  inTree = false;
  /** On the class's queue as the kernel sees it. */
  queued = false;

  constructor(
    readonly owner: Task,
    public dlRuntime: Nanos,
    public dlDeadline: Nanos,
    public dlPeriod: Nanos,
    /** Replenishment. */
    readonly timer: Timer,
  ) {}

  get implicit(): boolean {
    return this.dlDeadline === this.dlPeriod;
  }
}

export const dlEntity = (p: Task): DlEntity => p.sched.entity as DlEntity;
