/** Fair load balancing in live machines: what it must bring about, and whom it must leave alone (`pelt-and-balance.md` 6, 9). */
import {
  NO_COSTS,
  type CpuId,
  type Kernel,
  type Op,
  type OptionValue,
  type Scenario,
  type Task,
  type TaskSpec,
  type TraceSink,
} from '@proxysched/core';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { GENERATIONS, generationOptions, linux, type GenerationName } from '../src/index.js';

const MS = 1_000_000;
const US = 1000;

const run = (ns: number): Op => ({ op: 'run', ns });
const forever = (...ops: Op[]): Op[] => [...ops, { op: 'jump', to: 0, times: -1 }];
const hog = forever(run(3 * MS));

interface Move {
  readonly now: number;
  readonly task: string;
  readonly from: CpuId;
  readonly to: CpuId;
}

interface Given {
  readonly cpus?: number;
  readonly hz?: number | null;
  readonly until: number;
  readonly tasks: readonly Partial<TaskSpec>[];
  readonly options?: Readonly<Record<string, OptionValue>>;
  readonly mutexes?: number;
  readonly generation?: GenerationName;
  /** Looked at after each event. */
  readonly probe?: (kernel: Kernel) => void;
  /** Of each move by a balancer, before it is done. */
  readonly onMove?: (p: Task, to: CpuId, kernel: Kernel) => void;
}

/** Tasks of nice 0 unless told otherwise; what was moved by balancing. */
function play(given: Given): { kernel: Kernel; moves: Move[] } {
  const { cpus = 2, hz = 1000, until, tasks, options = {}, mutexes = 0, generation = '7.3' } = given;
  const scenario: Scenario = {
    name: 'balance',
    about: '',
    seed: 1,
    until,
    machine: { cpus, hz, hrtick: false, tickPhase: 0, costs: NO_COSTS },
    options: { ...generationOptions(generation), ...options },
    groups: [],
    mutexes: Array.from({ length: mutexes }, (_, i) => ({ name: `M${i}` })),
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: tasks.map((t, i) => ({ comm: `t${i}`, policy: { kind: 'normal', nice: 0 }, start: 0, group: 0, program: { ops: hog }, ...t })),
  };
  const moves: Move[] = [];
  let kernel: Kernel | null = null;
  const sink: TraceSink = {
    schedMigrate: (now, p, from, to, why) => {
      if (why !== 'balance') return;
      moves.push({ now, task: p.comm, from, to });
      given.onMove?.(p, to, kernel!);
    },
  };
  const simulation = createSimulation(scenario, linux(generation), [sink]);
  ({ kernel } = simulation);
  simulation.run(given.probe);
  return { kernel, moves };
}

/** Tasks that all start on CPU 0 and may leave it from `at` on. */
function crowd(n: number, at: number, ops: readonly Op[] = hog): Partial<TaskSpec>[] {
  const free: Op[] = [run(1), { op: 'setAffinity', cpus: [0, 1, 2, 3] }];
  return Array.from({ length: n }, () => ({ start: at, cpus: [0], program: { ops: [...free, ...shifted(ops, free.length)] } }));
}

function shifted(ops: readonly Op[], by: number): Op[] {
  return ops.map(op => (op.op === 'jump' ? { ...op, to: op.to + by } : op));
}

test.each([2, 4])('twice as many equal hogs as CPUs (%d) end up two on each, and then nothing moves any more', cpus => {
  const { kernel, moves } = play({ cpus, until: 3000 * MS, tasks: crowd(2 * cpus, 0) });
  expect(kernel.rqs.map(rq => rq.nrQueued)).toEqual(Array.from({ length: cpus }, () => 2));
  expect(moves.length).toBeGreaterThan(0);
  expect(moves.filter(m => m.now > 1000 * MS)).toEqual([]);
});

test('one hog more than CPUs: no CPU idles, and now and then one is moved, so that nobody has half for ever', () => {
  const { kernel, moves } = play({ until: 2000 * MS, tasks: [{}, {}, {}] });
  const ran = kernel.tasks.map(p => p.exec.ran);
  expect(ran.reduce((a, b) => a + b)).toBe(2 * 2000 * MS);
  expect(moves.length).toBeGreaterThan(5);
  expect(Math.max(...ran) - Math.min(...ran)).toBeLessThan(400 * MS);
});

test('loads are evened out, not numbers: a hog of nice -5 has a CPU, its three equals in weight share the other', () => {
  const heavy = { policy: { kind: 'normal', nice: -5 } } as const;
  const { kernel } = play({ until: 2000 * MS, tasks: [heavy, {}, {}, {}] });
  const alone = kernel.tasks[0]!.exec.ran;
  expect(alone).toBeGreaterThan(1700 * MS);
});

test('who ran within the migration cost is not pulled by a CPU that newly idles; without that cost it is, at once', () => {
  // The two hogs take turns at every other tick, the last time 0.2 ms before CPU 1 runs dry.
  const tasks: Partial<TaskSpec>[] = [
    { cpu: 0, start: MS },
    { cpu: 0, start: MS },
    { comm: 'here', cpus: [0], program: { ops: [run(MS)] } },
    { comm: 'brief', cpus: [1], program: { ops: [run(11 * MS + 200 * US)] } },
  ];
  const at = (options: Given['options']): number | undefined =>
    play({ until: 60 * MS, tasks, ...(options === undefined ? {} : { options }) }).moves[0]?.now;
  expect(at({ 'balance.migrationCost': 0 })).toBe(11 * MS + 200 * US);
  const patient = at({})!;
  expect(patient).toBeGreaterThan(11 * MS + 500 * US);
  expect(patient).toBeLessThan(25 * MS);
});

test('a CPU that higher classes use up loses its fair tasks to one that has time, and they do not come back', () => {
  const fifo: Partial<TaskSpec> = { comm: 'fifo', policy: { kind: 'fifo', prio: 5 }, cpus: [0], start: 50 * MS };
  const { kernel } = play({ until: 1000 * MS, tasks: [{}, {}, {}, { comm: 'last' }, fifo], options: { 'deadline.serverRuntime': 0 } });
  const fair = kernel.tasks.filter(p => p.comm !== 'fifo');
  expect(fair.map(p => p.cpu)).toEqual([1, 1, 1, 1]);
});

test('a task that its class has put aside keeps no CPU from being taken for idle', () => {
  // The deadline task has 2 ms of each 20, wants more, and is alone on CPU 1 with its budget used up.
  const deadline = { kind: 'deadline', runtime: 2 * MS, deadline: 20 * MS, period: 20 * MS } as const;
  const { kernel } = play({
    until: 1000 * MS,
    tasks: [{ comm: 'dl', policy: deadline }, {}, {}],
    options: { 'deadline.serverRuntime': 0 },
  });
  const fair = kernel.tasks.slice(1).map(p => p.exec.ran);
  expect(Math.min(...fair)).toBeGreaterThan(800 * MS);
});

test('bound tasks are left alone, and what may go is found among them', () => {
  const bound = (cpu: number): Partial<TaskSpec> => ({ cpus: [cpu] });
  const { kernel, moves } = play({ until: 500 * MS, tasks: [bound(0), bound(0), bound(0), { cpu: 0, start: MS }, bound(1)] });
  expect(new Set(moves.map(m => m.task))).toEqual(new Set(['t3']));
  expect(kernel.tasks[3]!.cpu).toBe(1);
});

test('where nothing that waits may go, the running task is pushed: the stopper moves it', () => {
  // On an asymmetric machine a hog does not fit a small CPU; the big one becomes idle.
  const ofTwo = { core: [0, 1], llc: [0, 0], node: [0, 0], capacity: [446, 1024], distance: [[10]] };
  const scenario: Partial<TaskSpec>[] = [
    { comm: 'misfit', cpu: 0, start: MS },
    { comm: 'big', cpus: [1], program: { ops: [run(30 * MS)] } },
  ];
  const ends = (active: boolean): CpuId => {
    const { kernel } = playOn(ofTwo, scenario, { 'balance.active': active });
    return kernel.tasks[0]!.cpu;
  };
  expect([ends(true), ends(false)]).toEqual([1, 0]);
});

function playOn(
  topology: Scenario['machine']['topology'],
  tasks: readonly Partial<TaskSpec>[],
  options: Given['options'] = {},
): { kernel: Kernel } {
  const scenario: Scenario = {
    name: 'balance',
    about: '',
    seed: 1,
    until: 1000 * MS,
    machine: { cpus: topology!.core.length, topology: topology!, hz: 1000, hrtick: false, tickPhase: 0, costs: NO_COSTS },
    options: { ...generationOptions('7.3'), ...options },
    groups: [],
    mutexes: [],
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: tasks.map((t, i) => ({ comm: `t${i}`, policy: { kind: 'normal', nice: 0 }, start: 0, group: 0, program: { ops: hog }, ...t })),
  };
  const simulation = createSimulation(scenario, linux('7.3'));
  simulation.run();
  return simulation;
}

test.each<[string, Readonly<Record<string, OptionValue>>, number]>([
  ['periodic', { 'balance.newIdle': false, 'balance.nohz': false }, 1],
  ['before idling', { 'balance.periodic': false, 'balance.nohz': false }, 1],
  ['for idle CPUs', { 'balance.newIdle': false, 'balance.periodic': false }, 1],
  ['none of them', { 'balance.newIdle': false, 'balance.periodic': false, 'balance.nohz': false }, 0],
  ['by number of contexts', { 'balance.domains': false }, 1],
])('each part by itself spreads a crowd: %s', (_what, options, atLeast) => {
  const { kernel, moves } = play({
    until: 500 * MS,
    tasks: [
      ...crowd(4, 0),
      { comm: 'other', cpus: [1], program: { ops: [run(40 * MS), { op: 'sleep', ns: 5 * MS }, { op: 'jump', to: 0, times: -1 }] } },
    ],
    options,
  });
  expect(Math.min(moves.length, 1)).toBe(atLeast);
  expect(new Set(kernel.tasks.filter(p => p.comm !== 'other').map(p => p.cpu)).size).toBe(atLeast + 1);
});

test('without a tick CPUs look every period', () => {
  const { kernel, moves } = play({ hz: null, until: 500 * MS, tasks: crowd(4, 0) });
  expect(kernel.rqs.map(rq => rq.nrQueued)).toEqual([2, 2]);
  expect(moves.every(m => m.now % (4 * MS) === 0 || m.now < 4 * MS)).toBe(true);
});

// --- whatever tasks do ----------------------------------------------------------------------------------------------------------

const NR_CPUS = 3;
const cpuSet = fc.uniqueArray(fc.nat(NR_CPUS - 1), { minLength: 1, maxLength: NR_CPUS });
const span = fc.integer({ min: 1, max: 40 }).map(n => n * 100 * US);
const section = fc.tuple(fc.nat(1), span).map(([mutex, ns]): Op[] => [{ op: 'lock', mutex }, run(ns), { op: 'unlock', mutex }]);
const part = fc.oneof(
  span.map(ns => [run(ns)]),
  span.map((ns): Op[] => [{ op: 'sleep', ns }]),
  section,
);
const task = fc
  .record({
    cpus: cpuSet,
    nice: fc.integer({ min: -5, max: 5 }),
    start: span,
    fifo: fc.boolean(),
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
  })
  .map(({ cpus, nice, start, fifo, parts }): Partial<TaskSpec> => ({
    cpus,
    start,
    policy: fifo && cpus.length === 1 ? { kind: 'fifo', prio: 1 } : { kind: 'normal', nice },
    program: { ops: forever(...parts.flat(), { op: 'sleep', ns: MS }) },
  }));

test('neither a waiter, nor the donor, nor who is bound elsewhere is moved, and nobody is lost', () => {
  fc.assert(
    fc.property(
      fc.array(task, { minLength: 2, maxLength: 8 }),
      fc.constantFrom(...(Object.keys(GENERATIONS) as GenerationName[]).filter(g => g !== 'v4-debug')),
      (tasks, generation) => {
        const wrong: string[] = [];
        const { kernel } = play({
          cpus: NR_CPUS,
          until: 60 * MS,
          tasks,
          mutexes: 2,
          generation,
          onMove: (p, to, k) => {
            const from = k.rqs[p.cpu]!;
            if (p.isBlocked && !p.schedDelayed) wrong.push(`${p.comm} waits`);
            if (p === from.donor) wrong.push(`${p.comm} is the donor`);
            if (!p.exec.cpusAllowed.has(to)) wrong.push(`${p.comm} may not be on ${to}`);
          },
        });
        expect(wrong).toEqual([]);
        const queued = kernel.tasks.filter(p => p.onRq === 'queued').length;
        expect(kernel.rqs.reduce((sum, rq) => sum + rq.nrQueued, 0)).toBe(queued);
      },
    ),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) },
  );
});

/** Intervals of idle CPUs are 8 ms at most with 4 CPUs; hot tasks, and such as are not eligible, take up to three attempts. */
const LONGEST = 30 * MS;

test('no CPU idles for long while another has two that may come', () => {
  const work = fc.record({ cpu: fc.nat(3), work: fc.integer({ min: 1, max: 60 }), nice: fc.integer({ min: -5, max: 5 }) });
  fc.assert(
    fc.property(fc.array(work, { minLength: 2, maxLength: 12 }), set => {
      let since = -1;
      let longest = 0;
      play({
        cpus: 4,
        until: 400 * MS,
        tasks: set.map(({ cpu, work: ms, nice }) => ({ cpu, policy: { kind: 'normal', nice }, program: { ops: [run(ms * MS)] } })),
        probe: kernel => {
          const wasted = kernel.idleCpus.size > 0 && kernel.rqs.some(rq => rq.nrRunning > 1);
          if (!wasted) since = -1;
          else if (since < 0) since = kernel.queue.now;
          else longest = Math.max(longest, kernel.queue.now - since);
        },
      });
      expect(longest).toBeLessThanOrEqual(LONGEST);
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) },
  );
});
