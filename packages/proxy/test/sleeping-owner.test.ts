/** Owners that sleep (C3): what their waiters do meanwhile, and how they come back. */
import { fifo, FixedPriority, lock, nice, RoundRobin, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { simulate } from './kit.js';

describe('C3: the owner sleeps inside its section', () => {
  const tasks: Record<string, TestTask> = {
    low: { policy: fifo(1), ops: [lock(0), run(10), sleep(10), run(10), unlock(0)] },
    mid: { policy: fifo(2), start: 6, ops: [run(50)] },
    high: { policy: fifo(3), start: 5, ops: [lock(0), run(5), unlock(0)] },
  };

  test.each(['6.17', '7.1', '7.3', 'tip'] as const)('%s: the waiter sleeps as well, and the owner comes back without its help', name => {
    const { sink } = simulate(scenarioOf({ tasks }), name);
    expect(sink.of('proxyOutcome').at(-1)).toBe('10 proxyOutcome 0 high deactivate high ownerAsleep');
    expect(sink.of('taskExit')).toEqual(['60 taskExit mid', '75 taskExit high', '75 taskExit low']);
  });

  test.each(['v4', 'full'] as const)('%s: the waiter parks on it, and both are back as soon as its wake-up is complete', name => {
    const { sink } = simulate(scenarioOf({ tasks }), name);
    expect(sink.of('proxyOutcome').slice(-2)).toEqual(['10 proxyOutcome 0 high park high on low', '20 proxyOutcome 0 high run low 1']);
    expect(sink.of('taskExit')).toEqual(['30 taskExit low', '35 taskExit high', '75 taskExit mid']);
  });

  test('v4: who is parked is on no queue, still blocked, and still stands in line', () => {
    const seen: unknown[] = [];
    simulate(
      scenarioOf({ tasks }),
      'v4',
      {},
      {
        probe: kernel => {
          const p = kernel.tasks[2]!;
          if (kernel.queue.now === 10) seen.push([p.onRq, p.isBlocked, p.state, p.waitsIn?.name]);
        },
      },
    );
    expect(seen.at(-1)).toEqual(['no', true, 'blocked', 'm0']);
  });
});

describe('lines and trees', () => {
  /** d waits for b, b for a, and a goes to sleep. */
  const line: Record<string, TestTask> = {
    a: { policy: fifo(1), ops: [lock(0), run(10), sleep(10), run(10), unlock(0)] },
    b: { policy: fifo(2), start: 2, ops: [lock(1), lock(0), run(4), unlock(0), unlock(1)] },
    d: { policy: fifo(3), start: 4, ops: [lock(1), run(1), unlock(1)] },
  };

  test('parkLine: the whole line parks flat on the sleeper, in one pass', () => {
    const { sink } = simulate(scenarioOf({ tasks: line }), 'v4');
    expect(sink.of('proxyOutcome', 'schedRepick').filter(l => l.startsWith('10 '))).toEqual([
      '10 proxyOutcome 0 d park b on a',
      '10 schedRepick 0 1',
    ]);
  });

  test('park: the tree grows one pick at a time', () => {
    const { sink } = simulate(scenarioOf({ tasks: line }), 'v4', { 'proxy.ownerAsleep': 'park' });
    expect(sink.of('proxyOutcome', 'schedRepick').filter(l => l.startsWith('10 '))).toEqual([
      '10 proxyOutcome 0 d park b on a',
      '10 proxyOutcome 0 d park d on b',
      '10 schedRepick 0 2',
    ]);
  });

  test.each([
    ['6.17', ['d', 'b']],
    ['7.1', ['d', 'b']],
    ['7.3', ['b', 'd']],
    ['tip', ['b', 'd']],
  ] as const)('%s: nobody parks, one blocks classically a pick: first %p', (name, [first, second]) => {
    const at10 = simulate(scenarioOf({ tasks: line }), name)
      .sink.of('proxyOutcome')
      .filter(l => l.startsWith('10 ') && !l.includes('idle'));
    expect(at10).toEqual([
      `10 proxyOutcome 0 d deactivate ${first} ownerAsleep`,
      `10 proxyOutcome 0 ${first === 'd' ? 'b' : 'd'} deactivate ${second} ownerAsleep`,
    ]);
  });

  test.each(['park', 'parkLine'])('%s: everybody comes back with the owner, and the most urgent donates at once', ownerAsleep => {
    const { sink, result } = simulate(scenarioOf({ tasks: line }), 'v4', { 'proxy.ownerAsleep': ownerAsleep });
    expect(sink.of('proxyOutcome').find(l => l.startsWith('20 '))).toBe('20 proxyOutcome 0 d run a 2');
    expect(result.outcome).toBe('finished');
  });

  test('an owner that goes to sleep again at once parks them again, and all of it ends', () => {
    const tasks = { ...line, a: { ...line['a']!, ops: [lock(0), run(10), ...Array.from({ length: 20 }, () => sleep(1)), unlock(0)] } };
    for (const ownerAsleep of ['park', 'parkLine']) {
      expect(simulate(scenarioOf({ tasks }), 'v4', { 'proxy.ownerAsleep': ownerAsleep }).result).toMatchObject({
        outcome: 'finished',
        at: 35,
      });
    }
  });

  test('waiters follow the sleeper to the CPU where it wakes', () => {
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(1), cpu: 0, ops: [lock(0), run(10), { op: 'setAffinity', cpus: [1] }, sleep(10), run(10), unlock(0)] },
      waiter: { policy: fifo(2), cpu: 0, cpus: [0], start: 5, ops: [lock(0), run(1), unlock(0)] },
    };
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), 'v4');
    expect(sink.of('schedSwitch')).toContain('20 schedSwitch 1 idle -> owner for waiter');
    expect(sink.stretches('waiter')).toEqual(['0:30-31']);
  });
});

test('a class that delays dequeues does not keep a parked waiter: it comes back with its owner', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: nice(0), ops: [lock(0), run(4), sleep(3), run(20), unlock(0)] },
    waiter: { policy: nice(0), start: 2, ops: [lock(0), run(1), unlock(0)] },
    other: { policy: nice(0), start: 3, ops: [run(100)] },
  };
  const { sink } = simulate(
    scenarioOf({ tasks }),
    'v4',
    {},
    { classes: kernel => [new FixedPriority(kernel), new RoundRobin(kernel, { delays: true })] },
  );
  expect(sink.lines.some(line => line.includes('park waiter on owner'))).toBe(true);
  expect(sink.ran.some(r => r.task === 'owner' && r.donor === 'waiter')).toBe(true);
});
