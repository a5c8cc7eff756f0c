/** Waiters of somebody who runs on another CPU (C15): they follow, or they stay until it needs them (`proxy-execution.md` 14.4). */
import { fifo, lock, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { simulate, type Options } from './kit.js';

const STAY: Options = { 'proxy.ownerRunning': 'stay', 'proxy.wakeDonorPreempts': true };
const FOLLOW: Options = { 'proxy.wakeDonorPreempts': true };
const GENERATIONS = ['v4', '7.1', '7.3', 'tip', 'full'] as const;

const c15: Record<string, TestTask> = {
  owner: { policy: fifo(50), cpus: [0], ops: [lock(0), run(20), unlock(0)] },
  waiter: { policy: fifo(10), cpus: [1], start: 5, ops: [lock(0), run(5), unlock(0)] },
  other: { policy: fifo(5), cpus: [1], start: 4, ops: [run(30)] },
};

describe.each(GENERATIONS)('%s', name => {
  test('C15: nobody moves while the owner runs, and all end when they did', () => {
    const [stay, follow] = [STAY, FOLLOW].map(options => simulate(scenarioOf({ cpus: 2, tasks: c15 }), name, options).sink);
    expect(stay!.of('schedMigrate')).toEqual([]);
    expect(follow!.of('schedMigrate')).toHaveLength(2);
    expect(stay!.of('taskExit')).toEqual(follow!.of('taskExit'));
  });

  test('an owner that loses its CPU has its waiters at once', () => {
    const tasks: Record<string, TestTask> = {
      ...c15,
      owner: { ...c15['owner']!, policy: fifo(2) },
      mid: { policy: fifo(3), cpus: [0], start: 10, ops: [run(100)] },
    };
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), name, STAY);
    expect(sink.of('proxyPark', 'proxyUnpark')).toEqual(['5 proxyPark waiter on owner', '10 proxyUnpark waiter with owner on 0']);
    expect(sink.stretches('owner')).toEqual(['0:0-20']);
    expect(sink.stretches('waiter')).toEqual(['1:20-25']);
  });

  test('an owner that goes on to wait takes them along', () => {
    // From 10 on the owner waits for a lock of deep, which is less urgent than mid.
    const tasks: Record<string, TestTask> = {
      ...c15,
      deep: { policy: fifo(1), cpus: [0], ops: [lock(1), run(15), unlock(1)] },
      owner: { policy: fifo(2), cpus: [0], start: 1, ops: [lock(0), run(9), lock(1), run(3), unlock(1), unlock(0)] },
      mid: { policy: fifo(3), cpus: [0], start: 10, ops: [run(100)] },
    };
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), name, STAY);
    expect(sink.stretches('mid')[0]).toMatch(/^0:2[78]-/);
    expect(sink.of('taskExit').slice(0, 2)).toEqual(['24 taskExit deep', '32 taskExit waiter']);
  });
});

test('a whole line stays, and whoever is not next follows when the lock is handed on', () => {
  // far waits for near, near for the owner; at its release near is next and waits behind mid on CPU 1, where far is needed.
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(50), cpus: [0], ops: [lock(0), run(20), unlock(0), run(50)] },
    near: { policy: fifo(3), cpus: [1], ops: [lock(1), run(2), lock(0), run(5), unlock(0), unlock(1)] },
    far: { policy: fifo(30), cpus: [2], start: 4, ops: [lock(1), run(1), unlock(1)] },
    mid: { policy: fifo(10), cpus: [1], start: 8, ops: [run(100)] },
  };
  const { sink } = simulate(scenarioOf({ cpus: 3, tasks }), 'tip', STAY);
  expect(sink.of('proxyPark').map(line => line.split(' ').slice(0, 3).join(' '))).toEqual(['2 proxyPark near', '4 proxyPark far']);
  expect(sink.stretches('near')).toEqual(['1:0-2', '1:20-25']);
  expect(sink.stretches('far')).toEqual(['2:25-26']);
});

test('a waiter that is woken for itself goes on, and is not called again', () => {
  const tasks: Record<string, TestTask> = {
    ...c15,
    owner: { policy: fifo(50), cpus: [0], ops: [lock(0), run(20), unlock(0), sleep(1), run(1)] },
  };
  const { sink, result } = simulate(scenarioOf({ cpus: 2, tasks }), '7.3', STAY);
  expect(result.outcome).toBe('finished');
  expect(sink.of('proxyUnpark')).toEqual([]);
});
