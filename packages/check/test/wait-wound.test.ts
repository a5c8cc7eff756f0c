/** Random transactions over wait/wound mutexes, plain users and sleepers between them, in every generation: invariants and an end. */
import type { Op, Scenario } from '@proxysched/core';
import { fifo, lock, nice, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { generationOptions, GENERATIONS, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { tell } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const UNIT = 100_000;

/** Takes the locks in this order and may sleep with them; told to back off it does. */
function transaction(order: readonly number[], work: number, nap: number): Op[] {
  const body: Op[] = [...order.flatMap(m => [lock(m), run(work), sleep(nap)]), ...order.map(unlock), { op: 'wend' }, { op: 'exit' }];
  const ops = [...body, { op: 'wbackoff', to: 1, slow: true } as const];
  return [{ op: 'wbegin' }, ...ops.map((op): Op => (op.op === 'lock' ? { ...op, orElse: ops.length } : op))];
}

const plain = (mutex: number, work: number): Op[] => [lock(mutex), run(work), unlock(mutex)];

function machines(kind: string): fc.Arbitrary<Scenario> {
  const time = fc.integer({ min: 0, max: 6 }).map(n => n * UNIT);
  const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 });
  const ops = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(order, time, fc.constantFrom(0, 0, UNIT)).map(([o, w, n]) => transaction(o, w, n)) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(3), time).map(([m, w]) => plain(m, w)) },
  );
  const policy = fc.constantFrom(fifo(1), fifo(2), nice(0), nice(5));
  const task: fc.Arbitrary<TestTask> = fc.record({ ops, policy, start: time });
  return fc
    .record({
      cpus: fc.integer({ min: 1, max: 3 }),
      hz: fc.constantFrom(null, 1000),
      cost: fc.constantFrom(0, 1000),
      tasks: fc.array(task, { minLength: 2, maxLength: 6 }),
    })
    .map(({ cpus, hz, cost, tasks }) => {
      const scenario = scenarioOf({ cpus, machine: { hz }, costs: { contextSwitch: cost, lockOp: cost }, tasks });
      return { ...scenario, mutexes: Array.from({ length: 4 }, (_, i) => ({ name: `m${i}`, kind })) };
    });
}

const cases = (Object.keys(GENERATIONS) as GenerationName[]).flatMap(name => ['wait-die', 'wound-wait'].map(kind => [name, kind] as const));

test.each(cases)('%s, %s: invariants hold, and everybody gets through', (name, kind) => {
  fc.assert(
    fc.property(machines(kind), scenario => {
      const checker = new InvariantChecker();
      try {
        const options = { ...scenario.options, ...generationOptions(name) };
        const { outcome } = createSimulation({ ...scenario, options }, linux(name), [checker]).run(checker.probe);
        expect(outcome).toBe('finished');
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tell(scenario)}`, { cause: error });
      }
    }),
    { numRuns: NUM_RUNS, seed: SEED },
  );
});
