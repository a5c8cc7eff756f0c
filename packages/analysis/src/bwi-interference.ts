import { requireFlat } from './blocking-bounds.js';
import type { JobShape } from './critical-sections.js';
import { integer, max, time } from './exact.js';
import type { Time } from './task-model.js';

/**
 * Bandwidth inheritance (BWI on one CPU, M-BWI on several): I_i, the longest time for which other tasks execute inside the server of i, or
 * make it spin, during one job. It is not blocking but a claim on the budget: no job of i misses if Q_i >= C_i + I_i, its server's
 * period is at most its own, and the servers pass the test of the platform.
 *
 * With locks in FIFO order and flat sections, each access waits for at most one section of every other user of the lock; so I_i is the
 * sum over accesses of the longest sections of all other users. A section on a shared lock within another makes chains, which this
 * does not count (A004). In the order of `tasks`. A001 for numbers out of range.
 *
 * G. Lipari, G. Lamastra, L. Abeni, IEEE TC 53(12), 2004; D. Faggioli, G. Lipari, T. Cucinotta, RTS 48(6), 2012; `locking.md` 8.
 */
export function bwiInterference(tasks: readonly Pick<JobShape, 'sections'>[]): Time[] {
  requireFlat(tasks);
  return tasks.map((task, i) => {
    const others = tasks.filter((_, j) => j !== i);
    return time(
      task.sections.reduce((sum, { lock }) => sum + oneOfEach(lock, others), 0n),
      'interference',
    );
  });
}

/** Budgets with which nothing misses: C_i + I_i. */
export function bwiBudgets(tasks: readonly JobShape[]): Time[] {
  const interference = bwiInterference(tasks);
  return tasks.map(({ wcet }, i) => time(integer(wcet, 0, 'wcet') + BigInt(interference[i]!), 'budget'));
}

/** The longest section on `lock` of each of `users`, together. */
function oneOfEach(lock: string, users: readonly Pick<JobShape, 'sections'>[]): bigint {
  return users.reduce((sum, { sections }) => {
    const lengths = sections.filter(s => s.lock === lock).map(s => integer(s.length, 0, 'length of a section'));
    return sum + lengths.reduce(max, 0n);
  }, 0n);
}
