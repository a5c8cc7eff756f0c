import type { Nanos, SchedEntity, Task, TreeNode, Weight } from '@proxysched/core';

/** `struct sched_entity` of a task. Virtual times do not wrap; `v`, `d` of the formulas are `vruntime`, `deadline`. */
export class FairEntity implements SchedEntity, TreeNode<FairEntity> {
  /** Scaled, 2^20 = nice 0; flattened if the task is in a group (`fair-eevdf.md` 15). Stale until the next refresh, 0 before the first. */
  weight: Weight = 0;
  /** Scaled weight of the policy it was enqueued with: what it counts for in its group. */
  ownWeight: Weight = 0;
  /** What it counts for in the sums of its queue. */
  sumWeight: Weight = 0;
  vruntime = 0;
  /** Virtual. Relative to `vruntime` while `relDeadline`. */
  deadline = 0;
  /** V − v when it left the queue, or when its dequeue was delayed; clamped. */
  vlag = 0;
  /** Protection from preemption: 7.x a limit on `vruntime`, 6.12 the `deadline` it was picked with. */
  vprot = 0;
  /** The request, ns of wall time. */
  slice: Nanos;
  /** The task named its slice; else it follows the base slice. */
  customSlice = false;
  /** SCHED_IDLE. */
  idle = false;
  onRq = false;
  delayed = false;
  relDeadline = false;

  treeLeft: FairEntity | null = null;
  treeRight: FairEntity | null = null;
  treePrio = 0;
  treeSeq = 0;
  /** Of the subtree below and including this node. */
  minVruntime = 0;
  minSlice: Nanos = 0;
  maxSlice: Nanos = 0;

  constructor(
    readonly owner: Task,
    slice: Nanos,
  ) {
    this.slice = slice;
  }
}
