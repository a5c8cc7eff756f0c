import type { OptionList } from '@proxysched/core';

/** Dials of the deadline class. */
export const deadlineOptions = {
  'deadline.admission': { default: true, about: 'Refuse a task set whose bandwidth exceeds the limit (`rt-and-deadline.md` 8).' },
  'deadline.limit': { default: 1_048_576, about: 'Bandwidth that deadline tasks may use per CPU, 2^20 = all of it (sched_rt_runtime_us / sched_rt_period_us).' },
} as const satisfies OptionList;
