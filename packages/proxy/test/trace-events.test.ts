/** What listeners are told beyond outcomes (`proxy-execution.md` 22): donor changes, parking, how locks are let go, ends of passes. */
import type { TraceSink } from '@proxysched/core';
import { fifo, lock, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import type { GenerationName } from '../src/index.js';
import { simulate, type Options } from './kit.js';

test('a donor that is woken and goes home leaves its role to who runs, and the trace says so', () => {
  const tasks: Record<string, TestTask> = {
    low: { policy: fifo(1), cpus: [0], ops: [lock(0), run(20), unlock(0), run(5)] },
    high: { policy: fifo(3), cpus: [1], start: 5, ops: [lock(0), run(5), unlock(0)] },
  };
  const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), '7.3');
  expect(sink.of('schedSwitch')).toContain('20 schedSwitch 0 low -> low for low');
  expect(sink.ran.filter(r => r.task === 'low').map(({ donor, from, to }) => [donor, from, to])).toEqual([
    ['low', 0, 5],
    ['high', 5, 20],
    ['low', 20, 25],
  ]);
});

describe('parking', () => {
  /** d waits for b, b for a, and a sleeps from 10 to 20. */
  const tasks: Record<string, TestTask> = {
    a: { policy: fifo(1), ops: [lock(0), run(10), sleep(10), run(10), unlock(0)] },
    b: { policy: fifo(2), start: 2, ops: [lock(1), lock(0), run(4), unlock(0), unlock(1)] },
    d: { policy: fifo(3), start: 4, ops: [lock(1), run(1), unlock(1)] },
  };

  test.each([
    ['v4', ['10 proxyPark b on a', '10 proxyPark d on a', '20 proxyUnpark b with a on 0', '20 proxyUnpark d with a on 0']],
    ['full', ['10 proxyPark b on a', '10 proxyPark d on b', '20 proxyUnpark b with a on 0', '20 proxyUnpark d with a on 0']],
    ['7.3', []],
  ] as const)('%s: each task that leaves and each that comes back, and whom it waits for', (name, lines) => {
    expect(simulate(scenarioOf({ tasks }), name).sink.of('proxyPark', 'proxyUnpark')).toEqual(lines);
  });
});

test.each(['6.17', '7.1'] as const)('%s: who leaves the queue is the donor, and the outcome names it', name => {
  const tasks: Record<string, TestTask> = {
    a: { policy: fifo(1), ops: [lock(0), run(10), sleep(10), unlock(0)] },
    b: { policy: fifo(2), start: 2, ops: [lock(1), lock(0), unlock(0), unlock(1)] },
    d: { policy: fifo(3), start: 4, ops: [lock(1), unlock(1)] },
  };
  const outcomes = simulate(scenarioOf({ tasks }), name).sink.of('proxyOutcome');
  expect(outcomes.filter(line => line.startsWith('10 '))).toEqual([
    '10 proxyOutcome 0 d deactivate d ownerAsleep',
    '10 proxyOutcome 0 b deactivate b ownerAsleep',
  ]);
});

describe('how a lock is let go', () => {
  function releases(tasks: Record<string, TestTask>, name: GenerationName, cpus = 1, more: Options = {}): string[] {
    const seen: string[] = [];
    const sink: TraceSink = { mutexReleased: (_now, m, by, to, how) => void seen.push(`${by.comm} ${m.name} ${to?.comm ?? '-'} ${how}`) };
    simulate(scenarioOf({ cpus, tasks }), name, more, { sinks: [sink] });
    return seen;
  }
  const pair: Record<string, TestTask> = {
    owner: { policy: fifo(1), ops: [lock(0), lock(1), run(20), unlock(1), run(5), unlock(0)] },
    other: { policy: fifo(2), start: 2, ops: [lock(1), run(1), unlock(1)] },
    donor: { policy: fifo(3), start: 4, ops: [lock(0), run(1), unlock(0)] },
  };

  test('to the donor, and of another lock of the same owner to its first waiter', () => {
    expect(releases(pair, '7.3').slice(0, 2)).toEqual(['owner m1 other waiter', 'owner m0 donor donor']);
  });

  test('free while somebody waits, or with nobody there', () => {
    expect(releases(pair, 'off')).toEqual(['owner m1 - free', 'other m1 - unwanted', 'owner m0 - free', 'donor m0 - unwanted']);
  });

  test('to the first in line, once it has failed and asked for it', () => {
    // The owner is faster at 10; the waiter, woken too late, asks, and is named at 20.
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(2), ops: [lock(0), run(10), unlock(0), lock(0), run(10), unlock(0)] },
      waiter: { policy: fifo(1), start: 5, cpu: 1, cpus: [1], ops: [lock(0), run(1), unlock(0)] },
    };
    expect(releases(tasks, 'off', 2)).toEqual(['owner m0 - free', 'owner m0 waiter asked', 'waiter m0 - unwanted']);
  });
});

test('passes begin and end in turn, and what they decide lies between', () => {
  const seen: string[] = [];
  const sink: TraceSink = {
    schedEntry: (_now, cpu) => void seen.push(`${cpu} {`),
    schedExit: (_now, cpu, switched) => void seen.push(`${cpu} ${switched ? 'switch }' : '}'}`),
    proxyOutcome: (_now, cpu, _donor, { kind }) => void seen.push(`${cpu} ${kind}`),
  };
  const tasks: Record<string, TestTask> = {
    low: { policy: fifo(1), ops: [lock(0), run(9), unlock(0)] },
    high: { policy: fifo(3), start: 5, ops: [lock(0), run(5), unlock(0)] },
  };
  simulate(scenarioOf({ tasks }), '7.3', {}, { sinks: [sink] });
  expect(seen.join(' ')).toContain('0 { 0 run 0 switch }');
  expect(seen.filter(s => s.endsWith('{')).length).toBe(seen.filter(s => s.endsWith('}')).length);
  expect(seen[0]).toBe('0 {');
});
