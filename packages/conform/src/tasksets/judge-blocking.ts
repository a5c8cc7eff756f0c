import { ceilingBlocking, ceilings, nppBlocking, pipBlocking, pipBlockingSimple, type LockUser, type Time } from '@proxysched/analysis';
import { z } from 'zod';
import type { Scope } from './scope.js';

const tableByTask = z.record(z.string(), z.record(z.string(), z.number()));

const BOUNDS: Readonly<Record<string, (users: readonly LockUser[]) => Time[]>> = {
  npp: nppBlocking,
  pip_simple: pipBlockingSimple,
  pip_exact: pipBlocking,
  pcp: ceilingBlocking,
  icpp: ceilingBlocking,
  srp: ceilingBlocking,
};

/** Users of locks, from the longest section of each task on each lock (`cs`); the first task is the most important. */
function users({ file, scale }: Scope): { name: string; user: LockUser }[] {
  return file.tasks.map(({ name, cs, prio }, i) => {
    const sections = Object.entries(z.parse(z.record(z.string(), z.number()).default({}), cs)).filter(([, length]) => length > 0);
    return { name, user: { priority: prio ?? i + 1, sections: sections.map(([lock, length]) => ({ lock, length: scale.ns(length) })) } };
  });
}

/** `blocking`: by kind of bound, what lower tasks may cost each task. */
export function judgeBlocking(value: unknown, scope: Scope): void {
  const { tally, label, scale } = scope;
  const all = users(scope);
  for (const [kind, expected] of Object.entries(z.parse(tableByTask, value))) {
    const bound = BOUNDS[kind];
    if (bound === undefined) {
      tally.notJudged(`${label}blocking.${kind}`);
      continue;
    }
    const found = bound(all.map(u => u.user));
    for (const [task, time] of Object.entries(expected)) {
      const theirs = found[all.findIndex(u => u.name === task)];
      tally.equal('blocking', `${label}blocking.${kind} of ${task}`, time, theirs === undefined ? undefined : scale.time(theirs));
    }
  }
}

/** `ceilings`: of each lock, its most important user. */
export function judgeCeilings(value: unknown, scope: Scope): void {
  const { tally, label } = scope;
  const all = users(scope);
  const found = ceilings(all.map(u => u.user));
  for (const [lock, task] of Object.entries(z.parse(z.record(z.string(), z.string()), value))) {
    tally.equal('ceilings', `${label}ceiling of ${lock}`, task, all.find(u => u.user.priority === found.get(lock))?.name);
  }
}
