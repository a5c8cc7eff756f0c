/** Waiters go to the owner and come back (C2, C4, C8, C8b, C11): contexts move, execution stays where it is allowed. */
import type { Scenario } from '@proxysched/core';
import { fifo, lock, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import type { GenerationName } from '../src/index.js';
import { simulate } from './kit.js';

describe('C2, C11: a waiter that may not run where its owner does', () => {
  const tasks: Record<string, TestTask> = {
    low: { policy: fifo(1), cpus: [0], ops: [lock(0), run(20), unlock(0)] },
    mid: { policy: fifo(2), cpus: [0], start: 6, ops: [run(50)] },
    high: { policy: fifo(3), cpus: [1], start: 5, ops: [lock(0), run(5), unlock(0)] },
  };
  const scenario = scenarioOf({ cpus: 2, tasks });

  test.each(['v4', '7.1', '7.3', 'tip', 'full'] as const)('%s: its context visits, it returns before it executes', name => {
    const { sink } = simulate(scenario, name);
    expect(sink.of('schedMigrate')).toEqual(['5 schedMigrate high 1 -> 0 proxy', '20 schedMigrate high 0 -> 1 return']);
    expect(sink.of('schedSwitch')).toContain('5 schedSwitch 0 low -> low for high preempted');
    expect([sink.stretches('low'), sink.stretches('high'), sink.stretches('mid')]).toEqual([['0:0-20'], ['1:20-25'], ['0:20-70']]);
  });

  test('current gets off its CPU first: idle for no time at all, then the move', () => {
    const { sink } = simulate(scenario, '7.3');
    expect(sink.of('proxyOutcome', 'schedMigrate').slice(0, 4)).toEqual([
      '5 proxyOutcome 1 high idle currInChain',
      '5 proxyOutcome 1 high migrate high to 0',
      '5 schedMigrate high 1 -> 0 proxy',
      '5 proxyOutcome 0 high run low 1',
    ]);
  });

  test('7.1 leaves the return to the scheduler: woken away from home, it waits to be picked, and then goes', () => {
    // low goes on in high's name after the release, until it sleeps: only then is high picked and found away.
    const later = { ...tasks, low: { ...tasks['low']!, ops: [lock(0), run(20), unlock(0), run(4), sleep(9)] } };
    const seen: string[] = [];
    const { sink } = simulate(
      scenarioOf({ cpus: 2, tasks: later }),
      '7.1',
      {},
      {
        probe: kernel => {
          const p = kernel.tasks[2]!;
          if (p.state === 'waking') seen.push(`${p.comm} on CPU ${p.cpu}, home ${p.wakeCpu}, blocked ${p.isBlocked}`);
        },
      },
    );
    expect(seen[0]).toBe('high on CPU 0, home 1, blocked true');
    expect(sink.of('proxyOutcome').at(-1)).toBe('24 proxyOutcome 0 high return high');
    expect(sink.of('schedMigrate').at(-1)).toBe('24 schedMigrate high 0 -> 1 return');
    expect(sink.stretches('high')).toEqual(['1:24-29']);
  });

  test('6.17 does not follow: it blocks classically, and the inversion is back', () => {
    const { sink } = simulate(scenario, '6.17');
    expect(sink.of('schedMigrate')).toEqual([]);
    expect(sink.of('taskExit')).toEqual(['56 taskExit mid', '70 taskExit low', '75 taskExit high']);
  });

  test('coming back is no migration of the one who executes: it costs nothing', () => {
    const { sink } = simulate({ ...scenario, machine: { ...scenario.machine, costs: { ...scenario.machine.costs, migration: 9 } } }, '7.3');
    expect(sink.stretches('high')).toEqual(['1:20-25']);
  });

  test('v4 lets a waiter stay where it was dragged, if it may run there: that is a migration', () => {
    const free = scenarioOf({ cpus: 2, costs: { migration: 9 }, tasks: { ...tasks, high: { ...tasks['high']!, cpus: [0, 1], cpu: 1 } } });
    expect(simulate(free, 'v4').sink.of('schedMigrate')).toEqual(['5 schedMigrate high 1 -> 0 proxy']);
    const stayed = simulate(free, 'v4', { 'proxy.wakeDonorPreempts': true });
    expect(stayed.sink.stretches('high')).toEqual(['0:20-34']);
    expect(stayed.task('high').wakeCpu).toBe(0);
    expect(simulate(free, '7.3').sink.of('schedMigrate')[1]).toBe('20 schedMigrate high 0 -> 1 return');
  });
});

describe('C4: a line over k CPUs', () => {
  const K = 5;
  /** Task i holds lock i and wants lock i−1, pinned to CPU i; `when` says at what instant. */
  const line = (when: (i: number) => number): Scenario =>
    scenarioOf({
      cpus: K,
      tasks: Object.fromEntries(
        Array.from({ length: K }, (_, i): [string, TestTask] => [
          `t${i}`,
          {
            policy: fifo(1 + i),
            cpus: [i],
            ops: i === 0 ? [lock(0), run(200), unlock(0)] : [lock(i), run(when(i)), lock(i - 1), run(1), unlock(i - 1), unlock(i)],
          },
        ]),
      ),
    });

  test.each([
    ...(['v4', '7.1', '7.3', 'tip', 'full'] as const).flatMap(
      name =>
        [
          [name, 'from the owner', (i: number) => 10 * i],
          [name, 'from the far end', (i: number) => 10 * (K - i)],
        ] as const,
    ),
  ])('%s, blocking %s: all contexts gather with the last owner, in at most k − 1 hops each, and go home', (name, _how, when) => {
    let gathered: number[] = [];
    const { sink, result, machine } = simulate(
      line(when),
      name,
      {},
      {
        probe: kernel => {
          if (kernel.queue.now < 200) gathered = kernel.tasks.map(p => p.cpu);
        },
      },
    );
    expect(gathered).toEqual([0, 0, 0, 0, 0]);
    const gathering = sink.of('schedMigrate').filter(line => parseInt(line) < 200 && line.endsWith('proxy'));
    const hops = machine.tasks.map(p => gathering.filter(line => line.includes(` ${p.comm} `)).length);
    expect(Math.max(...hops)).toBeLessThanOrEqual(K - 1);
    expect(result.outcome).toBe('finished');
    machine.tasks.forEach((p, i) => expect(sink.stretches(p.comm).every(s => s.startsWith(`${i}:`))).toBe(true));
  });

  test('a line that moves as one takes one pass, one that moves singly a re-pick for each', () => {
    const repicks = (name: GenerationName) =>
      simulate(
        line(i => 10 * (K - i)),
        name,
      )
        .sink.of('schedRepick')
        .map(l => Number(l.split(' ')[3]));
    for (const name of ['v4', 'tip', 'full'] as const) expect(Math.max(...repicks(name))).toBe(1);
    for (const name of ['7.1', '7.3'] as const) expect(Math.max(...repicks(name))).toBeGreaterThan(1);
  });
});

describe('C8: 255 waiters gathered on CPU 0, and the mutex goes to CPU 1', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(1000), unlock(0)] },
    // The most urgent is donor when the owner releases, so it is named; it may only run on CPU 1.
    heir: { policy: fifo(999), cpus: [1], start: 300, ops: [lock(0), run(100), unlock(0)] },
    ...Object.fromEntries(
      Array.from({ length: 254 }, (_, i): [string, TestTask] => [
        `w${i}`,
        { policy: fifo(2 + i), cpus: [0], start: 1 + i, ops: [lock(0), run(1), unlock(0)] },
      ]),
    ),
  };

  test.each(['7.3', 'v4', 'tip', 'full'] as const)('%s: one pass picks 254 times again, and that is no deadlock', name => {
    const { sink, result } = simulate(scenarioOf({ cpus: 2, tasks }), name);
    const atRelease = sink.of('schedRepick').filter(line => line.startsWith('1000 '));
    expect(atRelease).toEqual(['1000 schedRepick 0 254']);
    expect(sink.of('schedMigrate').filter(line => line.startsWith('1000 ') && line.endsWith('proxy'))).toHaveLength(254);
    expect(sink.of('deadlock')).toEqual([]);
    expect(result.outcome).toBe('finished');
  });
});

describe('C8b: a line of 200 locks on one CPU', () => {
  const tasks = Object.fromEntries(
    Array.from({ length: 201 }, (_, i): [string, TestTask] => [
      `t${i}`,
      { policy: fifo(1 + i), start: i, ops: i === 0 ? [lock(0), run(1000), unlock(0)] : [lock(i), lock(i - 1), unlock(i - 1), unlock(i)] },
    ]),
  );

  test.each(['v4', '6.17', '7.1', '7.3', 'tip', 'full'] as const)('%s: one walk of 200 links, not one re-pick', name => {
    const { sink, result } = simulate(scenarioOf({ tasks }), name);
    expect(sink.of('proxyOutcome')).toContain('200 proxyOutcome 0 t200 run t0 200');
    expect(sink.of('schedRepick')).toEqual([]);
    expect(result.outcome).toBe('finished');
  });
});

describe('an owner that changes CPU', () => {
  test('takes its waiters along when they are picked next', () => {
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(1), cpu: 0, ops: [lock(0), run(10), { op: 'setAffinity', cpus: [1] }, run(10), unlock(0)] },
      waiter: { policy: fifo(2), cpu: 0, cpus: [0], start: 5, ops: [lock(0), run(1), unlock(0)] },
    };
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), '7.3');
    expect(sink.of('schedMigrate')).toEqual([
      '10 schedMigrate owner 0 -> 1 affinity',
      '10 schedMigrate waiter 0 -> 1 proxy',
      '20 schedMigrate waiter 1 -> 0 return',
    ]);
    expect([sink.stretches('owner'), sink.stretches('waiter')]).toEqual([['0:0-10', '1:10-20'], ['0:20-21']]);
  });

  test('or does not, where proxying stays within a queue', () => {
    const tasks: Record<string, TestTask> = {
      owner: { policy: fifo(1), cpu: 0, ops: [lock(0), run(10), { op: 'setAffinity', cpus: [1] }, run(10), unlock(0), sleep(1)] },
      waiter: { policy: fifo(2), cpu: 0, cpus: [0], start: 5, ops: [lock(0), run(1), unlock(0)] },
    };
    const { sink } = simulate(scenarioOf({ cpus: 2, tasks }), '6.17');
    expect(sink.of('schedMigrate')).toEqual(['10 schedMigrate owner 0 -> 1 affinity']);
    expect(sink.of('proxyOutcome').at(-1)).toBe('10 proxyOutcome 0 waiter deactivate waiter ownerElsewhere');
  });
});
