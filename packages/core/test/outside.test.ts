/** What is done to tasks from outside, in a machine. */
import { machineOf, nice, run, scenarioOf, sleep } from '../src/test-kit/index.js';
import type { OutsideEvent } from '../src/outside.js';
import type { Scenario } from '../src/scenario.js';

const withEvents = (scenario: Scenario, ...events: OutsideEvent[]): Scenario => ({ ...scenario, events });

test('renice changes that property alone, of running, queued and sleeping tasks', () => {
  const tasks = [
    { ops: [run(100)], policy: { kind: 'normal', nice: 3, slice: 500_000 } as const },
    { ops: [run(100)], policy: nice(0) },
    { ops: [run(1), sleep(1000), run(1)], policy: nice(0) },
  ];
  const { machine, task } = machineOf(
    withEvents(
      scenarioOf({ tasks }),
      ...[0, 1, 2].map((index): OutsideEvent => ({ at: 50, task: index, act: 'changePolicy', change: { nice: 7 } })),
    ),
  );
  machine.run();
  expect(['a', 'b', 'c'].map(name => task(name).sched.policy)).toEqual([
    { kind: 'normal', nice: 7, slice: 500_000 },
    { kind: 'normal', nice: 7 },
    { kind: 'normal', nice: 7 },
  ]);
});

test('a queued task is moved, a running one is not; a sleeper wakes where it was assigned', () => {
  const tasks = [
    { ops: [run(100)], cpu: 0 },
    { ops: [run(100)], cpu: 0 },
    { ops: [run(1), sleep(1000), run(100)], cpu: 0 },
  ];
  const { machine, sink } = machineOf(
    withEvents(
      scenarioOf({ cpus: 3, tasks: tasks.map(t => ({ ...t, policy: nice(0), cpus: [0, 1] })) }),
      { at: 2, task: 0, act: 'move', cpu: 2 }, // not allowed there
      { at: 500, task: 2, act: 'assign', cpu: 1 },
      { at: 501, task: 2, act: 'move', cpu: 0 }, // asleep: nothing to move
    ),
  );
  machine.run();
  expect(sink.stretches('c').at(-1)).toMatch(/^1:/);
  expect(sink.of('schedMigrate').filter(line => line.includes('affinity')).length).toBe(1);
});

test('events on tasks that are gone, or not there yet, do nothing', () => {
  const events: OutsideEvent[] = [
    { at: 0, task: 0, act: 'changePolicy', change: { nice: 5 } },
    { at: 900, task: 0, act: 'move', cpu: 0 },
  ];
  const { machine, task } = machineOf(withEvents(scenarioOf({ tasks: [{ ops: [run(10)], start: 100 }, { ops: [run(2000)] }] }), ...events));
  machine.run();
  expect(task('a').sched.policy).toEqual({ kind: 'normal', nice: 0 });
});
