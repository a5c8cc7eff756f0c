import {
  DETACHED,
  SchedAvg,
  broken,
  type Nanos,
  type Policy,
  type SchedEntity,
  type Task,
  type TreeNode,
  type Weight,
} from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';

/** Before the beginning of any run, by more than anybody takes for recent. */
const NEVER_RAN: Nanos = Number.MIN_SAFE_INTEGER;

/**
 * `struct sched_entity`: of a task, or of a group on one CPU. Virtual times do not wrap; `v`, `d` of the formulas are
 * `vruntime`, `deadline`.
 */
export class FairEntity implements SchedEntity, TreeNode<FairEntity> {
  // What a descent of the tree looks at stands together.
  treeLeft: FairEntity | null = null;
  treeRight: FairEntity | null = null;
  treeParent: FairEntity | null = null;
  treeRed = false;
  treePrio = 0;
  treeSeq = 0;
  /** Of the subtree below and including this node. */
  minVruntime = 0;
  minSlice: Nanos = 0;
  maxSlice: Nanos = 0;
  vruntime = 0;
  /** Virtual. Relative to `vruntime` while `relDeadline`. */
  deadline = 0;

  /** `load.weight`, scaled (2^20 = nice 0): what it counts for in its queue. 0 before the first enqueue. */
  load: Weight = 0;
  /**
   * What it competes with, scaled. Where groups have timelines of their own, `load`; on a flat one the share of it that its
   * groups leave (`h_load`), stale until the next refresh (`fair-eevdf.md` 15).
   */
  weight: Weight = 0;
  /** 2^32 / weight, as 6.12 multiplies with it. */
  inverse = 0;
  /** What it counts for in the sums of its timeline. */
  sumWeight: Weight = 0;
  /** V − v when it left the queue, or when its dequeue was delayed; clamped. */
  vlag = 0;
  /** Protection from preemption: 7.x a limit on `vruntime`, 6.12 the `deadline` it was picked with. */
  vprot = 0;
  /** The request, ns of wall time. */
  slice: Nanos;
  /** It has a slice of its own (a group: that of its members); else it follows the base slice. */
  customSlice = false;
  /** What a task asked for when it was last read. */
  policy: Policy | null = null;
  /** SCHED_IDLE. */
  idle = false;
  onRq = false;
  delayed = false;
  relDeadline = false;
  /** Charged up to here, where levels are charged one by one. */
  execStart: Nanos = 0;

  /** `cfs_rq_of`: the queue it is, or was last, on. A task's is `null` before the first. */
  cfsRq: CfsRq | null = null;
  readonly avg = new SchedAvg(DETACHED);
  /** Of a group: its members able to run, as of the last update (`runnable_weight`). */
  runnable = 0;
  /** Of a task: when it last was on a CPU, as itself or in whose name somebody ran; long ago: never. */
  lastRan: Nanos = NEVER_RAN;
  /** Neighbours among the tasks of its CPU: who ran before it, and after. `CfsTasks` alone writes them. */
  ranBefore: FairEntity | null = null;
  ranAfter: FairEntity | null = null;
  /** Of a task. */
  utilEst = 0;
  /** The averages have not moved since the estimate was made. */
  utilEstFresh = false;
  /** 7.x: taken off the timeline because its group has no runtime left. */
  throttled = false;

  constructor(
    readonly task: Task | null,
    slice: Nanos,
    /** `group_cfs_rq`: the queue of the group that this entity stands for. */
    readonly my: CfsRq | null = null,
  ) {
    this.slice = slice;
  }

  /** The task. Asked of tasks only. */
  get owner(): Task {
    if (this.task === null) throw broken('F110', 'a group was taken for a task');
    return this.task;
  }

  /** The entity of the group it is in; `null`: it is at the top. */
  get parent(): FairEntity | null {
    return this.cfsRq!.entity;
  }

  get name(): string {
    return this.task === null ? this.my!.name : String(this.task);
  }
}
