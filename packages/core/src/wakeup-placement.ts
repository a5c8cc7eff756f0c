import type { Task } from './task.js';
import type { CpuId } from './types.js';

/**
 * Where tasks wake and start, for classes that leave that to others: the fair class asks it when a module provides one
 * (`WAKEUP_PLACEMENT`), and knows a simple way of its own.
 */
export interface WakeupPlacement {
  /**
   * As `SchedClass.selectTaskRq`, for `WAKE_TTWU` and `WAKE_FORK`. Asked once for each wake-up of a task that may use more than one CPU,
   * so it may take note of who wakes whom. Where the answer is not allowed the kernel takes the lowest CPU that is.
   */
  selectTaskRq(p: Task, prev: CpuId, flags: number, from: CpuId): CpuId;
}
