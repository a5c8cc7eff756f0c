import type { SchedClass, Task } from '@proxysched/core';
import {
  fifo,
  FixedPriority,
  lock,
  nice,
  RoundRobin,
  run,
  runOf,
  scenarioOf,
  sleep,
  unlock,
  yields,
  type TestMachine,
  type TestTask,
} from '@proxysched/core/test-kit';
import * as fc from 'fast-check';
import { LoadBalance } from '../src/load-balance.js';

/** Tasks stay where they start: only the balancer spreads. */
class Rt extends FixedPriority {
  override readonly name = 'rt';
  override selectTaskRq = (_p: Task, prev: number) => prev as never;
}
class Fair extends RoundRobin {
  selectTaskRq = (_p: Task, prev: number) => prev as never;
}

const PERIOD = 50;

function play(cpus: number, tasks: Record<string, TestTask>, given: Record<string, number | boolean> = {}, fair = Fair): TestMachine {
  return runOf(scenarioOf({ cpus, tasks, until: 5_000 }), {
    classes: (kernel): SchedClass[] => [new Rt(kernel), new fair(kernel, { slice: 10 })],
    balancers: kernel => [new LoadBalance(kernel, { 'balance.period': PERIOD, 'balance.busyFactor': 1, ...given })],
  });
}

const on = (cpu: number, ns: number, more: Partial<TestTask> = {}): TestTask => ({ ops: [run(ns)], policy: nice(0), cpu, ...more });

test('newly idle: one task from the most loaded CPU', () => {
  const m = play(3, { a: on(0, 100), b: on(0, 100), c: on(1, 100), d: on(1, 100), e: on(1, 100), f: on(2, 5) });
  expect(m.sink.of('schedMigrate')[0]).toMatch(/^5 schedMigrate [cde] 1 -> 2 balance$/);
});

test('newly idle: also the only one that waits behind a higher class', () => {
  const m = play(2, { hog: on(0, 1000, { policy: fifo(10), cpus: [0] }), waits: on(0, 20), other: on(1, 5) });
  expect(m.sink.stretches('waits')).toEqual(['1:5-25']);
});

test('newly idle: not when told not to', () => {
  const m = play(2, { a: on(0, 30), b: on(0, 30), c: on(1, 5) }, { 'balance.newIdle': false });
  expect(m.sink.of('schedMigrate').map(line => line.split(' ')[0])).not.toContain('5');
});

test('periodic: two more than here, and not one', () => {
  const two = play(2, { a: on(0, 400), b: on(0, 400), c: on(0, 400), d: on(1, 400) });
  expect(two.sink.of('schedMigrate')[0]).toMatch(new RegExp(`^${PERIOD} schedMigrate [abc] 0 -> 1 balance$`));
  const one = play(2, { a: on(0, 200), b: on(0, 200), d: on(1, 200) });
  expect(
    one.sink
      .of('schedMigrate')
      .map(line => Number(line.split(' ')[0]))
      .filter(t => t < 200),
  ).toEqual([]);
});

test('periodic: a CPU that has work looks less often, one that idles each time', () => {
  const busy = play(2, { a: on(0, 400), b: on(0, 400), c: on(0, 400), d: on(1, 400) }, { 'balance.busyFactor': 4 });
  expect(busy.sink.of('schedMigrate')[0]).toMatch(new RegExp(`^${4 * PERIOD} schedMigrate [abc] 0 -> 1 balance$`));
  const idle = play(2, { a: on(0, 400), b: on(0, 400) }, { 'balance.busyFactor': 4 });
  expect(idle.sink.of('schedMigrate')[0]).toMatch(new RegExp(`^${PERIOD} schedMigrate [ab] 0 -> 1 balance$`));
});

test('nothing is pulled under a higher class, and what waits there is fetched', () => {
  const m = play(2, {
    hog: on(0, 5000, { policy: fifo(10), cpus: [0] }),
    a: on(1, 100),
    b: on(1, 100),
    c: on(1, 100),
    waits: on(0, 100),
    d: on(1, 100, { start: 120 }),
  });
  expect(m.sink.of('schedMigrate')).toEqual([expect.stringContaining('waits 0 -> 1 balance')]);
});

test('affinity is kept, and a queue with nothing to give does not hide another', () => {
  const m = play(3, {
    a: on(0, 100, { cpus: [0] }),
    b: on(0, 100, { cpus: [0] }),
    c: on(0, 100, { cpus: [0] }),
    d: on(1, 100),
    e: on(1, 100),
    f: on(2, 5),
  });
  expect(m.sink.of('schedMigrate')[0]).toMatch(/^5 schedMigrate [de] 1 -> 2 balance$/);
});

test('what a class offers is taken first', () => {
  class Offers extends Fair {
    override pushable(rq: { cpu: number }): Task | null {
      return this.offered.filter(p => p.cpu === rq.cpu && p.onRq === 'queued').at(-1) ?? null;
    }
    private readonly offered: Task[] = [];
    override entity(task: Task) {
      this.offered.push(task);
      return super.entity(task);
    }
  }
  const m = play(2, { a: on(0, 100), b: on(0, 100), c: on(0, 100), f: on(1, 5) }, {}, Offers);
  expect(m.sink.of('schedMigrate')[0]).toBe('5 schedMigrate c 0 -> 1 balance');
});

test('no CPU that has run out of work idles while another has two tasks that may come', () => {
  const task = fc.record({ cpu: fc.nat(2), work: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(task, { minLength: 1, maxLength: 9 }), set => {
      const wrong: string[] = [];
      const tasks = Object.fromEntries(set.map(({ cpu, work }, i) => [`t${i}`, on(cpu, work)]));
      const scenario = scenarioOf({ cpus: 3, tasks, until: 5_000 });
      const m = runOf(scenario, {
        classes: (kernel): SchedClass[] => [new Fair(kernel, { slice: 10 })],
        balancers: kernel => [new LoadBalance(kernel, { 'balance.period': PERIOD })],
        probe: kernel => {
          // From the first look of a CPU at the others.
          if (kernel.queue.now <= PERIOD) return;
          const idle = kernel.rqs.some(rq => rq.curr === rq.idle);
          if (idle && kernel.rqs.some(rq => rq.nrQueued > 1)) wrong.push(`${kernel.queue.now}`);
        },
      });
      expect(wrong).toEqual([]);
      expect(m.machine.tasks.every(p => p.state === 'dead')).toBe(true);
    }),
  );
});

test('a period of 0 is none', () => {
  const m = play(2, { a: on(0, 400), b: on(0, 400), c: on(0, 400), d: on(1, 400) }, { 'balance.period': 0 });
  expect(m.sink.of('schedMigrate').every(line => Number(line.split(' ')[0]) >= 400)).toBe(true);
});

test('once even it stays so: hogs are moved a few times, and never again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 4 }), fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }), (cpus, homes) => {
      const m = play(cpus, Object.fromEntries(homes.map((cpu, i) => [`t${i}`, on(cpu % cpus, 100_000)])));
      const times = m.sink.of('schedMigrate').map(line => Number(line.split(' ')[0]));
      expect(times.length).toBeLessThan(homes.length);
      expect(times.filter(t => t > PERIOD * homes.length)).toEqual([]);
      const queued = m.machine.rqs.map(rq => rq.nrQueued);
      expect(Math.max(...queued) - Math.min(...queued)).toBeLessThanOrEqual(1);
    }),
  );
});

test('nobody goes to and fro at one instant, whoever sleeps, wakes and locks', () => {
  const parts = fc.constantFrom<TestTask['ops'][]>(
    [run(7)],
    [run(23)],
    [sleep(5)],
    [sleep(PERIOD)],
    [lock(0), run(9), unlock(0)],
    [yields],
  );
  const task = fc.record({
    cpu: fc.nat(2),
    policy: fc.constantFrom(nice(0), nice(0), fifo(1)),
    ops: fc.array(parts, { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(fc.array(task, { minLength: 2, maxLength: 8 }), set => {
      const m = play(3, Object.fromEntries(set.map(({ ops, ...rest }, i) => [`t${i}`, { ...rest, ops: ops.flat() }])));
      // Where events coincide each CPU may look once on its timer and once as it runs dry, but nothing feeds itself.
      const moves = new Map<string, number>();
      for (const line of m.sink.of('schedMigrate').filter(line => line.endsWith('balance'))) {
        const move = line.split(' ').slice(0, 3).join(' ');
        moves.set(move, (moves.get(move) ?? 0) + 1);
      }
      expect(Math.max(0, ...moves.values())).toBeLessThanOrEqual(2 * 3);
      expect(m.machine.tasks.every(p => p.state === 'dead')).toBe(true);
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 200) },
  );
});
