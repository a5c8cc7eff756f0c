import { exact } from './exact.js';
import type { FixedPriorityTask, ImplicitTask, Time } from './task-model.js';

type Unranked = Omit<FixedPriorityTask, 'priority'>;

/** The same tasks, in the same order, with a priority each: 1 for the shortest period. Of equals the first listed comes first. */
export function rateMonotonic<T extends ImplicitTask>(tasks: readonly T[]): (T & { readonly priority: number })[] {
  return ranked(tasks, task => task.period);
}

/** By relative deadline; optimal among fixed priorities for D <= T without jitter (J. Leung, J. Whitehead, 1982). */
export function deadlineMonotonic<T extends Unranked>(tasks: readonly T[]): (T & { readonly priority: number })[] {
  return ranked(tasks, task => task.deadline ?? task.period);
}

function ranked<T extends Unranked>(tasks: readonly T[], key: (task: T) => Time): (T & { readonly priority: number })[] {
  tasks.forEach(exact);
  const order = tasks.map((task, at) => ({ at, key: key(task) })).sort((a, b) => a.key - b.key || a.at - b.at);
  const priority = new Array<number>(tasks.length).fill(0);
  order.forEach(({ at }, rank) => (priority[at] = rank + 1));
  return tasks.map((task, at) => ({ ...task, priority: priority[at]! }));
}
