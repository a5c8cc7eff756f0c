/** The placement in a machine of its own: every wake-up under the invariants, and another one in its place. */
import { NO_COSTS, regularTopology, type CpuId, type Op, type Scenario } from '@proxysched/core';
import { InvariantChecker } from '@proxysched/check';
import { defineModule, replace, WAKEUP_PLACEMENT } from '@proxysched/kit';
import { linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { DigestSink } from '@proxysched/trace';
import fc from 'fast-check';

const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: max * 20 }).map(n => n * 50_000);
const op: fc.Arbitrary<readonly Op[]> = fc.oneof(
  ms(4).map((ns): Op[] => [{ op: 'run', ns }]),
  ms(6).map((ns): Op[] => [{ op: 'sleep', ns }]),
  fc.nat(2).map((sem): Op[] => [{ op: 'semPost', sem }]),
  fc.nat(2).map((sem): Op[] => [{ op: 'semWait', sem }]),
  fc.tuple(fc.nat(1), ms(2)).map(([mutex, ns]): Op[] => [
    { op: 'lock', mutex },
    { op: 'run', ns },
    { op: 'unlock', mutex },
  ]),
);
const task = fc.record({
  ops: fc.array(op, { minLength: 1, maxLength: 8 }).map(list => list.flat()),
  start: ms(5),
  idle: fc.boolean(),
  cpus: fc.option(fc.uniqueArray(fc.nat(15), { minLength: 1 }), { nil: undefined }),
  forked: fc.boolean(),
});

function scenarioOf(tasks: readonly (typeof task extends fc.Arbitrary<infer T> ? T : never)[], big: boolean): Scenario {
  const capacities = Array.from({ length: 4 }, (_, i) => (big ? 1024 : i < 2 ? 400 : 1024));
  return {
    name: 'random', about: '', seed: 1, until: 60_000_000,
    machine: { cpus: 16, hz: 1000, hrtick: true, tickPhase: 0, costs: NO_COSTS, topology: regularTopology({ sockets: 2, cores: 4, threads: 2, llc: 2, capacities }) },
    options: {}, groups: [], mutexes: [{ name: 'a' }, { name: 'b' }], conditions: [], barriers: [],
    semaphores: [0, 1, 2].map(i => ({ name: `s${i}`, initial: 0 })), timers: [],
    tasks: tasks.map((t, i) => ({
      comm: `t${i}`, policy: t.idle ? { kind: 'idle', nice: 0 } : { kind: 'normal', nice: 0 }, start: t.start, group: 0, forked: t.forked,
      ...(t.cpus === undefined ? {} : { cpus: t.cpus }), program: { ops: [...t.ops, { op: 'jump', to: 0, times: 4 }] },
    })),
  }; // prettier-ignore
}

test('random programs on sockets, caches and threads: invariants hold, and a run repeats itself', () => {
  fc.assert(
    fc.property(fc.array(task, { minLength: 4, maxLength: 24 }), fc.boolean(), (tasks, big) => {
      const digests = [0, 1].map(() => {
        const digest = new DigestSink();
        const checker = new InvariantChecker();
        createSimulation(scenarioOf(tasks, big), linux('7.3'), [digest, checker]).run(checker.probe);
        return digest.digest();
      });
      expect(digests[0]).toBe(digests[1]);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('another placement takes its place, and what it says is done', () => {
  const stay = defineModule({
    name: 'stay',
    register: c => replace(c, WAKEUP_PLACEMENT, { value: { selectTaskRq: () => 9 as CpuId } }),
  });
  const ops: Op[] = [{ op: 'run', ns: 1000 }];
  const scenario = scenarioOf([{ ops, start: 0, idle: false, cpus: undefined, forked: false }], true);
  const simulation = createSimulation(scenario, [...linux('7.3'), stay]);
  simulation.run();
  expect(simulation.kernel.tasks[0]!.cpu).toBe(9);
});
