/** The cases that proxy execution is there for, on one CPU (C1, C9, 10.2) and the release that goes with them. */
import { fifo, lock, nice, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { simulate } from './kit.js';

/** C1: `low` holds, `high` wants, `mid` has nothing to do with it. */
const inversion: Record<string, TestTask> = {
  low: { policy: fifo(1), ops: [lock(0), run(20), unlock(0), run(5)] },
  high: { policy: fifo(3), start: 5, ops: [lock(0), run(5), unlock(0)] },
  mid: { policy: fifo(2), start: 6, ops: [run(100)] },
};

describe('C1: priority inversion on one CPU', () => {
  test('without proxying, high waits for mid', () => {
    expect(simulate(scenarioOf({ tasks: inversion }), 'off').sink.of('taskExit')).toEqual([
      '106 taskExit mid',
      '125 taskExit high',
      '130 taskExit low',
    ]);
  });

  test.each(['v4', '6.17', '7.3'] as const)('%s: high waits for what is left of the section, when waking the donor preempts', name => {
    const { sink } = simulate(scenarioOf({ tasks: inversion }), name, { 'proxy.wakeDonorPreempts': true });
    expect(sink.of('taskExit')).toEqual(['25 taskExit high', '125 taskExit mid', '130 taskExit low']);
    expect(sink.of('schedSwitch')).toContain('5 schedSwitch 0 high -> low for high');
  });

  test.each(['v4', '6.17', '7.3'] as const)(
    '%s: when it does not, the former owner goes on in its name until something else happens',
    name => {
      const { sink } = simulate(scenarioOf({ tasks: inversion }), name);
      expect(sink.of('mutexReleased')[0]).toMatch(/^20 mutexReleased low m0/);
      expect(sink.stretches('low')).toEqual(['0:0-25']);
      expect(sink.of('taskExit')).toEqual(['25 taskExit low', '30 taskExit high', '130 taskExit mid']);
    },
  );
});

describe('C9: an earlier low waiter and a later high one that donates', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), ops: [lock(0), run(20), unlock(0)] },
    early: { policy: fifo(2), start: 2, ops: [lock(0), run(3), unlock(0)] },
    late: { policy: fifo(3), start: 4, ops: [lock(0), run(3), unlock(0)] },
  };

  test.each([
    ['v4', 'late'],
    ['7.3', 'late'],
    ['tip', 'late'],
    ['full', 'late'],
    ['6.17', null],
    ['7.1', null],
    ['off', null],
  ] as const)('%s hands the lock to %s', (name, to) => {
    const { sink } = simulate(scenarioOf({ tasks }), name, name === 'off' ? {} : { 'proxy.wakeDonorPreempts': true });
    expect(sink.of('mutexReleased')[0]).toBe(`20 mutexReleased owner m0${to === null ? '' : ` to ${to}`}`);
  });

  test('the bypassed one stays first in the line', () => {
    let first = '';
    simulate(
      scenarioOf({ tasks }),
      '7.3',
      { 'proxy.wakeDonorPreempts': true },
      {
        sinks: [{ mutexReleased: (_now, m, by) => (first ||= by.comm === 'owner' ? m.firstWaiter!.comm : '') }],
      },
    );
    expect(first).toBe('early');
  });
});

describe('hand-off', () => {
  /** d waits for b, b waits for a. */
  const line: Record<string, TestTask> = {
    a: { policy: fifo(1), ops: [lock(0), run(20), unlock(0), run(5)] },
    b: { policy: fifo(2), start: 2, ops: [lock(1), lock(0), run(4), unlock(0), unlock(1)] },
    d: { policy: fifo(3), start: 4, ops: [lock(1), run(1), unlock(1)] },
  };

  test('goes to the direct donor, which then runs with the pick still behind it', () => {
    const { sink } = simulate(scenarioOf({ tasks: line }), '7.3', { 'proxy.wakeDonorPreempts': true });
    expect(sink.of('mutexReleased').slice(0, 2)).toEqual(['20 mutexReleased a m0 to b', '29 mutexReleased b m0']);
    // `b` beats nobody (`d` is donor), so `a` goes on in the name of `d` to its end.
    expect(sink.of('schedSwitch').slice(-4)).toEqual([
      '25 schedSwitch 0 a -> b for d',
      '29 schedSwitch 0 b -> d for d preempted',
      '30 schedSwitch 0 d -> b for b',
      '30 schedSwitch 0 b -> idle for idle',
    ]);
    expect(sink.of('mutexReleased')[2]).toMatch(/^29 mutexReleased b m1 to d/);
  });

  test('of another lock of the same owner goes by the ordinary rules for its waiters, but names one', () => {
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(1), ops: [lock(0), lock(1), run(20), unlock(1), run(5), unlock(0)] },
      other: { policy: fifo(2), start: 2, ops: [lock(1), run(1), unlock(1)] },
      donor: { policy: fifo(3), start: 4, ops: [lock(0), run(1), unlock(0)] },
    };
    const released = (name: '7.3' | '6.17' | 'off') => simulate(scenarioOf({ tasks }), name).sink.of('mutexReleased')[0];
    expect(released('7.3')).toBe('20 mutexReleased owner m1 to other');
    expect(released('6.17')).toBe('20 mutexReleased owner m1');
    expect(released('off')).toBe('20 mutexReleased owner m1');
  });

  test('C10: without a donor at release the lock is free, and may be stolen', () => {
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(2), ops: [lock(0), run(10), unlock(0), lock(0), run(10), unlock(0)] },
      waiter: { policy: fifo(1), start: 5, cpu: 1, cpus: [1], ops: [lock(0), run(1), unlock(0)] },
    };
    // 6.17 blocks the waiter classically: its owner runs elsewhere.
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), '6.17');
    expect(sink.of('mutexAcquired')[1]).toBe('10 mutexAcquired owner m0 stolen');
  });

  test('v4: every release with waiters names one, so nothing is ever stolen', () => {
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(2), ops: [lock(0), run(10), unlock(0), lock(0), run(10), unlock(0)] },
      waiter: { policy: nice(0), start: 5, cpu: 1, cpus: [1], ops: [lock(0), run(1), unlock(0), sleep(1)] },
    };
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), 'v4');
    expect(sink.of('mutexReleased')[0]).toBe('10 mutexReleased owner m0 to waiter');
    expect(sink.lines.filter(line => line.endsWith('stolen'))).toEqual([]);
  });
});

test('a donor is charged and its class decides: round-robin waiters share the owner between them', () => {
  const waiter: TestTask = { start: 1, ops: [lock(0), run(1), unlock(0)] };
  const { sink } = simulate(
    scenarioOf({ tasks: { owner: { ops: [lock(0), run(60), unlock(0)] }, x: waiter, y: waiter, bystander: { start: 1, ops: [run(60)] } } }),
    '7.3',
  );
  const donated = (donor: string) =>
    sink.ran.filter(r => r.task === 'owner' && r.donor === donor).reduce((sum, r) => sum + r.to - r.from, 0);
  expect(donated('x')).toBeGreaterThanOrEqual(10);
  expect(donated('y')).toBeGreaterThanOrEqual(10);
  // Three contexts for the owner, one for the bystander.
  expect(sink.of('mutexReleased')[0]).toMatch(/^(7|8)\d mutexReleased owner m0/);
});
