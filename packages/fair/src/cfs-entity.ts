import type { Nanos, SchedEntity, Task, TreeNode, Weight } from '@proxysched/core';
import type { CfsQueue } from './cfs-queue.js';

/** `struct sched_entity` of a task under classic CFS. */
export class CfsEntity implements SchedEntity, TreeNode<CfsEntity> {
  /** Scaled, 2^20 = nice 0. */
  weight: Weight = 0;
  /** Absolute on `timeline`; relative to the `minVruntime` of wherever it goes next where that is `null`. */
  vruntime = 0;
  timeline: CfsQueue | null = null;
  /** SCHED_IDLE. */
  idle = false;
  onRq = false;
  /** Service in all, and what that was when it was last picked. */
  sumExec: Nanos = 0;
  prevSumExec: Nanos = 0;

  treeLeft: CfsEntity | null = null;
  treeRight: CfsEntity | null = null;
  treePrio = 0;
  treeSeq = 0;

  constructor(readonly owner: Task) {}

  /** Service since it was picked, ns. */
  get ran(): Nanos {
    return this.sumExec - this.prevSumExec;
  }
}
