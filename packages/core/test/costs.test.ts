/** Each cost delays exactly what it belongs to, and is executed by the one who causes it. */
import { fifo, lock, run, runOf, scenarioOf, setAffinity, sleep, unlock, yields, type TestScenario } from '../src/test-kit/index.js';

const ends = (t: TestScenario): string[] =>
  runOf(scenarioOf(t))
    .sink.of('taskExit')
    .map(line => line.replace(' taskExit', ''));

test('contextSwitch: before the work of whoever comes', () => {
  const tasks = { a: { policy: fifo(1), ops: [run(10)] }, b: { policy: fifo(1), ops: [run(10)] } };
  expect(ends({ tasks, costs: { contextSwitch: 2 } })).toEqual(['12 a', '24 b']);
});

test('contextSwitch: a preempted task pays when it comes back', () => {
  const tasks = { low: { policy: fifo(1), ops: [run(10)] }, high: { policy: fifo(2), start: 5, ops: [run(1)] } };
  expect(ends({ tasks, costs: { contextSwitch: 2 } })).toEqual(['8 high', '17 low']);
});

test('schedule and wakeUp: who leaves idle is charged from its wake-up on, who takes over from another from the pick on', () => {
  const tasks = { a: { ops: [run(30)] }, b: { start: 6, ops: [run(30)] } };
  const { sink } = runOf(scenarioOf({ tasks, costs: { wakeUp: 2, schedule: 3 } }));
  // Slices of 10: that of `a` counts from 0 and is over at 10, that of `b` from 13; a pick takes 3.
  expect(
    sink
      .of('schedSwitch')
      .slice(0, 3)
      .map(line => Number(line.split(' ')[0])),
  ).toEqual([5, 13, 26]);
});

test('preemption: only who is interrupted pays, when it is back', () => {
  const tasks = { low: { policy: fifo(1), ops: [run(10)] }, high: { policy: fifo(2), start: 5, ops: [run(1)] } };
  expect(ends({ tasks, costs: { preemption: 3 } })).toEqual(['6 high', '14 low']);
});

test('mark: before a mutex is asked for, and at the end of a job of a timer', () => {
  const { sink } = runOf(scenarioOf({ costs: { mark: 2, lockOp: 3 }, tasks: { a: { ops: [run(10), lock(0), unlock(0)] } } }));
  expect(sink.of('mutexRequest', 'mutexAcquired')).toEqual(['12 mutexRequest a m0', '15 mutexAcquired a m0']);
});

test('lockOp: before the lock is had and before it is free', () => {
  const { sink } = runOf(scenarioOf({ costs: { lockOp: 3 }, tasks: { a: { ops: [lock(0), run(10), unlock(0)] } } }));
  expect(sink.of('mutexAcquired', 'mutexReleased')).toEqual(['3 mutexAcquired a m0', '16 mutexReleased a m0']);
});

test('lockOp: a waiter has paid when it queues, and does not pay again', () => {
  const { sink } = runOf(
    scenarioOf({
      cpus: 2,
      costs: { lockOp: 3 },
      tasks: { a: { cpu: 0, ops: [lock(0), run(10), unlock(0)] }, b: { cpu: 1, start: 5, ops: [lock(0), unlock(0)] } },
    }),
  );
  expect(sink.of('mutexBlocked', 'mutexAcquired')).toEqual(['3 mutexAcquired a m0', '8 mutexBlocked b m0', '16 mutexAcquired b m0 waited']);
});

test('sysCall: every other operation that enters the kernel; a sleep counts from where it began', () => {
  expect(ends({ costs: { sysCall: 2 }, tasks: { a: { ops: [run(1), yields, sleep(10), run(1)] } } })).toEqual(['14 a']); // 1 + 2 + 10 + 1
});

test('sysCall: a sleep that is over before it began is none', () => {
  expect(ends({ costs: { sysCall: 5 }, tasks: { a: { ops: [sleep(3), run(1)] } } })).toEqual(['6 a']);
});

test('sysReturn: before the next operation, and before the first', () => {
  expect(ends({ costs: { sysReturn: 2 }, tasks: { a: { ops: [run(1), yields, sleep(10), run(1)] } } })).toEqual(['18 a']); // 2 + 1 + 2 + 10 + 2 + 1
});

test('lockReturn: after taking a mutex, at once or having waited', () => {
  const tasks = { a: { ops: [lock(0), run(10), unlock(0)] }, b: { ops: [lock(0), run(10), unlock(0)] } };
  expect(ends({ tasks, costs: { lockReturn: 3 } })).toEqual(['13 a', '26 b']);
});

test('overrun: every piece of work lasts that much longer', () => {
  expect(ends({ costs: { overrun: 2 }, tasks: { a: { ops: [run(10), run(10)] } } })).toEqual(['24 a']);
});

test('schedule: between the request for a pick and the pick, on the time of whoever is switched out', () => {
  const tasks = { low: { policy: fifo(1), ops: [run(10)] }, high: { policy: fifo(2), start: 5, ops: [run(1)] } };
  const { sink, machine } = runOf(scenarioOf({ tasks, costs: { schedule: 3 } }));
  // From idle to low by 3, to high by 8: low has worked for 2 of 5. High is done at 9 and gone at 12.
  expect(sink.of('schedSwitch').map(line => line.split(' ')[0])).toEqual(['3', '8', '12']);
  expect(machine.tasks.map(p => p.exec.ran)).toEqual([2 + 3 + 8, 1 + 3]);
});

test('schedule: who was not switched out has worked meanwhile', () => {
  // A tick asks for nothing here; a wake-up of an equal does not preempt; a change of the own policy asks for a pick.
  const tasks = { a: { policy: fifo(2), ops: [run(10)] }, b: { policy: fifo(2), start: 5, ops: [run(1)] } };
  expect(ends({ tasks, costs: { schedule: 3 } })[0]).toBe('13 a');
});

test('wakeUp: time of whoever wakes, and before a pick that it causes', () => {
  const tasks = {
    low: { policy: fifo(1), ops: [lock(0), run(10), unlock(0), run(10)] },
    other: { policy: fifo(1), start: 5, ops: [lock(0), unlock(0)] },
  };
  const free = ends({ cpus: 2, tasks: { low: { ...tasks.low, cpu: 0 }, other: { ...tasks.other, cpu: 1 } } });
  const costs = ends({ cpus: 2, tasks: { low: { ...tasks.low, cpu: 0 }, other: { ...tasks.other, cpu: 1 } }, costs: { wakeUp: 4 } });
  expect(free).toEqual(['10 other', '20 low']);
  // Low starts at 4 and releases at 14; other runs from 18, low goes on then.
  expect(costs).toEqual(['18 other', '28 low']);
});

test('timer: between the instant it is due and the wake-up', () => {
  const { sink } = runOf(scenarioOf({ costs: { timer: 4 }, tasks: { a: { start: 1, ops: [sleep(10), run(1)] } } }));
  expect(sink.of('schedWaking').map(line => line.split(' ')[0])).toEqual(['5', '19']);
  expect(sink.of('jobRelease')[0]).toBe('5 jobRelease a 1'); // the release is when it was due
});

test('migration: the first work on another CPU, once', () => {
  const tasks = { a: { cpu: 0, ops: [run(5), setAffinity(1), run(5), sleep(5), run(5)] } };
  expect(ends({ cpus: 2, tasks, costs: { migration: 7 } })).toEqual(['27 a']);
});

test('costs count as executed', () => {
  const { machine } = runOf(
    scenarioOf({ costs: { contextSwitch: 2, lockOp: 3, sysCall: 1 }, tasks: [{ ops: [lock(0), run(10), unlock(0), sleep(5)] }] }),
  );
  expect(machine.tasks[0]!.exec.ran).toBe(2 + 3 + 10 + 3 + 1 + 2);
});
