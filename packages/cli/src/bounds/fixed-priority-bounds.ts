import { ceilingBlocking, nppBlocking, pipBlocking, worstResponseTime, type LockUser } from '@proxysched/analysis';
import { kernelPrio, type Scenario, type TaskSpec } from '@proxysched/core';
import { familyOf, type Answer, type Facts } from './bounds-of.js';
import { fairServerCompetes } from './fair-server.js';
import { jobShape, type JobShape } from './job-shape.js';

/** Response-time analysis with the blocking of inheritance (`oracles.md` 3.1, 3.4), for one CPU. */
export function fixedPriorityBounds(task: TaskSpec, facts: Facts): Answer {
  const { scenario, options } = facts;
  const mine = jobShape(task, scenario);
  if (typeof mine === 'string') return { none: mine };
  if (Number(options['rt.runtime'] ?? -1) >= 0) return { none: 'real-time tasks are throttled (rt.runtime)' };
  if (fairServerCompetes(facts)) return { none: 'the server of the fair tasks may take the CPU (deadline.serverRuntime=0 turns it off)' };
  const above = scenario.tasks.find(other => familyOf(other) === 'edf' || familyOf(other) === 'other');
  if (above !== undefined) return { none: `${above.comm} is of a class that this analysis does not know` };

  const others = scenario.tasks.filter(other => other !== task && other.template !== true);
  const interferers: JobShape[] = [];
  for (const other of others.filter(o => rank(o) <= rank(task))) {
    const shape = jobShape(other, scenario);
    if (typeof shape === 'string') return { none: `${other.comm}, no less important: ${shape}` };
    interferers.push(shape);
  }
  const blocking = blockingOf(task, mine, others, facts);
  if (typeof blocking === 'string') return { none: blocking };
  const response = worstResponseTime({ wcet: mine.wcet, period: mine.period, blocking: blocking.time }, interferers);
  if (response === 'unbounded') return { none: 'overload: it and what is no less important ask for more than a CPU' };
  return {
    quantity: 'response',
    bound: response,
    theorem: blocking.time > 0 ? `response-time analysis, ${blocking.by}` : 'response-time analysis',
  };
}

/** 1 is the most important: the kernel's own scale, on which the fair class comes last, or the `priority` of a research class. */
function rank({ policy }: TaskSpec): number {
  return 1 + (policy.kind === 'custom' ? Number(policy.params['priority'] ?? kernelPrio(policy)) : kernelPrio(policy));
}

/** How long less important tasks may hold it up, or why nobody knows. */
function blockingOf(task: TaskSpec, mine: JobShape, others: readonly TaskSpec[], facts: Facts): { time: number; by: string } | string {
  const { scenario } = facts;
  const users: LockUser[] = [{ priority: rank(task), sections: mine.sections }];
  for (const other of others) {
    const shape = jobShape(other, scenario);
    if (typeof shape !== 'string') users.push({ priority: rank(other), sections: shape.sections });
    else if (usesLocks(other) && scenario.tasks.some(o => o !== other && rank(o) <= rank(task) && shareLock(o, other)))
      return `${other.comm} uses a lock of theirs: ${shape}`;
  }
  const protocol = PROTOCOLS[facts.resolver];
  const time = (protocol?.blocking ?? pipBlocking)(users)[0]!;
  if (time === 0) return { time, by: '' };
  const gap = protocol === undefined ? inheritanceGap(facts) : handOverGap(task, facts);
  if (gap !== null) return gap;
  return { time, by: `blocked ${protocol?.by ?? 'as with inheritance'} for ${time / 1e6} ms at most` };
}

/** Resolvers with a bound of their own (`packages/inherit`; `oracles.md` 3.4). */
const PROTOCOLS: Readonly<Record<string, { readonly blocking: (users: readonly LockUser[]) => number[]; readonly by: string }>> = {
  pi: { blocking: pipBlocking, by: 'as with inheritance' },
  pip: { blocking: pipBlocking, by: 'as with inheritance' },
  npp: { blocking: nppBlocking, by: 'by a section that is not preempted' },
  icpp: { blocking: ceilingBlocking, by: 'as under a ceiling' },
  pcp: { blocking: ceilingBlocking, by: 'as under a ceiling' },
};

/** Where the run does not do what the bound of inheritance assumes; `null`: it does. */
function inheritanceGap({ scenario, options, resolver }: Facts): string | null {
  if (scenario.mutexes.every(m => m.kind === 'pip')) return null;
  if (resolver === 'off' || resolver === 'none') return 'it may wait for less important tasks, and nothing inherits: unbounded';
  if (resolver !== 'proxy') return `what resolver ${resolver} does about waiting is not known to this analysis`;
  if (options['proxy.lendUntil'] !== 'release')
    return 'after a release an owner may go on in the name of a waiter (proxy.lendUntil pick), which the bound of inheritance does not cover';
  const byImportance = options['proxy.handOff'] !== 'waiter' || scenario.mutexes.every(m => m.kind === 'prio');
  return byImportance ? null : 'a release goes to the first waiter, not to the most important one (proxy.handOff waiter)';
}

/** A lock that is handed over may be with a less important task when its last owner asks again: more sections than are counted. */
function handOverGap(task: TaskSpec, { options, resolver }: Facts): string | null {
  if (resolver !== 'pip' || options['pip.release'] === 'free') return null;
  const locks = locksOf(task);
  return new Set(locks).size === locks.length
    ? null
    : 'a job takes the same lock twice, and a release hands it over (pip.release=free does not)';
}

const locksOf = ({ program }: TaskSpec): number[] => program.ops.flatMap(op => (op.op === 'lock' ? [op.mutex] : []));
const usesLocks = (task: TaskSpec): boolean => locksOf(task).length > 0;
const shareLock = (a: TaskSpec, b: TaskSpec): boolean => locksOf(a).some(lock => locksOf(b).includes(lock));

/** Of all tasks, those that use a lock which others use too. */
export function usersOfSharedLocks({ tasks }: Scenario): TaskSpec[] {
  return tasks.filter(task => tasks.some(other => other !== task && shareLock(task, other)));
}
