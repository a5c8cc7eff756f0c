import type { Nanos, Weight } from './types.js';

/** `cpu.max`: at most `quota` ns of CPU in every `period`, all CPUs together; what was left of earlier periods adds up to `burst`. */
export interface BandwidthLimit {
  /** At least 1 ms. */
  readonly quota: Nanos;
  /** 1 ms … 1 s. */
  readonly period: Nanos;
  /** At most the quota. */
  readonly burst: Nanos;
}

/** A CPU-controller group. Which tasks are in it, the tasks say; what its weight means, the class decides. */
export class TaskGroup {
  constructor(
    /** 0 is the root. */
    readonly id: number,
    readonly name: string,
    /** Shares, 1024 = `cpu.weight` 100. */
    readonly weight: Weight,
    readonly parent: TaskGroup | null,
    /** `null`: no limit. */
    readonly bandwidth: BandwidthLimit | null = null,
  ) {}
}
