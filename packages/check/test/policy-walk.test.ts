/**
 * Random walks of policies across the classes of Linux: a task's policy changes from outside whatever the task is doing (runs, is
 * queued, waits for a mutex as waiter or donor, sleeps, is in delayed dequeue, is throttled). After each event the invariants
 * hold, and in the end all work is done.
 */
import type { Kernel, OutsideEvent, Policy, Scenario, Task } from '@proxysched/core';
import { generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { machines, tell, workOf } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 200);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const UNIT = 200_000;

const fairPolicies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constantFrom(-10, 0, 19).map((nice): Policy => ({ kind: 'normal', nice })),
  fc.constantFrom<Policy>({ kind: 'batch', nice: 0 }, { kind: 'idle', nice: 0 }, { kind: 'normal', nice: 0, slice: 300_000 }),
);

const policies: fc.Arbitrary<Policy> = fc.oneof(
  fairPolicies,
  fc.integer({ min: 1, max: 3 }).map((prio): Policy => ({ kind: 'fifo', prio })),
  fc.integer({ min: 1, max: 3 }).map((prio): Policy => ({ kind: 'rr', prio })),
  // At most a tenth of a CPU: any six of them are admitted, and their budgets end under them.
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean())
    .map(([q, d, reclaim, overrun]): Policy => {
      const runtime = q * 50_000;
      return { kind: 'deadline', runtime, deadline: d === 3 ? runtime * 10 : runtime * 4, period: runtime * 10, reclaim, overrun };
    }),
);

type SetPolicy = Extract<OutsideEvent, { act: 'setPolicy' }>;

const machinesOf = (from: fc.Arbitrary<Policy>): fc.Arbitrary<Scenario> =>
  machines({ policies: from, unit: UNIT, hz: [null, 1000, 250], locks: 'ordered', costs: false });

/** Half of the machines begin with fair tasks alone, which is where dequeues are delayed. */
const walks = fc.oneof(machinesOf(policies), machinesOf(fairPolicies)).chain(scenario => {
  const event: fc.Arbitrary<SetPolicy> = fc.record({
    at: fc.integer({ min: 0, max: 120 }).map(n => (n * UNIT) / 2),
    task: fc.integer({ min: 0, max: scenario.tasks.length - 1 }),
    act: fc.constant('setPolicy' as const),
    policy: policies,
  });
  return fc.array(event, { minLength: 5, maxLength: 25 }).map((events): Scenario => ({ ...scenario, outside: events }));
});

/** What a task is doing. */
function doing(p: Task, kernel: Kernel): string {
  const { curr, donor } = kernel.rqs[p.cpu]!;
  if (p.state === 'dead' || p.state === 'new') return p.state;
  if (p === curr) return p === donor ? 'runs' : 'runs by a donor';
  if (p.waitsIn !== null) return p === donor ? 'donates' : p.onRq === 'no' ? 'waits off the queue' : 'waits on the queue';
  if (p.schedDelayed) return 'delayed';
  const { entity } = p.sched;
  if ('throttled' in entity && entity.throttled === true && p.onRq !== 'no') return 'throttled';
  return p.onRq === 'no' ? 'sleeps' : 'queued';
}

const classOf = ({ kind }: Policy): string => (kind === 'deadline' ? 'deadline' : kind === 'fifo' || kind === 'rr' ? 'real time' : 'fair');

function simulate(scenario: Scenario, name: GenerationName, changes?: Set<string>) {
  const checker = new InvariantChecker();
  const options = { ...scenario.options, ...generationOptions(name), 'rt.rrTimeslice': 1_000_000 };
  const simulation = createSimulation({ ...scenario, options }, linux(name), [checker]);
  const { kernel } = simulation;
  const seen = new Map<Task, { policy: Policy; what: string }>();
  const result = simulation.run(k => {
    checker.probe(k);
    if (changes === undefined) return;
    for (const p of kernel.tasks) {
      const { policy } = p.sched;
      const before = seen.get(p);
      if (before !== undefined && before.policy !== policy && before.what !== 'new')
        changes.add(`${before.what}: ${classOf(before.policy)} to ${classOf(policy)}`);
      seen.set(p, { policy, what: doing(p, kernel) });
    }
  });
  return { result, kernel };
}

const tellAll = (scenario: Scenario): string =>
  [tell(scenario), ...(scenario.outside ?? []).map(event => `  ${JSON.stringify(event)}`)].join('\n');

test.each(['off', '6.17', '7.3', 'full'] as const)('%s: invariants hold and all work gets done', name => {
  fc.assert(
    fc.property(walks, scenario => {
      try {
        const { result, kernel } = simulate(scenario, name);
        expect(result.outcome).toBe('finished');
        expect(kernel.tasks.map(p => p.exec.ran - p.exec.spun)).toEqual(scenario.tasks.map(t => workOf(scenario, t.program.ops)));
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tellAll(scenario)}`, { cause: error });
      }
    }),
    { numRuns: NUM_RUNS, seed: SEED },
  );
});

test('the walks change policies from every class to every class, of tasks that do whatever a task can do', () => {
  const changes = new Set<string>();
  for (const scenario of fc.sample(walks, { numRuns: 1000, seed: SEED }))
    for (const name of ['off', '7.3'] as const) simulate(scenario, name, changes);
  const classes = ['deadline', 'fair', 'real time'];
  const anywhere = ['donates', 'queued', 'runs', 'runs by a donor', 'sleeps', 'waits off the queue', 'waits on the queue'];
  const expected = [
    ...anywhere.flatMap(what => classes.map(from => [what, from] as const)),
    ['delayed', 'fair'] as const,
    ['throttled', 'deadline'] as const,
  ].flatMap(([what, from]) => classes.map(to => `${what}: ${from} to ${to}`));
  expect(expected.filter(change => !changes.has(change))).toEqual([]);
});
