import { NO_COSTS, type Op, type Scenario } from '@proxysched/core';
import { createSimulation } from '@proxysched/sim';
import { linux } from '../src/index.js';

const MS = 1_000_000;

/** Two CPUs, two hogs in a group with a quota of 200 ms in the second, two beside it. */
function scenario(version: string): Scenario {
  const ops: Op[] = [
    { op: 'run', ns: 3 * MS },
    { op: 'jump', to: 0, times: -1 },
  ];
  return {
    name: 'bandwidth',
    about: '',
    seed: 1,
    until: 1000 * MS,
    machine: { cpus: 2, hz: 1000, hrtick: false, tickPhase: 0, costs: NO_COSTS },
    options: { 'fair.version': version },
    groups: [
      { name: '/', weight: 1024, parent: 0 },
      { name: '/limited', weight: 1024, parent: 0, bandwidth: { quota: 20 * MS, period: 100 * MS, burst: 0 } },
    ],
    mutexes: [],
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: [1, 1, 0, 0].map((group, i) => ({ comm: `t${i}`, policy: { kind: 'normal', nice: 0 }, start: 0, group, program: { ops } })),
  };
}

test.each(['7.3', '7.2', '6.12'])('%s: a CPU whose tasks are out of runtime is given to others', version => {
  const simulation = createSimulation(scenario(version), linux('7.3'));
  simulation.run();
  const ran = simulation.kernel.tasks.map(p => p.exec.ran);
  expect(Math.abs(ran[0]! + ran[1]! - 200 * MS)).toBeLessThanOrEqual(10 * MS);
  expect(ran[2]! + ran[3]!).toBeGreaterThan(1740 * MS);
});

/** One CPU: a lone `hog`, and a `limited` task, out of runtime when it is handed the mutex that `owner` held. */
function handedOver(): Scenario {
  const lock: Op = { op: 'lock', mutex: 0 };
  const unlock: Op = { op: 'unlock', mutex: 0 };
  const run = (ms: number): Op => ({ op: 'run', ns: ms * MS });
  const task = (comm: string, group: number, start: number, nice: number, ...ops: Op[]) =>
    ({ comm, policy: { kind: 'normal', nice }, start: start * MS, group, program: { ops } }) as const;
  return {
    ...scenario('7.3'),
    machine: { cpus: 1, hz: null, hrtick: false, tickPhase: 0, costs: NO_COSTS },
    groups: [
      { name: '/', weight: 1024, parent: 0 },
      { name: '/limited', weight: 100_000, parent: 0, bandwidth: { quota: 5 * MS, period: 20 * MS, burst: 0 } },
    ],
    mutexes: [{ name: 'M' }],
    tasks: [
      task('owner', 0, 0, 19, lock, run(14), unlock),
      task('hog', 0, 1, 0, run(500)),
      task('limited', 1, 1, 0, lock, run(1), unlock, run(1)),
    ],
  };
}

test('out of runtime, it takes and releases the mutex it was handed before it is stopped, and comes back without a tick', () => {
  const released: number[] = [];
  const ends: Record<string, number> = {};
  const simulation = createSimulation(handedOver(), linux('7.3'), [
    { mutexReleased: now => released.push(now / MS), taskExit: (now, p) => (ends[p.comm] = now / MS) },
  ]);
  simulation.run();
  // 13 lent and 1 of its own, 10 of them paid for by then; the rest at 40, when the lone hog goes on until its new slice ends.
  expect(released[1]! - released[0]!).toBe(1);
  expect(ends['limited']!).toBeGreaterThan(40);
  expect(ends['limited']!).toBeLessThan(45);
});
