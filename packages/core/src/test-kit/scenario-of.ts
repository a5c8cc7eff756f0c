import type { Op } from '../program.js';
import { NO_COSTS, type Costs, type MachineSpec, type Scenario, type TaskSpec } from '../scenario.js';
import { DEFAULT_POLICY } from '../policy.js';

/** A task of a test: what is left out is ordinary. */
export interface TestTask extends Partial<Omit<TaskSpec, 'program'>> {
  readonly ops: readonly Op[];
}

/** A scenario of a test. Mutexes, conditions and so on are given by number; their names are `m0`, `m1`… */
export interface TestScenario {
  readonly cpus?: number;
  readonly machine?: Partial<MachineSpec>;
  readonly costs?: Partial<Costs>;
  readonly until?: number;
  readonly mutexes?: number;
  readonly conditions?: number;
  readonly barriers?: readonly number[];
  readonly semaphores?: readonly number[];
  readonly timers?: number;
  readonly groups?: Scenario['groups'];
  readonly options?: Scenario['options'];
  /** By name, in order; a list names them `a`, `b`, `c`… */
  readonly tasks: Readonly<Record<string, TestTask>> | readonly TestTask[];
}

/** A complete scenario from the few things a test cares about: one CPU, no tick, no costs, the first second. */
export function scenarioOf(t: TestScenario): Scenario {
  const named = (n: number | undefined, prefix: string): { name: string }[] =>
    Array.from({ length: n ?? 0 }, (_, i) => ({ name: `${prefix}${i}` }));
  const tasks = Array.isArray(t.tasks)
    ? (t.tasks as readonly TestTask[]).map((task, i): [string, TestTask] => [task.comm ?? letterName(i), task])
    : Object.entries(t.tasks as Readonly<Record<string, TestTask>>);
  return {
    name: 'test',
    about: '',
    seed: 1,
    until: t.until ?? 1_000_000_000,
    machine: { cpus: t.cpus ?? 1, hz: null, hrtick: false, tickPhase: 0, costs: { ...NO_COSTS, ...t.costs }, ...t.machine },
    options: t.options ?? {},
    groups: t.groups ?? [{ name: '/', weight: 1024, parent: 0 }],
    mutexes: named(t.mutexes ?? highest(tasks, 'mutex') + 1, 'm'),
    conditions: named(t.conditions ?? highest(tasks, 'cond') + 1, 'c'),
    barriers: (t.barriers ?? []).map((count, i) => ({ name: `b${i}`, count })),
    semaphores: (t.semaphores ?? []).map((initial, i) => ({ name: `s${i}`, initial })),
    timers: named(t.timers ?? highest(tasks, 'timer') + 1, 't'),
    tasks: tasks.map(([comm, { ops, ...task }]): TaskSpec => ({
      policy: DEFAULT_POLICY,
      start: 0,
      group: 0,
      ...task,
      comm,
      program: { ops },
    })),
  };
}

/** Largest index of a kind of object that a program names. */
function highest(tasks: readonly (readonly [string, TestTask])[], kind: 'mutex' | 'cond' | 'timer'): number {
  let max = -1;
  for (const [, { ops }] of tasks) {
    for (const op of ops) {
      const index = (op as Readonly<Record<string, unknown>>)[kind];
      if (typeof index === 'number' && index > max) max = index;
    }
  }
  return max;
}

/** `a` … `z`, then `a1` … */
function letterName(i: number): string {
  const letter = String.fromCharCode(97 + (i % 26));
  return i < 26 ? letter : `${letter}${Math.floor(i / 26)}`;
}
