import type { Bound } from './bound.js';
import type { FixedPriorityTask } from './task-model.js';
import { worstResponseTime } from './worst-response-time.js';

/** One task's bound and whether it keeps the deadline. */
export interface FixedPriorityVerdict<T extends FixedPriorityTask> {
  readonly task: T;
  /** Worst response of any job, from its nominal release. */
  readonly response: Bound;
  readonly meetsDeadline: boolean;
}

/**
 * `worstResponseTime` of each task, in the order given, against its deadline. Tasks of the same or better priority interfere.
 * No release pattern exceeds a response. A deadline not met is sure to be missed in some pattern only if B = 0 and priorities
 * differ: blocking and equality are upper bounds.
 *
 * `oracles.md` 3.1. A001 for parameters out of range.
 */
export function fixedPriorityTest<T extends FixedPriorityTask>(tasks: readonly T[]): FixedPriorityVerdict<T>[] {
  return tasks.map((task, at) => {
    const response = worstResponseTime(
      task,
      tasks.filter((other, i) => i !== at && other.priority <= task.priority),
    );
    return { task, response, meetsDeadline: response !== 'unbounded' && response <= (task.deadline ?? task.period) };
  });
}
