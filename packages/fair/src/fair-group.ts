import type { CpuId, TaskGroup, Weight } from '@proxysched/core';
import type { CfsBandwidth } from './bandwidth.js';
import type { CfsRq } from './cfs-rq.js';

/** `struct task_group`, as far as it is the fair class's: its queue on each CPU, and what these publish. */
export class FairGroup {
  /** By CPU. */
  readonly cfsRqs: CfsRq[] = [];
  readonly children: FairGroup[] = [];
  /** Σ of the averages that its queues have published. */
  loadAvg = 0;
  runnableAvg = 0;
  /** Scaled: 2 … 2^18, times 1024. */
  readonly shares: Weight;

  constructor(
    readonly taskGroup: TaskGroup,
    readonly parent: FairGroup | null,
    /** `null`: no limit, neither here nor wanted. */
    readonly bandwidth: CfsBandwidth | null,
    /** The runnable average is published too, for the modes of group shares that count tasks. */
    readonly countsTasks: boolean,
  ) {
    this.shares = 1024 * Math.min(Math.max(taskGroup.weight, 2), 1 << 18);
  }

  get name(): string {
    return this.taskGroup.name;
  }

  on(cpu: CpuId): CfsRq {
    return this.cfsRqs[cpu]!;
  }
}
