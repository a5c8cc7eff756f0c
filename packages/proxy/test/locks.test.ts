/** Locks that spin, are refused, or are given up, under proxy execution. */
import type { DeadlockAction, DeadlockPolicy, Op } from '@proxysched/core';
import { fifo, lock, run, scenarioOf, unlock } from '@proxysched/core/test-kit';
import type { GenerationName } from '../src/index.js';
import { simulate } from './kit.js';

test.each<[GenerationName, string]>([
  ['7.3', '20 mutexSpin other m0 on'],
  ['off', '20 mutexBlocked other m0'],
])('%s: an owner that runs in the name of another is on a CPU, so one spins for it', (name, expected) => {
  const scenario = scenarioOf({
    cpus: 2,
    options: { 'mutex.spin': 'on' },
    tasks: {
      low: { policy: fifo(1), cpus: [0], ops: [lock(0), lock(1), run(50), unlock(1), unlock(0)] },
      mid: { policy: fifo(2), cpus: [0], start: 5, ops: [run(100)] },
      high: { policy: fifo(3), cpus: [0], start: 10, ops: [lock(1), unlock(1)] },
      other: { policy: fifo(1), cpus: [1], start: 20, ops: [lock(0), unlock(0)] },
    },
  });
  const { sink } = simulate(scenario, name);
  expect(sink.of('mutexSpin', 'mutexBlocked').find(line => line.includes('other'))).toBe(expected);
});

describe('C6: a waiter gets a signal, or has waited long enough, while its context is away', () => {
  const attempt = (how: object): Op[] => [{ ...lock(0), ...how, orElse: 3 } as Op, run(5), unlock(0), run(1)];
  const scenario = (how: object) =>
    scenarioOf({
      cpus: 3,
      tasks: {
        low: { policy: fifo(1), cpus: [0], ops: [lock(0), run(50), unlock(0)] },
        high: { policy: fifo(3), cpus: [1], start: 5, ops: attempt(how) },
        other: { policy: fifo(1), cpus: [2], start: 15, ops: [{ op: 'kill', task: 1 }] },
      },
    });

  test.each<[string, object, string]>([
    ['signal', { interruptible: true }, 'EINTR'],
    ['time', { timeout: 10 }, 'ETIMEDOUT'],
  ])('%s: it returns, fails at home, and the owner goes on in its own name', (_, how, error) => {
    const { sink } = simulate(scenario(how), '7.3');
    expect(sink.of('schedMigrate')).toEqual(['5 schedMigrate high 1 -> 0 proxy', '15 schedMigrate high 0 -> 1 return']);
    expect(sink.of('mutexFailed')).toEqual([`15 mutexFailed high m0 ${error}`]);
    expect([sink.stretches('low'), sink.stretches('high')]).toEqual([['0:0-50'], ['1:15-16']]);
  });
});

describe('the circular blocked_on of June 2023', () => {
  // `old` holds m0 and wants m1; `young` holds m1, waits for m0, and is wounded: from then on it is able to run.
  const body = (first: number, second: number, work: number): Op[] => [
    { op: 'wbegin' },
    lock(first),
    run(work),
    { ...lock(second), orElse: 6 } as Op,
    run(1),
    unlock(second),
    unlock(first),
    { op: 'wend' },
  ];
  const scenario = (clears: boolean) => ({
    ...scenarioOf({
      options: { 'mutex.woundClears': clears },
      tasks: { old: { policy: fifo(1), ops: body(0, 1, 10) }, young: { policy: fifo(2), start: 5, ops: body(1, 0, 5) } },
    }),
    mutexes: [0, 1].map(i => ({ name: `m${i}`, kind: 'wound-wait' })),
  });
  const asThen = { 'proxy.blockedTest': 'blockedOn' };

  test('the victim keeps its reference: the walk goes round in a circle, though no deadlock is there', () => {
    const { result, sink, task } = simulate(scenario(false), 'v4', asThen);
    expect(sink.of('mutexBackOff')).toEqual(['15 mutexBackOff young m1 by old wound']);
    expect(result).toMatchObject({ outcome: 'deadlock', at: 15 });
    expect(task('young').state).toBe('running');
  });

  test.each<[DeadlockAction['kind'], number]>([
    ['wound', 0],
    ['dequeue', 0],
    ['timeout', 50],
  ])('a policy whose victim is awake already opens the circle: %s takes only its reference', (kind, after) => {
    const deadlock: DeadlockPolicy = {
      name: 'the younger',
      onCycle: (_rq, cycle) => ({ kind, after, victims: cycle.filter(p => p.comm === 'young') }),
      onStall: () => ({ kind: 'halt' }),
    };
    const { result, sink } = simulate(scenario(false), 'v4', asThen, { deadlock });
    // Told once, by the mutex: it is not refused another time.
    expect(sink.of('mutexFailed')).toEqual(['15 mutexFailed young m0 EDEADLK']);
    expect(sink.of('deadlock')).toHaveLength(1);
    expect(result.outcome).toBe('finished');
  });

  test('away from home as well, for a waiter that stays there as in v4', () => {
    const twoCpus = scenario(false);
    const [old, young] = twoCpus.tasks;
    const tasks = [
      { ...old!, cpus: [0] },
      { ...young!, start: 1, cpu: 1 },
    ];
    const ends = (more: object) =>
      simulate({ ...twoCpus, machine: { ...twoCpus.machine, cpus: 2 }, tasks }, 'v4', { ...asThen, ...more }).result;
    expect(ends({})).toMatchObject({ outcome: 'deadlock', at: 10 });
    expect(ends({ 'proxy.comeBack': 'always' }).outcome).toBe('finished');
  });

  test.each<[string, boolean, object]>([
    ['the fourth posting: the reference goes with the wound', true, asThen],
    ['the flag of 2026: who is awake is not followed, whatever it refers to', false, {}],
  ])('cured by %s', (_, clears, more) => {
    const { result, sink } = simulate(scenario(clears), 'v4', { ...more });
    expect(sink.of('mutexFailed')).toEqual(['15 mutexFailed young m0 EDEADLK']);
    expect(result.outcome).toBe('finished');
  });
});

describe('rw_semaphore', () => {
  const scenario = (how: object) => ({
    ...scenarioOf({
      tasks: {
        low: { policy: fifo(1), ops: [{ ...lock(0), ...how } as Op, run(20), unlock(0)] },
        mid: { policy: fifo(2), start: 2, ops: [run(50)] },
        high: { policy: fifo(3), start: 5, ops: [lock(0), run(5), unlock(0)] },
      },
    }),
    mutexes: [{ name: 's', kind: 'rwsem' }],
  });

  test.each<[string, object, GenerationName, string]>([
    ['a writer runs in the name of who waits for it', {}, 'full', '23 mutexAcquired high s waited'],
    ['the generations in Linux leave that out', {}, '7.3', '70 mutexAcquired high s waited'],
    ['a reader is nobody to run', { shared: true }, 'full', '70 mutexAcquired high s waited'],
  ])('%s', (_, how, name, expected) => {
    expect(simulate(scenario(how), name).sink.of('mutexAcquired')[1]).toBe(expected);
  });

  test('the writer goes, readers come, and a waiter that referred to the writer is not followed to nobody', () => {
    const { result, sink } = simulate(
      {
        ...scenarioOf({
          cpus: 2,
          tasks: {
            writer: { policy: fifo(1), cpus: [0], ops: [lock(0), run(20), unlock(0), run(20)] },
            reader: { policy: fifo(1), cpus: [1], start: 5, ops: [{ ...lock(0), shared: true } as Op, run(30), unlock(0)] },
            next: { policy: fifo(3), cpus: [0], start: 10, ops: [lock(0), run(5), unlock(0)] },
          },
        }),
        mutexes: [{ name: 's', kind: 'rwsem' }],
      },
      'full',
    );
    expect(result.outcome).toBe('finished');
    expect(sink.of('mutexAcquired').slice(1)).toEqual(['20 mutexAcquired reader s waited', '50 mutexAcquired next s waited']);
  });
});
