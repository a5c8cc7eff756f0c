import type { Section } from './critical-sections.js';
import { nestedSections } from './errors.js';
import { integer, max, min, time } from './exact.js';
import { heaviestMatching } from './heaviest-matching.js';
import type { Time } from './task-model.js';

/**
 * How long a job may be held up by tasks of lower priority, under the protocols for one CPU. Blocking is the total time in which a
 * lower task executes while the job is ready or blocked; jobs do not suspend themselves. Each function returns B_i in the order of
 * the tasks.
 *
 * A section of a lower task l on lock s can block i if the ceiling of s, the best priority among its users, reaches that of i. Its
 * length is then xi(l, s), the longest one of that task and lock. `locking.md` 6, `oracles.md` 3.4. All throw A001 for numbers out
 * of range.
 */

/** A task by its locks. */
export interface LockUser {
  /** 1 is the most important. For SRP under EDF: the rank by relative deadline, 1 for the shortest, the same for equal ones. */
  readonly priority: number;
  /** Of one job; several on one lock are allowed. */
  readonly sections: readonly Section[];
}

/** The ceiling of each lock: the best (smallest) priority among its users. */
export function ceilings(tasks: readonly LockUser[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { priority, sections } of tasks) {
    integer(priority, 1, 'priority');
    for (const { lock } of sections) found.set(lock, Math.min(priority, found.get(lock) ?? priority));
  }
  return found;
}

/** No preemption within sections: the longest section of any lower task, on whatever lock. A. Mok, 1983. */
export function nppBlocking(tasks: readonly LockUser[]): Time[] {
  return tasks.map(task => {
    const lower = tasks.filter(l => l.priority > task.priority);
    return time(longest(lower.flatMap(l => l.sections)), 'blocking');
  });
}

/**
 * PCP (original), ICPP and SRP: the longest single section that can block, as at most one does. With nested sections too.
 * L. Sha, R. Rajkumar, J. Lehoczky, IEEE TC 39(9), 1990; T. Baker, RTS 3(1), 1991.
 */
export function ceilingBlocking(tasks: readonly LockUser[]): Time[] {
  return tables(tasks).map(xi => time(xi.flat().reduce(max, 0n), 'blocking'));
}

/**
 * PIP, the simple bound: min(sum over lower tasks of their longest xi, sum over locks of their longest xi). For flat sections: a
 * section on a shared lock within another makes chains, which this does not count (A004).
 * L. Sha, R. Rajkumar, J. Lehoczky, IEEE TC 39(9), 1990.
 */
export function pipBlockingSimple(tasks: readonly LockUser[]): Time[] {
  requireFlat(tasks);
  return tables(tasks).map(xi => {
    const byTask = xi.reduce((b, row) => b + row.reduce(max, 0n), 0n);
    const byLock = (xi[0] ?? []).reduce((b, _, s) => b + xi.reduce((x, row) => max(x, row[s]!), 0n), 0n);
    return time(min(byTask, byLock), 'blocking');
  });
}

/**
 * PIP, the best of such bounds: at most one section of each lower task and at most one on each lock, chosen to be as long as possible
 * together (an assignment problem). Never above `pipBlockingSimple`. For flat sections (A004).
 * R. Rajkumar, Synchronization in Real-Time Systems, 1991, solved as an assignment.
 */
export function pipBlocking(tasks: readonly LockUser[]): Time[] {
  requireFlat(tasks);
  return tables(tasks).map(xi => time(heaviestMatching(xi), 'blocking'));
}

/** For each task, xi as rows (lower tasks) of columns (all locks); 0 where nothing can block. */
function tables(tasks: readonly LockUser[]): bigint[][][] {
  const locks = [...ceilings(tasks)];
  return tasks.map(task => {
    const lower = tasks.filter(l => l.priority > task.priority);
    return lower.map(l =>
      locks.map(([lock, ceiling]) => (ceiling <= task.priority ? longest(l.sections.filter(s => s.lock === lock)) : 0n)),
    );
  });
}

function longest(sections: readonly Section[]): bigint {
  return sections.reduce((x, { length }) => max(x, integer(length, 0, 'length of a section')), 0n);
}

/** A004 if a section on a lock that others use lies within another section. Not exported from the package. */
export function requireFlat(tasks: readonly { readonly sections: readonly Section[] }[]): void {
  tasks.forEach((task, i) => {
    for (const { lock, outer } of task.sections) {
      const shared = tasks.some((other, j) => j !== i && other.sections.some(s => s.lock === lock));
      if (outer !== undefined && shared) throw nestedSections(lock, outer);
    }
  });
}
