import { CLASSIC_CLASSES, handOver, type ClassicClass } from '@proxysched/classic';
import { kernelPrio, type Policy, type Scenario } from '@proxysched/core';
import { composePolicy, deadlockModule } from '@proxysched/deadlock';
import type { SimModule } from '@proxysched/kit';
import { proxy } from '@proxysched/proxy';

/**
 * What is done about waiting for locks, by name: the mutexes' kind, and who answers when a task blocks. Theory lets an owner
 * run in a waiter's name up to the release and no further; Linux may go on until something else asks for a pick.
 */
export const LOCK_CHOICES = {
  fifo: { kind: 'fifo', modules: [], options: {}, about: 'handed over to the first waiter, no inheritance' },
  prio: { kind: 'prio', modules: [], options: {}, about: 'handed over to the most important waiter, no inheritance' },
  pip: { kind: 'pip', modules: [], options: {}, about: 'handed over to the most important waiter, owners inherit the rank of waiters' },
  proxy: {
    kind: 'prio',
    modules: [proxy],
    options: { 'proxy.lendUntil': 'release' },
    about: 'handed over to the most important waiter, owners run in the name of waiters',
  },
} as const satisfies Record<string, Choice>;

interface Choice {
  readonly kind: string;
  readonly modules: readonly SimModule[];
  readonly options: Scenario['options'];
  readonly about: string;
}

export type LockChoice = keyof typeof LOCK_CHOICES;

export interface ClassicArrangement {
  readonly cls: ClassicClass;
  readonly locks: LockChoice;
}

/** The modules of an arrangement of real-time theory. A deadlock is told when it closes and stays where it is, and the rest goes on. */
export function classic({ cls, locks }: ClassicArrangement): readonly SimModule[] {
  return [CLASSIC_CLASSES[cls], handOver, ...LOCK_CHOICES[locks].modules, toldAtOnce];
}

const toldAtOnce = deadlockModule(composePolicy({ detector: 'block', action: 'dequeue' }));

/** What such a machine cannot do, in words for whoever asked for it. */
export function classicProblems({ machine }: Scenario, { cls, locks }: ClassicArrangement): string[] {
  const global = cls === 'gfp' || cls === 'gedf';
  return global && locks === 'proxy' && machine.cpus > 1
    ? [`${cls} with locks "proxy" is for one CPU, not ${machine.cpus}: a queue for all CPUs does not know who executes for whom`]
    : [];
}

/**
 * A workload as the arrangement runs it: all tasks in its class, all mutexes of its kind. A partitioned class leaves a
 * task on its first allowed CPU, and deals those that may go anywhere out in turn; a global one knows no affinity.
 */
export function classicScenario(scenario: Scenario, { cls, locks }: ClassicArrangement): Scenario {
  const partitioned = cls === 'pfp' || cls === 'pedf';
  const { cpus } = scenario.machine;
  return {
    ...scenario,
    options: {
      ...LOCK_CHOICES[locks].options,
      ...Object.fromEntries(Object.entries(scenario.options).filter(([name]) => !OF_THE_PRESET.test(name))),
    },
    mutexes: scenario.mutexes.map(m => ({ ...m, kind: LOCK_CHOICES[locks].kind })),
    tasks: scenario.tasks.map(({ cpus: allowed, cpu, ...task }, i) => ({
      ...task,
      policy: researchPolicy(task.policy, cls),
      ...(partitioned ? { cpus: [cpu ?? allowed?.[0] ?? i % cpus] } : {}),
    })),
  };
}

/** Dials of classes and balancers that are not here. */
const OF_THE_PRESET = /^(balance|deadline|fair|rt)\./;

/** Its own priority if it has one of a research class, else the kernel's number: smaller is more important in both. */
function researchPolicy(policy: Policy, cls: ClassicClass): Policy {
  const priority = policy.kind === 'custom' ? (policy.params['priority'] ?? 0) : kernelPrio(policy);
  return { kind: 'custom', class: cls, params: { priority } };
}
