/**
 * Random walks of everything that is done from outside: CPUs go and come back, affinities, groups and policies change, whatever the
 * tasks are doing, with race windows open and shut, under every generation. After each event the invariants hold, and in the end all
 * work is done.
 */
import { NO_GAPS, type Gaps, type Kernel, type OutsideEvent, type Policy, type Scenario, type Task } from '@proxysched/core';
import { GENERATIONS, generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { machines, tell, workOf } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const UNIT = 200_000;
const NAMES = Object.keys(GENERATIONS) as GenerationName[];
const GROUPS: Scenario['groups'] = [
  { name: '/', weight: 1024, parent: 0 },
  { name: 'one', weight: 512, parent: 0 },
  { name: 'two', weight: 2048, parent: 0 },
  { name: 'inner', weight: 1024, parent: 2 },
];

const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constantFrom(-10, 0, 19).map((nice): Policy => ({ kind: 'normal', nice })),
  fc.integer({ min: 1, max: 3 }).map((prio): Policy => ({ kind: 'fifo', prio })),
  fc.integer({ min: 1, max: 3 }).map((prio): Policy => ({ kind: 'rr', prio })),
  // At most a tenth of a CPU: any six of them are admitted on one.
  fc
    .integer({ min: 1, max: 4 })
    .map((q): Policy => ({ kind: 'deadline', runtime: q * 50_000, deadline: q * 200_000, period: q * 500_000 })),
);

const width = fc.oneof({ arbitrary: fc.constant(0), weight: 2 }, { arbitrary: fc.integer({ min: 1, max: 300_000 }), weight: 1 });
const gaps: fc.Arbitrary<Gaps> = fc.record(
  Object.fromEntries(Object.keys(NO_GAPS).map(name => [name, name === 'block' ? fc.constant(0) : width])) as Record<
    keyof Gaps,
    fc.Arbitrary<number>
  >,
);

function eventsOf(scenario: Scenario): fc.Arbitrary<OutsideEvent> {
  const at = fc.integer({ min: 0, max: 120 }).map(n => (n * UNIT) / 2);
  const task = fc.integer({ min: 0, max: scenario.tasks.length - 1 });
  const cpu = fc.integer({ min: 0, max: scenario.machine.cpus - 1 });
  const cpus = fc.uniqueArray(cpu, { minLength: 1 });
  return fc.oneof(
    fc.record({ at, act: fc.constantFrom('unplug', 'plug'), cpu }),
    fc.record({ at, task, act: fc.constant('setAffinity' as const), cpus }),
    fc.record({ at, task, act: fc.constant('setGroup' as const), group: fc.integer({ min: 0, max: GROUPS.length - 1 }) }),
    fc.record({ at, task, act: fc.constant('setPolicy' as const), policy: policies }),
  );
}

const walksOf = (costs: false | 'all'): fc.Arbitrary<Scenario> =>
  fc.tuple(machines({ policies, unit: UNIT, hz: [null, 1000], locks: 'ordered', costs }), fc.option(gaps)).chain(([scenario, opened]) =>
    fc.array(eventsOf(scenario), { minLength: 5, maxLength: 25 }).map((events): Scenario => ({
      ...scenario,
      until: 1_000_000_000,
      groups: GROUPS,
      machine: { ...scenario.machine, ...(opened === null ? {} : { gaps: opened }) },
      outside: events,
    })),
  );
const walks = walksOf(false);

/** What a task is doing when something is done to it. */
function doing(p: Task, kernel: Kernel): string {
  const { curr, donor } = kernel.rqs[p.cpu]!;
  if (p.state === 'dead' || p.state === 'new') return p.state;
  if (p.onRq === 'migrating') return 'between two queues';
  if (p === curr) return p === donor ? 'runs' : 'runs by a donor';
  if (p.waitsIn !== null && p.isBlocked) {
    if (p.onRq === 'no') return 'waits off the queue';
    return p === donor ? 'donates' : p.cpu === p.wakeCpu ? 'waits at home' : 'waits away';
  }
  if (p.schedDelayed) return 'delayed';
  return p.onRq === 'no' ? 'sleeps' : 'queued';
}

function simulate(scenario: Scenario, name: GenerationName, met?: Set<string>) {
  const checker = new InvariantChecker();
  const before = new Map<Task, string>();
  const seen = new Set<OutsideEvent>();
  const marks = { unplugs: 0, broken: 0, moved: 0, busy: 0 };
  const options = { ...scenario.options, ...generationOptions(name), 'rt.rrTimeslice': 1_000_000, 'rt.runtime': -1 };
  const simulation = createSimulation({ ...scenario, options }, linux(name), [
    checker,
    {
      cpuHotplug: (_now, _cpu, what) => {
        if (what === 'unplug') marks.unplugs++;
        if (what === 'busy') marks.busy++;
      },
      affinityLost: () => marks.broken++,
      schedMigrate: (_now, _p, _from, _to, why) => {
        if (why === 'unplug') marks.moved++;
      },
    },
  ]);
  const { kernel } = simulation;
  const result = simulation.run(k => {
    checker.probe(k);
    if (met === undefined) return;
    for (const e of scenario.outside!) {
      if (e.at !== kernel.queue.now || seen.has(e) || !('task' in e)) continue;
      seen.add(e);
      met.add(`${before.get(kernel.tasks[e.task]!) ?? 'new'}: ${e.act}`);
    }
    for (const p of kernel.tasks) before.set(p, doing(p, kernel));
  });
  return { result, kernel, marks };
}

describe.each([false, 'all'] as const)('costs %s', costs => {
  test.each(NAMES)('%s: invariants hold and all work gets done', name => {
    fc.assert(
      fc.property(walksOf(costs), scenario => {
        try {
          const { result, kernel } = simulate(scenario, name);
          expect(result.outcome).toBe('finished');
          for (const [i, p] of kernel.tasks.entries()) {
            const work = workOf(scenario, scenario.tasks[i]!.program.ops);
            if (costs === false) expect(p.exec.ran - p.exec.spun).toBe(work);
            else expect(p.exec.ran).toBeGreaterThanOrEqual(work);
          }
          expect(kernel.rqs.map(rq => rq.nrIowait)).toEqual(kernel.rqs.map(() => 0));
        } catch (error) {
          const told = [tell(scenario), JSON.stringify(scenario.machine.gaps), ...scenario.outside!.map(e => `  ${JSON.stringify(e)}`)];
          throw new Error(`${error instanceof Error ? error.message : String(error)}\n${told.join('\n')}`, { cause: error });
        }
      }),
      { numRuns: NUM_RUNS, seed: SEED },
    );
  });
});

test('the walks take CPUs with contexts on them, break affinities, and ask for the last CPU', () => {
  const sum = { unplugs: 0, broken: 0, moved: 0, busy: 0 };
  for (const scenario of fc.sample(walks, { numRuns: 100, seed: SEED })) {
    const { marks } = simulate(scenario, '7.3');
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += marks[key];
  }
  for (const key of Object.keys(sum) as (keyof typeof sum)[]) expect([key, sum[key] > 10]).toEqual([key, true]);
});

test('and they change affinity, group and policy of tasks that do whatever a task can do', () => {
  const anything = [
    'runs',
    'runs by a donor',
    'queued',
    'sleeps',
    'delayed',
    'donates',
    'waits at home',
    'waits away',
    'waits off the queue',
    'between two queues',
  ];
  const expected = anything.flatMap(what => ['setAffinity', 'setGroup', 'setPolicy'].map(act => `${what}: ${act}`));
  const met = new Set<string>();
  const missing = (): string[] => expected.filter(pair => !met.has(pair));
  // Some are rare: batch after batch, until all have been met or that is hopeless.
  for (let batch = 0; batch < 25 && missing().length > 0; batch++) {
    for (const scenario of fc.sample(walks, { numRuns: 100, seed: SEED + batch }))
      for (const name of ['7.3', 'full'] as const) simulate(scenario, name, met);
  }
  expect(missing()).toEqual([]);
});
