/** The interpreter: each operation does what its line in `program.ts` says, at the instant it should. */
import {
  barrier,
  broadcast,
  fifo,
  fork,
  jump,
  lock,
  nice,
  run,
  runFor,
  runOf,
  scenarioOf,
  semPost,
  semWait,
  setAffinity,
  setPolicy,
  signal,
  sleep,
  timer,
  unlock,
  wait,
  yields,
  type TestScenario,
} from '../src/test-kit/index.js';

const simulate = (t: TestScenario) => runOf(scenarioOf(t));

test('run is work, runFor is wall time', () => {
  const { sink } = simulate({
    tasks: {
      urgent: { policy: fifo(1), start: 5, ops: [run(10)] },
      worker: { ops: [run(20)], cpus: [0] },
    },
  });
  expect(sink.of('taskExit')).toEqual(['15 taskExit urgent', '30 taskExit worker']);
  const busy = simulate({
    tasks: {
      urgent: { policy: fifo(1), start: 5, ops: [run(10)] },
      worker: { ops: [runFor(20)], cpus: [0] },
    },
  });
  expect(busy.sink.of('taskExit')).toEqual(['15 taskExit urgent', '20 taskExit worker']);
});

test('runFor ends on time although it had to pay for a switch, unless it is preempted over its end', () => {
  const costs = { contextSwitch: 3 };
  expect(simulate({ costs, tasks: [{ ops: [runFor(20)] }] }).sink.of('taskExit')).toEqual(['23 taskExit a']); // the switch comes before it begins
  const { sink } = simulate({ costs, tasks: { urgent: { policy: fifo(1), start: 10, ops: [run(2)] }, b: { ops: [runFor(20)] } } });
  // 10: switch 3, run 2; 15: switch back 3; the end is still 23.
  expect(sink.of('taskExit')).toEqual(['15 taskExit urgent', '23 taskExit b']);
  const late = simulate({ costs, tasks: { urgent: { policy: fifo(1), start: 10, ops: [run(30)] }, b: { ops: [runFor(20)] } } });
  expect(late.sink.of('taskExit')).toEqual(['43 taskExit urgent', '46 taskExit b']);
});

test('sleep gives the CPU away and comes back', () => {
  const { sink } = simulate({ tasks: { a: { ops: [run(2), sleep(10), run(2)] } } });
  expect(sink.stretches('a')).toEqual(['0:0-2', '0:12-14']);
});

test('jump counts, falls through and forgets the count', () => {
  const { machine } = simulate({ tasks: [{ ops: [run(1), jump(0, 2), run(10), jump(0, 1)] }] });
  expect(machine.tasks[0]!.exec.ran).toBe(2 * (3 + 10));
});

describe('timers', () => {
  const jobs = (mode: 'absolute' | 'relative', long: number) =>
    simulate({
      until: 100,
      tasks: { a: { start: 3, ops: [run(2), timer(10, mode), run(long), timer(10, mode), run(2), timer(10, mode), jump(0)] } },
    })
      .sink.of('jobRelease', 'jobDone')
      .slice(0, 8);

  test('the first user starts the clock; releases come every period', () => {
    expect(jobs('absolute', 2).slice(0, 5)).toEqual([
      '3 jobRelease a 3 by 13',
      '5 jobDone a 2',
      '13 jobRelease a 13 by 23',
      '15 jobDone a 2',
      '23 jobRelease a 23 by 33',
    ]);
  });

  test('absolute: a release that is past follows at once, and its response counts from its own instant', () => {
    expect(jobs('absolute', 25).slice(2, 7)).toEqual([
      '13 jobRelease a 13 by 23',
      '38 jobDone a 25',
      '38 jobRelease a 23 by 33',
      '40 jobDone a 17',
      '40 jobRelease a 33 by 43',
    ]);
  });

  test('relative: the miss is forgotten and the period starts anew', () => {
    expect(jobs('relative', 25).slice(2, 7)).toEqual([
      '13 jobRelease a 13 by 23',
      '38 jobDone a 25',
      '38 jobRelease a 23 by 33',
      '40 jobDone a 17',
      '48 jobRelease a 48 by 58',
    ]);
  });
});

describe('conditions', () => {
  const waiters = {
    x: { ops: [lock(0), wait(0, 0), lock(0), run(1), unlock(0)] },
    y: { start: 1, ops: [lock(0), wait(0, 0), lock(0), run(1), unlock(0)] },
  };

  test('wait releases the lock while it sleeps; signal wakes one, in order', () => {
    const { sink, result } = simulate({
      until: 100,
      tasks: { ...waiters, z: { start: 10, ops: [lock(0), signal(0), run(5), unlock(0)] } },
    });
    expect(sink.of('schedWaking').at(3)).toBe('10 schedWaking x by z');
    expect(sink.of('taskExit').map(line => line.slice(-1))).toEqual(['z', 'x']);
    expect(result.outcome).toBe('timeLimit');
  });

  test('broadcast wakes all', () => {
    const { sink, result } = simulate({ tasks: { ...waiters, z: { start: 10, ops: [broadcast(0)] } } });
    expect(sink.of('schedWaking').slice(3)).toEqual(['10 schedWaking x by z', '10 schedWaking y by z']);
    expect(result.outcome).toBe('finished');
  });

  test('a signal nobody waits for is lost', () => {
    expect(simulate({ until: 50, tasks: { z: { ops: [signal(0)] }, ...waiters } }).result.outcome).toBe('timeLimit');
  });
});

test('a barrier opens when its count is complete, and serves again', () => {
  const member = (ns: number) => ({ ops: [run(ns), barrier(0), run(1), barrier(0)] });
  const { sink } = simulate({
    cpus: 3,
    barriers: [3],
    tasks: { a: { ...member(5), cpu: 0 }, b: { ...member(9), cpu: 1 }, c: { ...member(2), cpu: 2 } },
  });
  expect(sink.of('taskExit').map(line => line.split(' ')[0])).toEqual(['10', '10', '10']);
});

test('a semaphore counts what was posted and wakes in order', () => {
  const { sink } = simulate({
    semaphores: [1],
    tasks: {
      a: { ops: [semWait(0), run(2)] },
      b: { ops: [semWait(0), run(2)] },
      c: { ops: [semWait(0), run(2)] },
      d: { start: 10, ops: [semPost(0), run(10), semPost(0), semPost(0)] },
      e: { start: 40, ops: [semWait(0)] },
    },
  });
  expect(sink.of('taskExit')).toEqual(['2 taskExit a', '22 taskExit b', '22 taskExit d', '24 taskExit c', '40 taskExit e']);
});

test('fork starts a template as a task of its own, as often as asked', () => {
  const { sink, machine } = simulate({
    tasks: { parent: { ops: [fork(1), run(3), fork(1)] }, child: { template: true, policy: fifo(1), ops: [run(5)] } },
  });
  expect(machine.tasks.map(p => p.comm)).toEqual(['parent', 'child-0', 'child-1']);
  expect(sink.of('schedWaking').slice(1)).toEqual(['0 schedWaking child-0 by parent new', '8 schedWaking child-1 by parent new']);
  expect(sink.of('taskExit')).toEqual(['5 taskExit child-0', '13 taskExit child-1', '13 taskExit parent']);
});

test('yield lets an equal go first', () => {
  const { sink } = simulate({ tasks: { a: { policy: fifo(1), ops: [run(1), yields, run(1)] }, b: { policy: fifo(1), ops: [run(1)] } } });
  expect([sink.stretches('a'), sink.stretches('b')]).toEqual([['0:0-1', '0:2-3'], ['0:1-2']]);
});

test('setPolicy of oneself downwards gives way at once', () => {
  const { sink } = simulate({
    tasks: { a: { policy: fifo(2), ops: [run(1), setPolicy(nice(0)), run(1)] }, b: { policy: fifo(1), ops: [run(5)] } },
  });
  expect(sink.stretches('a')).toEqual(['0:0-1', '0:6-7']);
});

test('setAffinity moves the task that may not stay, before it does anything else', () => {
  const { sink, task } = simulate({ cpus: 2, tasks: { a: { cpu: 0, ops: [run(3), setAffinity(1), run(3)] } } });
  expect(sink.stretches('a')).toEqual(['0:0-3', '1:3-6']);
  expect(sink.of('schedMigrate')).toEqual(['3 schedMigrate a 0 -> 1 affinity']);
  expect(task('a').wakeCpu).toBe(1);
});

test('P005: an affinity without any CPU of this machine', () => {
  expect(() => simulate({ tasks: [{ ops: [setAffinity(3)] }] })).toThrow(/P005|leaves no CPU of the 1/);
});

describe('loops in which no time passes', () => {
  test.each([
    ['an empty one', [jump(0)]],
    ['one that takes and gives back a lock', [lock(0), unlock(0), jump(0)]],
    ['one with a counted loop inside', [lock(0), unlock(0), jump(0, 3), jump(0)]],
    ['two that jump to each other', [jump(1), jump(0)]],
  ])('P004: %s', (_what, ops) => {
    expect(() => simulate({ tasks: [{ ops }] })).toThrow(/an endless loop in which no time passes/);
  });

  test('jumps that only lead somewhere are none', () => {
    expect(simulate({ until: 10, tasks: [{ ops: [jump(2), run(1), jump(4), run(1), run(1), jump(0)] }] }).result.outcome).toBe('timeLimit');
  });

  test('one that sleeps, or catches up with its timer, is none', () => {
    expect(simulate({ until: 50, tasks: [{ ops: [sleep(1), jump(0)] }] }).result.outcome).toBe('timeLimit');
    expect(simulate({ until: 50, tasks: [{ ops: [run(30), timer(10), timer(10), timer(10), jump(1)] }] }).result.outcome).toBe('timeLimit');
  });

  test('one that yields is a stall, which is a result', () => {
    const { result } = simulate({ tasks: [{ ops: [yields, jump(0)] }] });
    expect(result.outcome).toBe('stalled');
  });
});
