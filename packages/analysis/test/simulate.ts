/** A scheduler of one page that advances by whole units, to hold the theorems against: it shares nothing with them. */

export interface SimTask {
  readonly wcet: number;
  readonly period: number;
  readonly deadline?: number;
  readonly offset?: number;
}

interface Job {
  readonly task: number;
  readonly release: number;
  readonly deadline: number;
  left: number;
}

/** Smaller goes first; of equals the task listed first. */
export type Key = (job: Job) => number;
export const byDeadline: Key = job => job.deadline;
export const byListing: Key = job => job.task;

/** Longest response of each task among the jobs released before `until`, all of which are run to their end if `drain` units allow. */
export function simulate(tasks: readonly SimTask[], options: { cpus: number; key: Key; until: number; drain: number }): number[] {
  const { cpus, key, until, drain } = options;
  const worst = tasks.map(() => 0);
  const ready: Job[] = [];
  for (let now = 0; now < until + drain; now++) {
    if (now < until)
      tasks.forEach(({ wcet, period, deadline = period, offset = 0 }, task) => {
        if (now >= offset && (now - offset) % period === 0) ready.push({ task, release: now, deadline: now + deadline, left: wcet });
      });
    ready.sort((a, b) => key(a) - key(b) || a.task - b.task || a.release - b.release);
    const running: Job[] = [];
    for (const job of ready)
      // jobs of a task run in order, one at a time
      if (running.length < cpus && !ready.some(j => j.task === job.task && j.release < job.release)) running.push(job);
    for (const job of running) {
      if (--job.left > 0) continue;
      ready.splice(ready.indexOf(job), 1);
      worst[job.task] = Math.max(worst[job.task]!, now + 1 - job.release);
    }
    if (now >= until && ready.length === 0) break;
  }
  for (const job of ready) worst[job.task] = Math.max(worst[job.task]!, until + drain - job.release);
  return worst;
}

export const hyperperiodOf = (tasks: readonly SimTask[]): number => {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  return tasks.reduce((h, { period }) => (h / gcd(h, period)) * period, 1);
};
