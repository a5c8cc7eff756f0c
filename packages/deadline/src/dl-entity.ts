import type { CpuId, Nanos, SchedEntity, Task, Timer, TreeNode } from '@proxysched/core';
import { bandwidth } from './admission.js';

/** What was promised: `runtime` in every `period`, by `deadline` after each release. */
export interface DlParams {
  readonly runtime: Nanos;
  readonly deadline: Nanos;
  readonly period: Nanos;
  /** Uses what others leave (GRUB). */
  readonly reclaim?: boolean;
  /** The trace tells when its budget ends under it. */
  readonly overrun?: boolean;
}

/** A new deadline, a smaller budget, or as Linux chooses. */
export type WakeUpRule = 'auto' | 'original' | 'revised';

/** A reservation, of a task or of a server: what was promised, and what is left of it. `rt-and-deadline.md` 8. */
export class DlEntity implements SchedEntity, TreeNode<DlEntity> {
  treeLeft: DlEntity | null = null;
  treeRight: DlEntity | null = null;
  treePrio = 0;
  treeSeq = 0;
  dlRuntime = 0;
  dlDeadline = 0;
  dlPeriod = 0;
  /** Rule of a wake-up with too much budget (`deadline.wakeUp`). */
  wakeUp: WakeUpRule = 'auto';
  /** Share of a CPU, 2^20 = all of it. */
  dlBw = 0;
  /** Budget left, negative after an overrun, which the next replenishment pays back. */
  runtime: Nanos = 0;
  /** The most that the instance in hand has had as budget. */
  granted: Nanos = 0;
  /** Absolute deadline; −1 before the first instance. */
  deadline: Nanos = -1;
  /** Out of budget, or yielded, or (a server) deferred: off the tree until `timer`. */
  throttled = false;
  yielded = false;
  /** In the tree. A queued task is not while it is throttled. */
  inTree = false;
  /** On the class's queue as the kernel sees it. */
  queued = false;
  /** Whose parameters count, its own or those of the waiter it is boosted by (`pi_se`; fact sheet 13). */
  pi: DlEntity = this;
  /** CPU where its bandwidth counts, −1: nowhere. */
  cpu: CpuId | -1 = -1;
  /** Its bandwidth counts as in use (`running_bw`): it contends, or its 0-lag time is still to come. */
  active = false;
  /** It has blocked before its 0-lag time: `inactiveTimer` will end its activity. */
  nonContending = false;
  constructor(
    /** The task; of a server the idle task of its CPU, which stands for it in traces. */
    readonly owner: Task,
    public policy: DlParams,
    /** Replenishment; of a server its zero-laxity instant as well. */
    readonly timer: Timer,
    /** The 0-lag time. */
    readonly inactiveTimer: Timer,
  ) {
    this.setPolicy(policy);
  }

  /** (q, d) stay: a change of what is promised neither refills the budget nor moves the deadline. */
  setPolicy(policy: DlParams): void {
    const { runtime, deadline, period } = policy;
    this.policy = policy;
    this.dlRuntime = runtime;
    this.dlDeadline = deadline;
    this.dlPeriod = period;
    this.dlBw = period === 0 ? 0 : bandwidth(runtime, period);
  }

  /** It runs for a waiter: never throttled, refilled at once. The waiter's own budget is not touched. */
  get boosted(): boolean {
    return this.pi !== this;
  }

  get implicit(): boolean {
    return this.dlDeadline === this.dlPeriod;
  }

  /** A wake-up before the deadline with too much budget shortens the budget (the revised rule) and keeps the deadline. */
  get revises(): boolean {
    return (this.wakeUp === 'auto' ? !this.implicit : this.wakeUp === 'revised') && !this.boosted;
  }
}

export const dlEntity = (p: Task): DlEntity => p.sched.entity as DlEntity;
