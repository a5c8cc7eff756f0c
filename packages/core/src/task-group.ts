import type { Weight } from './types.js';

/** A CPU-controller group. Which tasks are in it, the tasks say; what its weight means, the class decides. */
export class TaskGroup {
  constructor(
    /** 0 is the root. */
    readonly id: number,
    readonly name: string,
    /** Shares, 1024 = `cpu.weight` 100. */
    readonly weight: Weight,
    readonly parent: TaskGroup | null,
  ) {}
}
