import { kernelPrio, type Task } from '@proxysched/core';
import { NO_KEY } from './ranked.js';

/** What a class ranks by: an integer from what the task is and what it has in hand; smaller is more urgent. */
export type KeyOf = (p: Task) => number;

/** Fixed priority: `priority` of a custom policy (1 is the most important; rate monotonic order makes it RM), else the kernel's number. */
export const priority: KeyOf = p => {
  const { policy } = p.sched;
  return policy.kind === 'custom' ? Number(policy.params['priority'] ?? NO_KEY) : kernelPrio(policy);
};

/** Earliest deadline first: the absolute deadline of the job in hand; a job without one waits for all that have. */
export const deadline: KeyOf = p => (p.jobDeadline >= 0 ? p.jobDeadline : NO_KEY);
