/** rt_mutex rules: who is raised, how far, in which class, and where everyone stands then. */
import type { Kernel, Task, TraceSink } from '@proxysched/core';
import { dlMs as dl, fifo, lock, nice, run, scenarioOf, setPolicy, sleep, unlock, type TestScenario } from '@proxysched/core/test-kit';
import { RecordingSink } from '@proxysched/core/test-kit';
import { InvariantChecker } from '@proxysched/check';
import { deadline } from '@proxysched/deadline';
import { dequeueOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import { rt } from '@proxysched/rt';
import { createSimulation } from '@proxysched/sim';
import * as fc from 'fast-check';
import { pi, pip, urgency, type Protocol } from '../src/index.js';

const MS = 1e6;

interface Played {
  readonly sink: RecordingSink;
  /** `class prio` of a task after everything due at a time has happened. */
  readonly rank: (task: string, at: number) => string | undefined;
}

/** Every event of a task's rank, and the rules that hold at every instant. */
function play(t: TestScenario, module: Protocol['module'] = pi, more: readonly TraceSink[] = []): Played {
  const sink = new RecordingSink();
  const checker = new InvariantChecker();
  const ranks = new Map<string, { at: number; rank: string }[]>();
  createSimulation(scenarioOf(t), [deadline, rt, fair, module, dequeueOnDeadlock], [sink, checker, ...more]).run(kernel => {
    checker.probe(kernel);
    checkRanks(kernel);
    for (const p of kernel.tasks) {
      const seen = ranks.get(p.comm) ?? [];
      ranks.set(p.comm, seen);
      const rank = `${p.sched.cls.name} ${p.sched.prio}`;
      if (seen.at(-1)?.at === kernel.queue.now) seen.pop();
      seen.push({ at: kernel.queue.now, rank });
    }
  });
  return { sink, rank: (task, at) => ranks.get(task)?.findLast(r => r.at <= at)?.rank };
}

/** The definition: the rank of a task is the best of its own and of the ranks of the first waiters of its locks. */
function checkRanks(kernel: Kernel): void {
  for (const p of kernel.tasks) {
    if (p.state === 'dead') continue;
    const own = kernel.classFor(p.sched.policy);
    const waiters = kernel.mutexes.flatMap(m => (m.owner === p ? [...m.waiters()].filter(w => w !== p) : []));
    const inheriting = waiters.filter(w => w.sched.cls.inherit !== undefined);
    const best = Math.min(ownPrio(p, own.name), ...inheriting.map(w => w.sched.prio));
    if (p.sched.cls.name !== 'fair' || best < 100) expect([p.comm, p.sched.prio]).toEqual([p.comm, best]);
  }
  for (const m of kernel.mutexes) {
    for (let w = m.firstWaiter; w?.waitNext != null; w = w.waitNext) expect(urgency(kernel, w, w.waitNext)).toBeLessThanOrEqual(0);
  }
}

function ownPrio({ sched: { policy } }: Task, _cls: string): number {
  switch (policy.kind) {
    case 'deadline':
      return -1;
    case 'fifo':
    case 'rr':
      return 99 - policy.prio;
    default:
      return 120 + ('nice' in policy ? policy.nice : 0);
  }
}

test('a fair owner runs in the real-time class while a real-time task waits, and returns with its own entity', () => {
  const entities = new Set<unknown>();
  const fairEntity: TraceSink = {
    schedSwitch: (_now, _cpu, _prev, next) => void (next.comm === 'low' && next.sched.prio >= 100 && entities.add(next.sched.entity)),
  };
  const { sink, rank } = play(
    {
      tasks: {
        low: { policy: nice(5), ops: [lock(0), run(10), unlock(0), run(10)] },
        hog: { policy: fifo(10), start: 2, ops: [run(50)] },
        high: { policy: fifo(50), start: 3, ops: [lock(0), run(1), unlock(0)] },
      },
    },
    pi,
    [fairEntity],
  );
  expect(entities.size).toBe(1);
  expect(rank('low', 2)).toBe('fair 125');
  expect(rank('low', 3)).toBe('rt 49');
  expect(rank('low', 11)).toBe('fair 125');
  expect(sink.stretches('low')).toEqual(['0:0-2', '0:3-11', '0:61-71']);
  expect(sink.stretches('high')).toEqual(['0:11-12']);
});

test('fair waiters raise nobody, whatever their nice value', () => {
  const { rank } = play({
    cpus: 2,
    tasks: {
      low: { policy: nice(19), cpus: [0], ops: [lock(0), run(10), unlock(0)] },
      high: { policy: nice(-20), cpus: [1], start: 1, ops: [lock(0), unlock(0)] },
    },
  });
  expect(rank('low', 5)).toBe('fair 139');
});

test('boosts pass along a chain, and each release keeps what the other locks still give', () => {
  const { rank } = play({
    cpus: 4,
    tasks: {
      a: { policy: nice(0), cpus: [0], ops: [lock(0), lock(1), run(10), unlock(1), run(10), unlock(0), run(5)] },
      b: { policy: fifo(10), cpus: [1], start: 1, ops: [lock(2), lock(0), unlock(0), unlock(2)] },
      c: { policy: fifo(20), cpus: [2], start: 2, ops: [lock(2), unlock(2)] },
      d: { policy: fifo(30), cpus: [3], start: 3, ops: [lock(1), unlock(1)] },
    },
  });
  expect(['a', 'b'].map(p => rank(p, 1))).toEqual(['rt 89', 'rt 89']);
  expect(['a', 'b'].map(p => rank(p, 2))).toEqual(['rt 79', 'rt 79']);
  expect(rank('a', 3)).toBe('rt 69');
  expect(rank('a', 10)).toBe('rt 79');
  expect(rank('a', 20)).toBe('fair 120');
  expect(rank('b', 20)).toBe('rt 89');
});

test('a change of priority of a blocked task goes along the chain; of an owner it counts when the boost is over', () => {
  const { rank } = play({
    cpus: 3,
    tasks: {
      a: { policy: fifo(1), cpus: [0], ops: [lock(0), run(10), setPolicy(fifo(5)), run(10), unlock(0), run(5)] },
      b: { policy: fifo(20), cpus: [1], start: 1, ops: [lock(0), unlock(0)] },
    },
  });
  expect(rank('a', 5)).toBe('rt 79');
  expect(rank('a', 12)).toBe('rt 79');
  expect(rank('a', 21)).toBe('rt 94');
});

test('only a strictly more urgent task takes a lock that was left to a waiter', () => {
  // On one CPU the waiter is woken behind a busy task of higher priority, which then asks for the lock itself.
  const scenario = (thief: number): TestScenario => ({
    cpus: 2,
    tasks: {
      owner: { policy: fifo(40), cpus: [0], ops: [lock(0), run(10), unlock(0)] },
      waiter: { policy: fifo(50), cpus: [1], start: 1, ops: [lock(0), run(5), unlock(0)] },
      busy: { policy: fifo(99), cpus: [1], start: 5, ops: [run(20)] },
      thief: { policy: fifo(thief), cpus: [0], start: 12, ops: [lock(0), run(5), unlock(0)] },
    },
  });
  expect(play(scenario(51)).sink.of('mutexAcquired').slice(1)).toEqual([
    '12 mutexAcquired thief m0 stolen',
    '25 mutexAcquired waiter m0 waited',
  ]);
  expect(play(scenario(50)).sink.of('mutexAcquired').slice(1)).toEqual([
    '25 mutexAcquired waiter m0 waited',
    '30 mutexAcquired thief m0 waited',
  ]);
});

test('lowered at release it stands in front of its equals, raised behind them', () => {
  const { sink } = play({
    tasks: {
      low: { policy: fifo(10), ops: [lock(0), run(10), unlock(0), run(10)] },
      equal: { policy: fifo(10), start: 1, ops: [run(10)] },
      high: { policy: fifo(20), start: 2, ops: [lock(0), run(1), unlock(0)] },
    },
  });
  expect(sink.stretches('low')).toEqual(['0:0-10', '0:11-21']);
  expect(sink.stretches('equal')).toEqual(['0:21-31']);
});

describe('deadline inheritance', () => {
  test('an owner without a reservation gets a fresh instance of the parameters of the waiter, refilled at once, and is never throttled', () => {
    const { sink, rank } = play({
      tasks: {
        low: { policy: nice(0), ops: [lock(0), run(20 * MS), unlock(0), run(5 * MS)] },
        rt: { policy: fifo(50), start: 1 * MS, ops: [run(30 * MS)] },
        dl: { policy: dl(3, 10), start: 2 * MS, ops: [lock(0), run(1 * MS), unlock(0)] },
      },
    });
    expect(rank('low', 2 * MS)).toBe('deadline -1');
    // Its 20 ms take as long as that although the reservation would give 3 in 10.
    expect(sink.stretches('low')).toEqual([`0:0-${1 * MS}`, `0:${2 * MS}-${21 * MS}`, `0:${51 * MS}-${56 * MS}`]);
    expect(sink.of('classMark').filter(line => line.includes('throttle low'))).toEqual([]);
    expect(rank('low', 21 * MS)).toBe('fair 120');
  });

  test('a throttled owner that is boosted goes on at once', () => {
    const { sink } = play({
      tasks: {
        owner: { policy: dl(5, 100), ops: [lock(0), run(12 * MS), unlock(0)] },
        waiter: { policy: dl(2, 20), start: 7 * MS, ops: [lock(0), run(1 * MS), unlock(0)] },
      },
    });
    expect(sink.stretches('owner')).toEqual([`0:0-${5 * MS}`, `0:${7 * MS}-${14 * MS}`]);
    expect(sink.stretches('waiter')).toEqual([`0:${14 * MS}-${15 * MS}`]);
  });

  test('waiters are served by absolute deadline', () => {
    const { sink } = play({
      cpus: 3,
      tasks: {
        owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(10 * MS), unlock(0)] },
        late: { policy: dl(2, 90), start: 1 * MS, ops: [lock(0), run(1 * MS), unlock(0)] },
        early: { policy: dl(2, 50), start: 2 * MS, ops: [lock(0), run(1 * MS), unlock(0)] },
      },
    });
    expect(sink.of('mutexAcquired').map(line => line.split(' ')[2])).toEqual(['owner', 'early', 'late']);
  });
});

test('a cycle of waits is reported and leaves nobody running in circles', () => {
  const { sink } = play({
    cpus: 2,
    until: 1000,
    tasks: {
      a: { policy: fifo(10), cpus: [0], ops: [lock(0), run(10), lock(1)] },
      b: { policy: fifo(20), cpus: [1], ops: [lock(1), run(12), lock(0)] },
      c: { policy: fifo(30), cpus: [1], start: 50, ops: [lock(0)] },
    },
  });
  expect(sink.of('end')).toEqual(['1000 end deadlock']);
});

test('at every instant of random workloads on several CPUs the rank of every task is what the definition says', () => {
  const policy = fc.oneof(
    fc.integer({ min: 1, max: 5 }).map(fifo),
    fc.constant(nice(0)),
    fc.integer({ min: 4, max: 9 }).map(p => dl(1, p)),
  );
  const section = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 400 }));
  const task = fc.record({
    policy,
    cpu: fc.integer({ min: 0, max: 1 }),
    start: fc.integer({ min: 0, max: 500 }),
    sections: fc.array(section, { minLength: 1, maxLength: 4 }),
  });
  let instants = 0;
  fc.assert(
    fc.property(fc.array(task, { minLength: 2, maxLength: 6 }), fc.constantFrom(pi, pip), (tasks, module) => {
      const { sink } = play(
        {
          cpus: 2,
          until: 1e9,
          options: { 'deadline.admission': false },
          tasks: Object.fromEntries(
            tasks.map(({ policy, cpu, start, sections }, i) => {
              // Nested in the order of their numbers, so that no cycle can come about.
              const ops = sections.flatMap(([a, b, ns]) => {
                const [outer, inner] = [Math.min(a, b), Math.max(a, b)];
                const body = outer === inner ? [run(ns)] : [run(ns), lock(inner), run(ns), unlock(inner)];
                return [lock(outer), ...body, unlock(outer), sleep(ns)];
              });
              return [`t${i}`, { policy, start, cpus: [cpu], ops }];
            }),
          ),
        },
        module,
      );
      instants += sink.lines.length;
      expect(sink.of('end')[0]).toContain('finished');
    }),
    { numRuns: 60 },
  );
  expect(instants).toBeGreaterThan(1000);
});
