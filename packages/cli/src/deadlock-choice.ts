import { composePolicy, deadlockModule, parsePolicy } from '@proxysched/deadlock';
import type { SimModule } from '@proxysched/kit';
import { unknownDeadlockPolicy } from './errors.js';

/** A module list with the deadlock policy of this name; the preset's own when there is no name. The last one in a list is in force. */
export function withDeadlockPolicy(modules: readonly SimModule[], name: string | undefined): readonly SimModule[] {
  if (name === undefined) return modules;
  const spec = parsePolicy(name);
  if (typeof spec === 'string') throw unknownDeadlockPolicy(name, spec);
  const policy = deadlockModule({ ...composePolicy(spec), name });
  return [...modules.filter(m => m.name !== policy.name), policy];
}
