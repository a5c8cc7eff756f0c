/**
 * Rings of 2 to 64 tasks that each hold a lock and want their neighbour's, of every class, on 1 to 8 CPUs, in every generation: an action
 * that opens the ring lets everybody finish, one that does not lets at least everybody else, and the invariants hold throughout.
 */
import type { Op, Policy, Scenario } from '@proxysched/core';
import { fifo, lock, nice, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { composePolicy, deadlockModule, parsePolicy, type PolicySpec } from '@proxysched/deadlock';
import { generationOptions, GENERATIONS, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { tell } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 15);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const US = 1000;
const MS = 1_000_000;

/** Takes its own lock, then the next one's. `way`: what it does when that is refused. */
function member(i: number, n: number, way: Way): Op[] {
  const next = (i + 1) % n;
  const begin = [lock(i), way.sleeps ? sleep(way.time) : run(way.time)];
  if (way.out === 'plain') return [...begin, lock(next), run(10 * US), unlock(next), unlock(i)];
  // Tried once: refused it lets go of its own lock and goes without.
  return [...begin, { op: 'lock', mutex: next, orElse: 5 }, run(10 * US), unlock(next), unlock(i)];
}

interface Way {
  readonly out: 'plain' | 'else';
  readonly sleeps: boolean;
  readonly time: number;
}

const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constantFrom(nice(0), nice(5)),
  fc.integer({ min: 1, max: 3 }).map(fifo),
  fc.constant<Policy>({ kind: 'rr', prio: 2 }),
  fc.integer({ min: 10, max: 40 }).map((ms): Policy => ({ kind: 'deadline', runtime: 5 * MS, deadline: ms * MS, period: ms * MS })),
);

interface Ring {
  readonly scenario: Scenario;
  readonly members: number;
}

const rings = (most: number): fc.Arbitrary<Ring> =>
  fc
    .record({ n: fc.integer({ min: 2, max: most }), cpus: fc.integer({ min: 1, max: 8 }), hz: fc.constantFrom(null, 1000) })
    .chain(({ n, cpus, hz }) => {
      const way: fc.Arbitrary<Way> = fc.record({
        out: fc.constantFrom('plain', 'plain', 'else'),
        sleeps: fc.boolean(),
        time: fc.integer({ min: 0, max: 5 }).map(t => t * 100 * US),
      });
      const start = fc.integer({ min: 0, max: 3 }).map(t => t * 100 * US);
      const pinned = fc.option(fc.nat(cpus - 1), { freq: 2 });
      const tasks = fc.tuple(
        ...Array.from({ length: n }, (_, i) =>
          fc.record({ way, policy: policies, start, cpu: pinned }).map(({ way: w, policy, start: at, cpu }): TestTask => ({
            comm: `ring${i}`,
            ops: member(i, n, w),
            policy,
            start: at,
            ...(cpu === null ? {} : { cpus: [cpu] }),
          })),
        ),
      );
      const waiter: fc.Arbitrary<TestTask> = fc.record({ m: fc.nat(n - 1), policy: policies, start }).map(({ m, ...task }) => ({
        ...task,
        comm: 'behind',
        ops: [lock(m), run(10 * US), unlock(m)],
      }));
      const other: TestTask = { comm: 'other', ops: [run(3 * MS), sleep(MS), run(3 * MS)], policy: nice(0) };
      return fc.tuple(tasks, fc.option(waiter)).map(([list, behind]) => ({
        members: n,
        scenario: scenarioOf({
          cpus,
          machine: { hz },
          until: 20_000 * MS,
          options: { 'deadline.admission': false },
          tasks: [...list, ...(behind === null ? [] : [behind]), other],
        }),
      }));
    });

function simulate({ scenario }: Ring, name: GenerationName, spec: PolicySpec, probing: boolean) {
  const checker = new InvariantChecker();
  const options = { ...scenario.options, ...generationOptions(name) };
  const modules = [...linux(name), deadlockModule(composePolicy(spec))];
  const simulation = createSimulation({ ...scenario, options }, modules, probing ? [checker] : []);
  const result = simulation.run(probing ? checker.probe : undefined);
  return { result, left: simulation.kernel.tasks.filter(p => p.state !== 'dead').map(p => p.comm) };
}

function always(most: number, runs: number, check: (ring: Ring) => void): void {
  fc.assert(
    fc.property(rings(most), ring => {
      try {
        check(ring);
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tell(ring.scenario)}`, { cause: error });
      }
    }),
    { numRuns: runs, seed: SEED },
  );
}

/** `v4-debug` is `v4` with a bound on picks, and `tip` one option on top of `7.3`. */
const NAMES = (Object.keys(GENERATIONS) as GenerationName[]).filter(name => name !== 'v4-debug' && name !== 'tip');
const spec = (text: string): PolicySpec => {
  const parsed = parsePolicy(text);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return parsed;
};

describe.each(NAMES)('%s', name => {
  test.each([
    'block+wound',
    'block+wound+oldest',
    'block+wound+all',
    'block+edeadlk',
    'block+timeout:1ms',
    'block+timeout:1ms+all',
    'block+wound+random:3',
    'block+wound+checkpoint',
    'block+wound+fewestLocks',
    'block+wound+lowest',
  ])('%s opens every ring of up to six, and everybody gets through', text => {
    always(6, NUM_RUNS, ring => {
      expect(simulate(ring, name, spec(text), true)).toMatchObject({ result: { outcome: 'finished' }, left: [] });
    });
  });

  test('the same for rings of up to 64', () => {
    always(64, 6, ring => {
      for (const text of ['wound', 'edeadlk', 'block+timeout:1ms'])
        expect(simulate(ring, name, spec(text), ring.members < 24)).toMatchObject({ result: { outcome: 'finished' }, left: [] });
    });
  });

  // A circle that is noticed only when a hundred thousand passes have piled up takes half a second a run: one generation, and as `repicks`
  // and `scaled` do not notice these rings any sooner than `stall` does, one action is enough for them.
  const every = ['dequeue', 'wound', 'edeadlk', 'timeout'] as const;
  const cheap = (['marks', 'brent', 'depth', 'progress'] as const).map(detector => ({ detector, actions: every, runs: 5 }));
  const costly = [
    { detector: 'stall', actions: every, runs: 2 },
    { detector: 'repicks', actions: ['dequeue'], runs: 2 },
    { detector: 'scaled', actions: ['wound'], runs: 2 },
  ] as const;
  test.each([...cheap, ...(name === '7.3' ? costly : [])])(
    '$detector: whatever it notices or not, whoever is outside gets through',
    ({ detector, actions, runs }) => {
      always(6, runs, ring => {
        for (const action of actions) {
          const short = { ...ring, scenario: { ...ring.scenario, until: 100 * MS } };
          const { left } = simulate(short, name, { detector, action }, true);
          expect([action, left.includes('other')]).toEqual([action, false]);
        }
      });
    },
  );
});
