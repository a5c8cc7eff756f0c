import { NO_COSTS, type Nanos, type Op, type Policy, type Program, type Scenario, type TaskSpec } from '@proxysched/core';
import { LIST } from './list-class.js';
import type { Rules } from './rules.js';
import type { TasksetFile, TasksetTask } from './taskset-file.js';
import type { TimeScale } from './time-scale.js';

/** Task sets as scenarios: no costs, no tick, so that every instant is exact. */

/** What a task set asks for that cannot be said in a scenario; the values that need the run are then not judged. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';
}

export interface Compiled {
  readonly scenario: Scenario;
  /** Names of the tasks that are servers, in order of listing. */
  readonly servers: readonly string[];
}

/** Throws `NotModelled`. `offsets` delays the first release of tasks, by name. */
export function compile(
  file: TasksetFile,
  rules: Rules,
  scale: TimeScale,
  until: Nanos,
  offsets: Readonly<Record<string, Nanos>> = {},
): Compiled {
  const locks = [...new Set(file.tasks.flatMap(task => (task.ops ?? []).flatMap(op => ('lock' in op ? [op.lock] : []))))];
  const tasks = file.tasks.map((task, i): TaskSpec => {
    const start = scale.ns(startOf(task)) + (offsets[task.name] ?? 0);
    return {
      comm: task.name,
      policy: policyOf(task, i, file, rules, scale),
      start,
      ...(task.cpu === undefined ? {} : { cpus: [task.cpu] }),
      group: 0,
      ...deadlineOf(task, scale),
      program: inOrder(task, programOf(task, i, locks, scale), precedences(file)),
    };
  });
  const { cpus, tick_ms } = file.platform;
  // Shares by virtual time are policed once per quantum; the rest to the nanosecond.
  const hz = rules.scheduler === 'fair' ? Math.round(1e9 / (tick_ms === undefined ? scale.unit : tick_ms * 1e6)) : null;
  return {
    scenario: {
      name: file.id,
      about: '',
      seed: 1,
      until,
      machine: { cpus, hz, hrtick: false, tickPhase: 0, costs: NO_COSTS },
      options: optionsOf(rules, scale),
      groups: [],
      mutexes: locks.map(name => ({ name })),
      conditions: [],
      barriers: [],
      semaphores: precedences(file).map(([before, after]) => ({ name: `${before}-${after}`, initial: 0 })),
      timers: file.tasks.map(({ name }) => ({ name })),
      tasks,
    },
    // The idle task stands for the server of its CPU.
    servers: [...file.tasks.filter(task => task.server !== undefined).map(({ name }) => name), ...(rules.fairServer ? ['swapper/0'] : [])],
  };
}

function optionsOf(rules: Rules, scale: TimeScale): Scenario['options'] {
  return {
    'deadline.admission': false,
    ...(rules.exhaustion === 'postpone' ? { 'deadline.exhaustion': 'recharge' } : {}),
    ...(rules.wakeUp === undefined ? {} : { 'deadline.wakeUp': rules.wakeUp }),
    ...(rules.fairServer ? { 'deadline.serverRuntime': 50_000_000 } : {}),
    ...(rules.slice === undefined ? {} : { 'rt.rrTimeslice': scale.ns(rules.slice) }),
    ...(rules.scheduler === 'fair' ? idealShares(scale) : {}),
  };
}

/** As near to the idealised rule as the class comes: a decision at every quantum, with protection for no longer than that (7.2). */
function idealShares({ unit }: TimeScale): Scenario['options'] {
  return { 'fair.version': '7.2', 'fair.runToParity': false, 'fair.baseSlice': unit };
}

function startOf({ release, join, arrivals }: TasksetTask): number {
  return release ?? join ?? arrivals?.[0]?.t ?? 0;
}

function deadlineOf({ D, T, C }: TasksetTask, scale: TimeScale): { deadline?: Nanos } {
  const relative = D ?? T;
  return C !== undefined && relative !== undefined ? { deadline: scale.ns(relative) } : {};
}

/** Priorities of Linux grow with urgency, 99 is the top. */
function policyOf(task: TasksetTask, at: number, file: TasksetFile, rules: Rules, scale: TimeScale): Policy {
  if (task.policy !== undefined) return namedPolicy(task);
  const { server, runtime, period, C, T, D } = task;
  if (server !== undefined) return reservation(scale.ns(server.Q), scale.ns(server.D ?? server.T), scale.ns(server.T), rules);
  if (runtime !== undefined && period !== undefined)
    return reservation(scale.ns(runtime), scale.ns(task.deadline ?? period), scale.ns(period), rules);
  switch (rules.scheduler) {
    case 'fp':
      return { kind: 'fifo', prio: priorityOf(task, at, file) };
    case 'rr':
      return { kind: 'rr', prio: task.prio === undefined ? 10 : priorityOf(task, at, file) };
    case 'list':
      return { kind: 'custom', class: LIST, params: {} };
    case 'edf':
      if (C === undefined) throw new NotModelled(`${task.name} has neither C nor a server`);
      if (!file.tasks.every(isReservable)) return { kind: 'custom', class: 'gedf', params: {} };
      return reservation(scale.ns(C), scale.ns(D ?? T ?? 0), scale.ns(T ?? D ?? 0), rules);
    case 'fair':
      return { kind: 'normal', nice: niceOf(task, file), ...(task.request === undefined ? {} : { slice: scale.ns(task.request) }) };
  }
}

/** A rank by `prio` where there are such, else by order of listing. */
function priorityOf(task: TasksetTask, at: number, { tasks }: TasksetFile): number {
  const ranks = [...new Set(tasks.map(({ prio }, i) => prio ?? i))].sort((a, b) => a - b);
  if (ranks.length > 98) throw new NotModelled(`${ranks.length} priorities`);
  return 99 - 1 - ranks.indexOf(task.prio ?? at);
}

function reservation(runtime: Nanos, deadline: Nanos, period: Nanos, { reclaim }: Rules): Policy {
  if (runtime > deadline || deadline > period) throw new NotModelled(`a reservation of ${runtime} by ${deadline} in every ${period} ns`);
  return { kind: 'deadline', runtime, deadline, period, ...(reclaim ? { reclaim } : {}) };
}

/** As `sched_setattr` takes it: C <= D <= T. Sets beyond that run in the research class, which has no budgets. */
function isReservable({ C, D, T, server, runtime }: TasksetTask): boolean {
  if (server !== undefined || runtime !== undefined) return true;
  const [deadline, period] = [D ?? T, T ?? D];
  return C !== undefined && deadline !== undefined && period !== undefined && C <= deadline && deadline <= period;
}

function namedPolicy({ name, policy, prio }: TasksetTask): Policy {
  switch (policy?.replace(/^SCHED_/, '').toUpperCase()) {
    case 'FIFO':
      return { kind: 'fifo', prio: prio ?? 1 };
    case 'RR':
      return { kind: 'rr', prio: prio ?? 1 };
    case 'NORMAL':
    case 'OTHER':
      return { kind: 'normal', nice: 0 };
    case 'BATCH':
      return { kind: 'batch', nice: 0 };
    case 'IDLE':
      return { kind: 'idle', nice: 0 };
    default:
      throw new NotModelled(`policy ${policy} of ${name}`);
  }
}

function niceOf({ name, weight }: TasksetTask, { tasks }: TasksetFile): number {
  if (tasks.every(other => other.weight === weight)) return 0;
  throw new NotModelled(`weight ${weight} of ${name}, which no nice value has`);
}

function programOf(task: TasksetTask, timer: number, locks: readonly string[], scale: TimeScale): Program {
  const { C, T, arrivals, ops, run, period } = task;
  if (arrivals !== undefined) return { ops: arrivalOps(arrivals, timer, scale) };
  if (ops !== undefined) {
    const body = jobOps(ops, startOf(task), timer, locks, scale);
    const every = task.periodic === true ? (task.server?.T ?? T) : (period ?? T);
    return { ops: every === undefined ? body : forEver(body, timer, scale.ns(every)) };
  }
  if (run !== undefined) return { ops: run === 'infinite' ? [{ op: 'run', ns: FOR_EVER }] : [{ op: 'run', ns: scale.ns(run) }] };
  if (C !== undefined && T !== undefined) return { ops: forEver([{ op: 'run', ns: scale.ns(C) }], timer, scale.ns(T)) };
  if (task.request !== undefined) return { ops: [{ op: 'run', ns: FOR_EVER }] };
  if (C !== undefined) return { ops: [{ op: 'run', ns: scale.ns(C) }] };
  throw new NotModelled(`what ${task.name} does`);
}

/** Who has to end before whom. */
function precedences({ tasks }: TasksetFile): (readonly [before: string, after: string])[] {
  return tasks.flatMap(({ name, after = [] }) => after.map(before => [before, name] as const));
}

/** With the waits for those before it, and the word to those after it. */
function inOrder({ name }: TasksetTask, { ops }: Program, order: readonly (readonly [string, string])[]): Program {
  const waits = order.flatMap(([, after], sem): Op[] => (after === name ? [{ op: 'semWait', sem }] : []));
  const posts = order.flatMap(([before], sem): Op[] => (before === name ? [{ op: 'semPost', sem }] : []));
  return { ops: [...waits, ...ops, ...posts] };
}

/** Longer than any run. */
const FOR_EVER: Nanos = 2 ** 52;

function forEver(body: readonly Op[], timer: number, period: Nanos): Op[] {
  return [...body, { op: 'timer', timer, period, mode: 'absolute' }, { op: 'jump', to: 0, times: -1 }];
}

/** One job after another; a job that arrives while another is served waits for it. */
function arrivalOps(arrivals: NonNullable<TasksetTask['arrivals']>, timer: number, scale: TimeScale): Op[] {
  return arrivals.flatMap(({ t, work }, i): Op[] => {
    const job: Op = { op: 'run', ns: scale.ns(work) };
    return i === 0 ? [job] : [{ op: 'timer', timer, period: scale.ns(t) - scale.ns(arrivals[i - 1]!.t), mode: 'absolute' }, job];
  });
}

function jobOps(ops: NonNullable<TasksetTask['ops']>, start: number, timer: number, locks: readonly string[], scale: TimeScale): Op[] {
  let released = scale.ns(start);
  return ops.map((op): Op => {
    if ('run' in op) return { op: 'run', ns: scale.ns(op.run) };
    if ('lock' in op) return { op: 'lock', mutex: locks.indexOf(op.lock) };
    if ('unlock' in op) return { op: 'unlock', mutex: locks.indexOf(op.unlock) };
    const wait: Op = { op: 'timer', timer, period: scale.ns(op.block_until) - released, mode: 'absolute' };
    released = scale.ns(op.block_until);
    return wait;
  });
}
