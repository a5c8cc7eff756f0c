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
