import { composePolicy, deadlockModule, isMistake, parsePolicy, type PolicySpec } from '@proxysched/deadlock';
import type { SimModule } from '@proxysched/kit';
import { suggest } from '@proxysched/workload';
import { unknownDeadlockPolicy } from './errors.js';

/** A module list with the deadlock policy of this name; the preset's own when there is no name. The last one in a list is in force. */
export function withDeadlockPolicy(modules: readonly SimModule[], name: string | undefined): readonly SimModule[] {
  if (name === undefined) return modules;
  const policy = deadlockModule({ ...composePolicy(deadlockPolicyOf(name)), name });
  return [...modules.filter(m => m.name !== policy.name), policy];
}

/** What the name of a policy says; a name that says nothing is a usage error, with the word that was probably meant. */
export function deadlockPolicyOf(name: string): PolicySpec {
  const spec = parsePolicy(name);
  if (!isMistake(spec)) return spec;
  const { wrong, word, known } = spec;
  throw unknownDeadlockPolicy(name, wrong, word === undefined ? undefined : suggest(word, known!));
}
