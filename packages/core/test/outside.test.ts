/** What is done to tasks from outside, in a machine. */
import { lock, machineOf, nice, run, scenarioOf, sleep, unlock } from '../src/test-kit/index.js';
import type { OutsideEvent } from '../src/outside.js';
import type { Scenario } from '../src/scenario.js';

const withEvents = (scenario: Scenario, ...events: OutsideEvent[]): Scenario => ({ ...scenario, outside: events });

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

describe('other CPUs', () => {
  const cpus = (task: number, ...list: number[]): OutsideEvent => ({ at: 50, task, act: 'setAffinity', cpus: list });
  const play = (tasks: Parameters<typeof scenarioOf>[0]['tasks'], ...events: OutsideEvent[]) => {
    const { machine, sink, task } = machineOf(withEvents(scenarioOf({ cpus: 3, tasks }), ...events));
    machine.run();
    return { sink, task };
  };

  test('who runs and who is queued leave at once; who may stay, stays', () => {
    const at0 = { ops: [run(100)], cpu: 0, cpus: [0] };
    const { sink } = play([at0, at0, { ops: [run(100)], cpu: 1, cpus: [1] }], cpus(0, 1), cpus(1, 2), cpus(2, 0, 1));
    expect(sink.of('schedMigrate')).toEqual(['50 schedMigrate a 0 -> 1 affinity', '50 schedMigrate b 0 -> 2 affinity']);
  });

  test('a sleeper and a waiter off the queue have another home and wake there', () => {
    const tasks = {
      owner: { ops: [lock(0), run(80), unlock(0)], cpus: [2], cpu: 2 },
      sleeper: { ops: [sleep(90), run(5)], cpus: [0], cpu: 0 },
      waiter: { ops: [lock(0), run(5), unlock(0)], cpus: [0], cpu: 0, start: 10 },
    };
    const { sink } = play(tasks, cpus(1, 1), cpus(2, 1));
    expect([sink.stretches('waiter').at(-1), sink.stretches('sleeper').at(-1)]).toEqual(['1:80-85', '1:90-95']);
  });
});
