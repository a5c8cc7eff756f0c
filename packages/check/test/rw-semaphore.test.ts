/** Random readers and writers, with sleepers and a mutex between them, in every generation: invariants hold and everybody gets through. */
import type { Op, Scenario } from '@proxysched/core';
import { fifo, lock, nice, readLock, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { generationOptions, GENERATIONS, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import fc from 'fast-check';
import { InvariantChecker } from '../src/index.js';
import { tell } from './machines.js';

const NUM_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60);
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20230612);
const UNIT = 500_000;

/** Mutex 1 within the semaphore 0, or one of them alone; a reader may give up. */
function section(reads: boolean, nested: boolean, work: number, nap: number, patience: number): Op[] {
  const inner = nested ? [lock(1), run(work), sleep(nap), unlock(1)] : [run(work), sleep(nap)];
  const take: Op = { ...(reads ? readLock(0) : lock(0)), ...(patience === 0 ? {} : { timeout: patience, orElse: inner.length + 2 }) } as Op;
  return [take, ...inner, unlock(0), run(UNIT)];
}

const time = fc.integer({ min: 0, max: 12 }).map(n => n * UNIT);
const task: fc.Arbitrary<TestTask> = fc.record({
  ops: fc
    .tuple(fc.boolean(), fc.boolean(), time, fc.constantFrom(0, 0, UNIT), fc.constantFrom(0, 0, 2 * UNIT))
    .map(parts => section(...parts)),
  policy: fc.constantFrom(fifo(1), fifo(2), nice(0), nice(5)),
  start: time,
});
const machines: fc.Arbitrary<Scenario> = fc
  .record({
    cpus: fc.integer({ min: 1, max: 3 }),
    hz: fc.constantFrom(null, 1000),
    cost: fc.constantFrom(0, 1000),
    tasks: fc.array(task, { minLength: 2, maxLength: 7 }),
  })
  .map(({ cpus, hz, cost, tasks }) => ({
    ...scenarioOf({ cpus, machine: { hz }, costs: { contextSwitch: cost, lockOp: cost }, tasks }),
    mutexes: [{ name: 's', kind: 'rwsem' }, { name: 'm' }],
  }));

test.each(Object.keys(GENERATIONS) as GenerationName[])('%s', name => {
  fc.assert(
    fc.property(machines, scenario => {
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
