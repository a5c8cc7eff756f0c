/**
 * Affinity, group and policy of a task change while it waits (`proxy-execution.md` 8.4), by what its context is doing: where it
 * executes afterwards, and for whom meanwhile.
 */
import type { OutsideEvent } from '@proxysched/core';
import { fifo, lock, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import type { GenerationName } from '../src/index.js';
import { simulate } from './kit.js';

type Change =
  { act: 'setAffinity'; cpus: number[] } | { act: 'setGroup'; group: number } | { act: 'setPolicy'; policy: ReturnType<typeof fifo> };

const NAMES = ['off', 'v4', '6.17', '7.1', '7.3', 'tip', 'full'] as const;
const GROUPS = ['/', 'other'].map(name => ({ name, weight: 1024, parent: 0 }));

/** `change` is done to `who` at 10; the state of everyone just before and just after it. */
function changed(name: GenerationName, tasks: Record<string, TestTask>, who: string, change: Change) {
  const index = Object.keys(tasks).indexOf(who);
  const outside: OutsideEvent[] = [{ at: 10, task: index, ...change }];
  const states: string[] = [];
  const scenario = { ...scenarioOf({ cpus: 3, tasks, until: 10_000, groups: GROUPS }), outside };
  const { sink, result, task } = simulate(
    scenario,
    name,
    {},
    {
      probe: kernel => {
        const p = kernel.tasks[index]!;
        const role = kernel.rqs.some(rq => rq.donor === p && rq.curr !== p) ? ' donates' : '';
        if (kernel.queue.now <= 10) states.push(p.onRq === 'queued' ? `on ${p.cpu}${role}` : 'off');
      },
    },
  );
  expect(result.outcome).toBe('finished');
  return {
    after: states.at(-1),
    before: states.filter((_, i) => i < states.length - 1).at(-1),
    ran: (t: string) => sink.stretches(t),
    task,
    sink,
  };
}

const owner: TestTask = { policy: fifo(1), cpus: [0], ops: [lock(0), run(20), unlock(0), sleep(1)] };
/** Something happens just before 10 that touches nobody, so that the state before the change is seen. */
const bell: TestTask = { policy: fifo(9), cpus: [2], start: 9, ops: [run(0)] };

describe('another affinity', () => {
  const away = { owner, bell, waiter: { policy: fifo(3), cpus: [1], start: 5, ops: [lock(0), run(1), unlock(0)] } };
  const home = { owner, bell, waiter: { policy: fifo(3), cpus: [0], start: 5, ops: [lock(0), run(1), unlock(0)] } };

  test.each(NAMES)('%s: of a waiter that is away, its context stays and it comes back elsewhere', name => {
    const { before, after, ran } = changed(name, away, 'waiter', { act: 'setAffinity', cpus: [2] });
    expect([before, after]).toEqual(name === 'off' || name === '6.17' ? ['off', 'off'] : ['on 0 donates', 'on 0 donates']);
    expect(ran('waiter')).toEqual(['2:20-21']);
  });

  test.each(NAMES)('%s: of a donor at home, it donates on and is not at home any more', name => {
    const { before, after, ran } = changed(name, home, 'waiter', { act: 'setAffinity', cpus: [2] });
    expect([before, after]).toEqual(name === 'off' ? ['off', 'off'] : ['on 0 donates', 'on 0 donates']);
    expect(ran('waiter')).toEqual(['2:20-21']);
    expect(ran('owner')).toEqual(['0:0-20']);
  });

  test.each(['v4', 'full'] as const)('%s: of a waiter parked on a sleeper, it comes back with the sleeper and executes elsewhere', name => {
    const sleeps = { ...owner, ops: [lock(0), run(1), sleep(20), run(5), unlock(0)] };
    const { before, after, ran, sink } = changed(name, { ...away, owner: sleeps }, 'waiter', { act: 'setAffinity', cpus: [2] });
    expect([before, after]).toEqual(['off', 'off']);
    expect(sink.of('proxyUnpark')).toEqual(['21 proxyUnpark waiter with owner on 0']);
    expect(ran('waiter')).toEqual(['2:26-27']);
  });

  test.each(NAMES)('%s: of one in the middle of a chain, and the chain holds', name => {
    const tasks = {
      owner,
      bell,
      middle: { policy: fifo(2), cpus: [1], ops: [lock(1), run(2), lock(0), run(1), unlock(0), unlock(1)] },
      end: { policy: fifo(3), cpus: [2], start: 4, ops: [lock(1), run(1), unlock(1)] },
    };
    const { ran } = changed(name, tasks, 'middle', { act: 'setAffinity', cpus: [2] });
    expect([ran('middle'), ran('end')]).toEqual([['1:0-2', '2:20-21'], ['2:21-22']]);
  });
});

describe.each<[string, Change]>([
  ['another group', { act: 'setGroup', group: 1 }],
  ['another policy', { act: 'setPolicy', policy: fifo(4) }],
])('%s', (_, change) => {
  const away = { owner, bell, waiter: { policy: fifo(3), cpus: [1], start: 5, ops: [lock(0), run(1), unlock(0)] } };

  test.each(NAMES)('%s: who waits on a queue leaves it and is woken by the lock; its owner runs in its own name', name => {
    const { after, ran, task, sink } = changed(name, away, 'waiter', change);
    expect(after).toBe('off');
    if (name !== 'off' && name !== '6.17') expect(sink.of('schedSwitch')).toContain('10 schedSwitch 0 owner -> owner for owner');
    expect(ran('waiter')).toEqual(['1:20-21']);
    expect([task('waiter').sched.group.name, task('waiter').sched.policy]).toEqual(
      change.act === 'setGroup' ? ['other', fifo(3)] : ['/', fifo(4)],
    );
  });
});
