import { DEADLOCK_POLICIES } from '@proxysched/deadlock';
import type { SimModule } from '@proxysched/kit';
import { unknownDeadlockPolicy } from './errors.js';

/** A module list with its deadlock policy exchanged for the one of this name; the preset's own when there is no name. */
export function withDeadlockPolicy(modules: readonly SimModule[], name: string | undefined): readonly SimModule[] {
  if (name === undefined) return modules;
  if (!Object.hasOwn(DEADLOCK_POLICIES, name)) throw unknownDeadlockPolicy(name, Object.keys(DEADLOCK_POLICIES));
  const all = new Set(Object.values(DEADLOCK_POLICIES));
  return [...modules.filter(m => !all.has(m)), DEADLOCK_POLICIES[name]!];
}
