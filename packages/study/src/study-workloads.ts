import {
  NO_COSTS,
  regularProblem,
  regularTopology,
  TOPOLOGY_PRESETS,
  type MachineSpec,
  type Op,
  type Policy,
  type Scenario,
  type TaskSpec,
} from '@proxysched/core';

const US = 1000;
const MS = 1_000_000;
const S = 1_000_000_000;

/** What a deadlock policy is put to: a true cycle that it should notice, or honest waiting that it should not. */
export interface StudyWorkload {
  readonly name: string;
  readonly about: string;
  /** Whether its waits close a circle. */
  readonly deadlocks: boolean;
  readonly scenario: Scenario;
}

const lock = (mutex: number): Op => ({ op: 'lock', mutex });
const unlock = (mutex: number): Op => ({ op: 'unlock', mutex });
const run = (ns: number): Op => ({ op: 'run', ns });
const sleep = (ns: number): Op => ({ op: 'sleep', ns });

const NORMAL: Policy = { kind: 'normal', nice: 0 };

type StudyTask = Partial<Omit<TaskSpec, 'program'>> & { readonly ops: readonly Op[] };

/** `n` tasks each hold a lock and want their neighbour's, on up to four CPUs; four others have work of their own. */
export function trueCycle(n: number): StudyWorkload {
  const cpus = Math.min(4, n);
  const members = Array.from({ length: n }, (_, i): [string, StudyTask] => [
    `ring${i}`,
    { cpus: [i % cpus], ops: [lock(i), sleep(MS), lock((i + 1) % n), run(MS), unlock((i + 1) % n), unlock(i)] },
  ]);
  const others = Array.from({ length: 4 }, (_, i): [string, StudyTask] => [`other${i}`, { ops: [run(10 * MS), sleep(MS), run(10 * MS)] }]);
  return {
    name: `cycle-${n}`,
    about: `${n} tasks in a circle of locks`,
    deadlocks: true,
    scenario: scenarioOf(`cycle-${n}`, { cpus, until: 200 * MS, mutexes: n, tasks: [...members, ...others] }),
  };
}

/**
 * A circle of `n` whose last member sleeps while all the others wait: it closes when that one comes back and blocks. Where waiters
 * of a sleeper leave their queues, no walk ever comes by.
 */
export function cycleAsleep(n: number): StudyWorkload {
  const workload = trueCycle(n);
  const tasks = workload.scenario.tasks.map(t =>
    t.comm === `ring${n - 1}` ? { ...t, program: { ops: t.program.ops.map(op => (op.op === 'sleep' ? sleep(5 * MS) : op)) } } : t,
  );
  const name = `asleep-${n}`;
  return {
    ...workload,
    name,
    about: `${workload.about}, the last of whom sleeps longest`,
    scenario: { ...workload.scenario, name, tasks },
  };
}

/** C8b of `proxy-execution.md` 19.11: a line of `n` locks within one CPU, one walk of n links. */
export function longChain(n: number): StudyWorkload {
  const tasks = Array.from({ length: n + 1 }, (_, i): [string, StudyTask] => [
    `link${i}`,
    {
      policy: urgency(i),
      start: i * 10 * US,
      ops: i === 0 ? [lock(0), run(50 * MS), unlock(0)] : [lock(i), lock(i - 1), run(US), unlock(i - 1), unlock(i)],
    },
  ]);
  return {
    name: `chain-${n}`,
    about: `an honest chain of ${n} locks on one CPU`,
    deadlocks: false,
    scenario: scenarioOf(`chain-${n}`, { cpus: 1, until: S, mutexes: n + 1, tasks }),
  };
}

/** C8: `n` waiters of one lock gathered on CPU 0, and the lock goes to a task of CPU 1: each of them is a re-pick. */
export function manyWaiters(n: number): StudyWorkload {
  const waiters = Array.from({ length: n - 1 }, (_, i): [string, StudyTask] => [
    `waiter${i}`,
    { policy: urgency(i + 1), cpus: [0], start: (i + 1) * 10 * US, ops: [lock(0), run(US), unlock(0)] },
  ]);
  const tasks: [string, StudyTask][] = [
    ['owner', { policy: urgency(0), cpus: [0], ops: [lock(0), run(50 * MS), unlock(0)] }],
    ...waiters,
    ['heir', { policy: urgency(n), cpus: [1], start: 20 * MS, ops: [lock(0), run(10 * MS), unlock(0)] }],
  ];
  return {
    name: `waiters-${n}`,
    about: `${n} waiters of one mutex on one CPU, handed to another`,
    deadlocks: false,
    scenario: scenarioOf(`waiters-${n}`, { cpus: 2, until: S, mutexes: 1, tasks }),
  };
}

/**
 * A boot-like storm (`proxy-execution.md` 16.1): on each CPU a probe that stands in one chain across all CPUs, and a task
 * that wants one common mutex three times.
 */
export function storm(cpus: number): StudyWorkload {
  // Lengths differ from task to task by a fixed rule, so that nothing happens in step.
  const length = (i: number, k: number, least: number, span: number): number => (least + ((i * 7919 + k * 104_729) % span)) * US;
  const driverCore = cpus + 1;
  const tasks = Array.from({ length: cpus }, (_, i): [string, StudyTask][] => [
    [
      `probe${i}`,
      { cpus: [i], ops: [lock(i), run(length(i, 0, 100, 200)), lock(i + 1), run(length(i, 1, 20, 60)), unlock(i + 1), unlock(i)] },
    ],
    [
      `udev${i}`,
      {
        cpus: [i],
        start: 50 * US,
        ops: [0, 1, 2].flatMap(k => [run(length(i, k, 50, 100)), lock(driverCore), run(length(i, k + 3, 10, 30)), unlock(driverCore)]),
      },
    ],
  ]).flat();
  return {
    name: `storm-${cpus}`,
    about: `${cpus} CPUs boot: one long chain, one contended mutex`,
    deadlocks: false,
    scenario: scenarioOf(`storm-${cpus}`, {
      cpus,
      until: 10 * S,
      mutexes: cpus + 2,
      tasks,
      machine: { hz: 1000, hrtick: true, ...sockets(cpus) },
    }),
  };
}

/** The machine of June 2023, two sockets of cores with two threads, as large as it takes; CPUs that do not divide so are all alike. */
function sockets(cpus: number): Pick<MachineSpec, 'topology'> {
  const shape = { ...TOPOLOGY_PRESETS['epyc-2x64-smt']!, cores: cpus / 4 };
  return cpus % 4 === 0 && regularProblem(shape) === null ? { topology: regularTopology(shape) } : {};
}

/** The later, the more urgent, without end: real-time priorities are only 99. Budgets that never run out. */
function urgency(i: number): Policy {
  const deadline = 4 * S - i * MS;
  return { kind: 'deadline', runtime: 2 * S, deadline, period: deadline };
}

function scenarioOf(
  name: string,
  {
    cpus,
    until,
    mutexes,
    tasks,
    machine,
  }: {
    readonly cpus: number;
    readonly until: number;
    readonly mutexes: number;
    readonly tasks: readonly (readonly [string, StudyTask])[];
    readonly machine?: Partial<MachineSpec>;
  },
): Scenario {
  return {
    name,
    about: '',
    seed: 1,
    until,
    machine: { cpus, hz: null, hrtick: false, tickPhase: 0, costs: NO_COSTS, ...machine },
    // Urgency by deadline asks for far more than a CPU, and for affinities; nobody here counts on a guarantee.
    options: { 'deadline.admission': false },
    groups: [{ name: '/', weight: 1024, parent: 0 }],
    mutexes: Array.from({ length: mutexes }, (_, i) => ({ name: `m${i}` })),
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: tasks.map(([comm, { ops, ...task }]) => ({ policy: NORMAL, start: 0, group: 0, ...task, comm, program: { ops } })),
  };
}
