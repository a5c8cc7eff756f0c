/**
 * Race windows with a width (`proxy-execution.md` 17), one after the other: what a walk finds when it comes in the middle of something,
 * in each generation. Row numbers are those of `proxy-execution.md` 7.
 */
import { NO_GAPS, type Gaps } from '@proxysched/core';
import {
  fifo,
  lock,
  PullAnything,
  run,
  scenarioOf,
  setAffinity,
  sleep,
  unlock,
  type Parts,
  type TestTask,
} from '@proxysched/core/test-kit';
import type { GenerationName } from '../src/index.js';
import { simulate, type Options } from './kit.js';

const NAMES = ['v4', '6.17', '7.1', '7.3', 'tip', 'full'] as const;

function through(
  gaps: Partial<Gaps>,
  cpus: number,
  tasks: Record<string, TestTask>,
  name: GenerationName,
  more: Options = {},
  parts: Parts = {},
) {
  const scenario = scenarioOf({ cpus, tasks, until: 10_000, machine: { gaps: { ...NO_GAPS, ...gaps } } });
  const { sink, result } = simulate(scenario, name, more, parts);
  expect(result.outcome).toBe('finished');
  const outcomes = sink.of('proxyOutcome').map(line => line.replace('proxyOutcome ', ''));
  return { sink, outcomes, ran: (task: string) => sink.stretches(task) };
}

/** By generation; a string stands for all. */
type Answers = string | Readonly<Record<(typeof NAMES)[number], string>>;
const of = (answers: Answers, name: (typeof NAMES)[number]): string => (typeof answers === 'string' ? answers : answers[name]);

const pair = (owner: TestTask['ops'], waiterStart = 10, waiterCpu = 1): Record<string, TestTask> => ({
  owner: { policy: fifo(1), cpus: [0], ops: owner },
  waiter: { policy: fifo(2), cpus: [waiterCpu], start: waiterStart, ops: [lock(0), run(1), unlock(0)] },
});

type Row = [what: string, gaps: Partial<Gaps>, cpus: number, tasks: Record<string, TestTask>, more: Options, at: string, answers: Answers];

/** Releases that hand off leave no lock without an owner: the rows that want one say so. */
const FREE: Options = { 'proxy.handOff': 'waiter' };

describe.each<Row>([
  [
    'rows 1, 2: the lock is released while the waiter is being judged, and the wake-up is on its way',
    { walk: 5, wakeUp: 9 },
    2,
    pair([lock(0), run(13), unlock(0), run(20)]),
    {},
    '15 1 waiter',
    {
      v4: 'repick waiter ownerChanged', // the reference stays
      '6.17': 'repick waiter referenceChanged',
      '7.1': 'repick waiter referenceChanged',
      '7.3': 'repick waiter referenceChanged',
      tip: 'repick waiter referenceChanged',
      full: 'repick waiter referenceChanged',
    },
  ],
  [
    'rows 1, 9: named, not awake, and picked',
    { handOff: 9 },
    1,
    {
      owner: { policy: fifo(1), ops: [lock(0), run(12), unlock(0), sleep(20)] },
      waiter: { policy: fifo(3), start: 10, ops: [lock(0), run(1), unlock(0)] },
    },
    { 'proxy.handOff': 'always' },
    '12 0 waiter',
    {
      v4: 'idle handOffPending',
      '6.17': 'deactivate waiter noLock',
      '7.1': 'return waiter',
      '7.3': 'deactivate waiter noLock',
      tip: 'deactivate waiter noLock',
      full: 'deactivate waiter noLock',
    },
  ],
  [
    'row 4: the lock is let go before its waiter has entered the scheduler, and nobody has looked at the line',
    { block: 4, ownerless: 9 },
    2,
    pair([lock(0), run(12), unlock(0), run(20)]),
    FREE,
    '14 1 waiter',
    'retake waiter 0',
  ],
  [
    'row 4: the lock of a donor at home is free',
    { ownerless: 9 },
    1,
    pair([lock(0), run(12), unlock(0), sleep(20)], 10, 0),
    FREE,
    '12 0 waiter',
    {
      v4: 'retake waiter 0',
      '6.17': 'retake waiter 0',
      '7.1': 'return waiter',
      '7.3': 'deactivate waiter noOwner',
      tip: 'deactivate waiter noOwner',
      full: 'retake waiter 0',
    },
  ],
  [
    'row 4: the lock of a donor that is away is free',
    { ownerless: 9 },
    2,
    pair([lock(0), run(12), unlock(0), sleep(20)]),
    FREE,
    '12 0 waiter',
    {
      v4: 'deactivate waiter noOwner',
      '6.17': 'nothing', // it never left its CPU
      '7.1': 'return waiter',
      '7.3': 'deactivate waiter noOwner',
      tip: 'deactivate waiter noOwner',
      full: 'wake waiter',
    },
  ],
  [
    'row 5: the owner falls asleep while the waiter is being judged',
    { walk: 5 },
    2,
    pair([lock(0), run(13), sleep(20), unlock(0), run(20)]),
    {},
    '15 1 waiter',
    'repick waiter ownerChanged',
  ],
  [
    'row 5, W9: the owner wakes while the waiter is about to be parked',
    { walk: 5 },
    1,
    pair([lock(0), run(1), sleep(12), run(10), unlock(0)], 10, 0),
    {},
    '13 0 waiter',
    'repick waiter ownerChanged',
  ],
  [
    'row 7: the owner is on its way to this CPU',
    { migration: 10 },
    2,
    {
      owner: { policy: fifo(1), cpu: 0, ops: [lock(0), run(10), setAffinity(1), run(10), unlock(0)] },
      waiter: { policy: fifo(2), cpus: [1], start: 12, ops: [lock(0), run(1), unlock(0)] },
    },
    {},
    '12 1 waiter',
    'idle ownerMigrating',
  ],
  [
    'row 8: the owner leaves the CPU to which the waiter was to be moved',
    { walk: 5, migration: 1 },
    3,
    {
      owner: { policy: fifo(1), cpu: 0, ops: [lock(0), run(12), setAffinity(2), run(10), unlock(0)] },
      waiter: { policy: fifo(2), cpus: [1], start: 10, ops: [lock(0), run(1), unlock(0)] },
    },
    {},
    '15 1 waiter',
    'repick waiter ownerChanged',
  ],
])('%s', (_what, gaps, cpus, tasks, more, at, answers) => {
  test.each(NAMES)('%s', name => {
    const { outcomes } = through(gaps, cpus, tasks, name, more);
    const found = outcomes.filter(line => line.startsWith(at) && !/deciding|currInChain|run owner/.test(line));
    expect(found[0]?.slice(at.length + 1) ?? 'nothing').toBe(of(answers, name));
  });
});

test.each(NAMES)('%s: an idle visit for an owner on its way ends when it lands, and the two run as if nothing had been', name => {
  const { ran, outcomes } = through(
    { migration: 10 },
    2,
    {
      owner: { policy: fifo(1), cpu: 0, ops: [lock(0), run(10), setAffinity(1), run(10), unlock(0)] },
      waiter: { policy: fifo(2), cpus: [1], start: 12, ops: [lock(0), run(1), unlock(0)] },
    },
    name,
  );
  expect(outcomes.at(-1)).toBe('20 1 waiter run owner 1');
  expect([ran('owner'), ran('waiter')]).toEqual([['0:0-10', '1:20-30'], ['1:30-31']]);
});

test.each(['7.3', 'tip', 'full'] as const)(
  '%s: C5, the owner is preempted between its hand-off and the wake-up: nobody runs twice',
  name => {
    const { ran, outcomes } = through(
      { handOff: 9 },
      1,
      {
        owner: { policy: fifo(1), ops: [lock(0), run(12), unlock(0), run(20)] },
        waiter: { policy: fifo(3), start: 10, ops: [lock(0), run(1), unlock(0)] },
        other: { policy: fifo(4), start: 14, ops: [run(2)] },
      },
      name,
    );
    expect(outcomes).toContain('16 0 waiter deactivate waiter noLock');
    expect([ran('owner'), ran('other'), ran('waiter')]).toEqual([['0:0-14', '0:16-21', '0:22-35'], ['0:14-16'], ['0:21-22']]);
  },
);

describe('C16: a waiter is preempted between setting its reference and blocking', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(12), unlock(0), run(20)] },
    waiter: { policy: fifo(3), cpus: [0], start: 6, ops: [lock(0), run(1), unlock(0)] },
    other: { policy: fifo(4), cpus: [0], start: 8, ops: [run(2)] },
  };

  test.each(NAMES)('%s: it goes on and blocks later; nobody runs in its name before', name => {
    const { ran, outcomes } = through({ block: 4 }, 1, tasks, name);
    expect(outcomes[0]).toBe('12 0 waiter run owner 1');
    expect(ran('waiter')[0]).toBe('0:6-8');
    expect(ran('waiter')[1]).toBe('0:10-12');
  });

  test('by the test before 7.2 a walk that looks again finds it as blocked as before, and does what it had decided', () => {
    const owner: TestTask = { ...tasks['owner']!, cpus: [1], ops: [lock(0), run(30), unlock(0)] };
    const { ran, outcomes } = through({ block: 4, walk: 2 }, 2, { ...tasks, owner }, '7.3', { 'proxy.blockedTest': 'blockedOn' });
    expect(outcomes.slice(0, 2)).toEqual(['10 0 waiter idle deciding', '12 0 waiter migrate waiter to 1']);
    // It can run after all, and is left alone: it finds its reference gone, sets it again, and blocks.
    expect(ran('waiter')).toEqual(['0:6-8', '0:12-18', '0:30-31']);
  });

  test('by the test before 7.2 it is a donor although it could run: its owner takes the CPU from it', () => {
    const { ran, outcomes } = through({ block: 4 }, 1, tasks, '7.1', { 'proxy.blockedTest': 'blockedOn' });
    expect(outcomes[0]).toBe('10 0 waiter run owner 1');
    expect(ran('waiter')[1]).not.toBe('0:10-12');
  });
});

test.each(['v4', 'full'] as const)('%s: W10, an owner that sleeps again before its parked waiter is back: it parks once more', name => {
  const { outcomes, ran } = through({ park: 5 }, 1, pair([lock(0), run(1), sleep(20), run(2), sleep(20), run(2), unlock(0)], 10, 0), name);
  expect(outcomes.filter(line => line.includes('park'))).toEqual(['10 0 waiter park waiter on owner', '26 0 waiter park waiter on owner']);
  expect(ran('waiter').at(-1)).toBe('0:45-46');
});

test('W12: who is woken by another CPU is on no queue, in state waking, until that CPU has heard of it', () => {
  const seen: string[] = [];
  const scenario = scenarioOf({
    cpus: 2,
    until: 10_000,
    machine: { gaps: { ...NO_GAPS, wakeIpi: 3 } },
    tasks: pair([lock(0), run(20), unlock(0), run(5)]),
  });
  const { sink } = simulate(
    scenario,
    'off',
    {},
    {
      probe: kernel => {
        const p = kernel.tasks[1]!;
        if (p.state === 'waking') seen.push(`${kernel.queue.now} on_rq ${p.onRq}`);
      },
    },
  );
  expect(seen).toEqual(['20 on_rq no']);
  expect(sink.stretches('waiter')).toEqual(['1:23-24']);
});

describe('W14: the lock of the queue is let go while its CPU balances before the pick', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(2), sleep(11), unlock(0), run(5)] },
    waiter: { policy: fifo(2), cpus: [1], ops: [run(10), lock(0), run(1), unlock(0)] },
  };
  const pulls: Parts = { balancers: kernel => [new PullAnything(kernel)] };

  test.each(['7.3', 'tip'] as const)('%s: a donor that was picked and given up before is woken in the window, and picked again', name => {
    const { ran, outcomes, sink } = through({ balance: 5 }, 2, tasks, name, {}, pulls);
    expect(outcomes.filter(line => line.includes(' 1 waiter'))).toEqual([
      '10 1 waiter idle currInChain',
      '10 1 waiter deactivate waiter ownerAsleep',
    ]);
    expect(sink.of('schedWakeup')).toContain('13 schedWakeup waiter on 1');
    expect(ran('waiter')).toEqual(['1:0-10', '1:15-16']);
    expect(through({}, 2, tasks, name, {}, pulls).ran('waiter')).toEqual(['1:0-10', '1:13-14']);
  });

  test.each(['off', '6.17'] as const)('%s: who blocked in that pass is on its CPU until it ends, and only then woken', name => {
    const { ran, sink } = through({ balance: 5 }, 2, tasks, name, {}, pulls);
    expect(sink.of('schedWakeup')).toContain('15 schedWakeup waiter on 1');
    expect(ran('waiter')).toEqual(['1:0-10', '1:15-16']);
  });

  test('7.3: a donor that comes in the window is picked before the owner that had been pulled, which runs in its name', () => {
    const { ran, outcomes, sink } = through(
      { balance: 5 },
      3,
      {
        hog: { policy: fifo(9), cpus: [0], start: 2, ops: [run(40)] },
        owner: { policy: fifo(1), cpus: [0, 1], cpu: 0, ops: [lock(0), run(8), unlock(0)] },
        first: { policy: fifo(3), cpus: [1], ops: [run(10)] },
        waiter: { policy: fifo(2), cpus: [2], ops: [run(12), lock(0), run(1), unlock(0)] },
      },
      '7.3',
      {},
      pulls,
    );
    expect(sink.of('schedMigrate').slice(0, 2)).toEqual(['10 schedMigrate owner 0 -> 1 pull', '12 schedMigrate waiter 2 -> 1 proxy']);
    expect(outcomes.filter(line => line.includes(' 1 waiter'))).toEqual(['15 1 waiter run owner 1']);
    expect([ran('owner'), ran('waiter')]).toEqual([
      ['0:0-2', '1:15-21'],
      ['2:0-12', '2:21-22'],
    ]);
  });
});

describe('v4: a release leaves the reference of whom it names to the wake-up (row 9)', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(12), unlock(0), sleep(20)] },
    waiter: { policy: fifo(3), cpus: [0], start: 10, ops: [lock(0), run(1), unlock(0)] },
    low: { policy: fifo(1), cpus: [0], start: 11, ops: [run(3)] },
  };

  test.each([
    ['the wake-up has not begun', { handOff: 9 }],
    ['it has not got the lock of the queue', { wakeUp: 9 }],
  ])('%s: a walk finds the owner waiting for itself, and the CPU idles until it is awake', (_what, gaps) => {
    const { ran, outcomes } = through(gaps, 1, tasks, 'v4');
    expect(outcomes).toEqual(['10 0 waiter run owner 1', '12 0 waiter idle handOffPending', '12 0 waiter idle handOffPending']);
    expect([ran('waiter'), ran('low')]).toEqual([['0:21-22'], ['0:22-25']]);
  });

  test('7.3, where the release takes the reference away: the waiter leaves the queue, and others run until it is awake', () => {
    const { ran, outcomes } = through({ handOff: 9 }, 1, tasks, '7.3', { 'proxy.handOff': 'always' });
    expect(outcomes).toEqual(['10 0 waiter run owner 1', '12 0 waiter deactivate waiter noLock']);
    expect([ran('waiter'), ran('low')]).toEqual([['0:21-22'], ['0:12-15']]);
  });

  test('one that is named before it has entered the scheduler goes on with the lock', () => {
    const { ran, outcomes } = through({ handOff: 9, block: 4 }, 2, pair([lock(0), run(12), unlock(0), run(20)]), 'v4');
    expect(outcomes).toEqual([]);
    expect(ran('waiter')).toEqual(['1:10-15']);
  });
});
