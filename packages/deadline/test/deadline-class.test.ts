import type { CheckReport, Kernel, Op, Policy, Scenario, SchedClass } from '@proxysched/core';
import {
  dlMs as dl,
  lock,
  nice,
  RoundRobin,
  run,
  runOf,
  scenarioOf,
  setAffinity,
  setPolicy,
  sleep,
  timer,
  unlock,
  yields,
  type TestMachine,
  type TestTask,
} from '@proxysched/core/test-kit';
import * as fc from 'fast-check';
import { DeadlineClass } from '../src/deadline-class.js';
import { AdmissionError } from '../src/errors.js';

const MS = 1e6;

/** Runs with the class above round robin; its own invariants hold after every event. */
function play(scenario: Scenario, given: Record<string, number | boolean> = {}): TestMachine {
  const wrong: string[] = [];
  const report: CheckReport = { fail: (code, detail) => void wrong.push(`${code}: ${detail}`) };
  const machine = runOf(scenario, {
    classes: (kernel: Kernel): SchedClass[] => [new DeadlineClass(kernel, given), new RoundRobin(kernel)],
    probe: kernel => kernel.rqs.forEach(rq => kernel.classes[0]!.check!(rq, report)),
  });
  expect(wrong).toEqual([]);
  return machine;
}

/** Stretches of a task in ms, on any CPU. */
const ran = ({ sink }: TestMachine, task: string): string[] =>
  sink.stretches(task).map(s =>
    s
      .slice(s.indexOf(':') + 1)
      .split('-')
      .map(t => String(Number(t) / MS))
      .join('-'),
  );

test('two hard servers with overrunning jobs (rtsim)', () => {
  const m = play(
    scenarioOf({
      tasks: [
        { ops: [run(5 * MS)], policy: dl(3, 6) },
        { ops: [run(7 * MS)], policy: dl(4, 9) },
      ],
    }),
  );
  expect(ran(m, 'a')).toEqual(['0-3', '7-9']);
  expect(ran(m, 'b')).toEqual(['3-7', '9-12']);
});

test('a periodic task beside a soft task in its server (Abeni and Buttazzo)', () => {
  const m = play(
    scenarioOf({
      until: 24 * MS,
      tasks: {
        t1: { ops: [run(4 * MS), timer(7 * MS), { op: 'jump', to: 0, times: -1 }], policy: dl(4, 7) },
        t2: { ops: [run(4 * MS), sleep(1 * MS), run(3 * MS)], policy: dl(3, 8), start: 3 * MS },
      },
    }),
  );
  expect(ran(m, 't1')).toEqual(['0-4', '7-11', '15-19', '21-24']);
  expect(ran(m, 't2')).toEqual(['4-7', '11-12', '13-15', '19-20']);
});

test('the budget is a promise to those below as well', () => {
  const m = play(
    scenarioOf({
      until: 30 * MS,
      tasks: { d: { ops: [run(100 * MS)], policy: dl(4, 10) }, fair: { ops: [run(100 * MS)], policy: nice(0) } },
    }),
  );
  expect(ran(m, 'd')).toEqual(['0-4', '10-14', '20-24']);
  expect(ran(m, 'fair')).toEqual(['4-10', '14-20', '24-30']);
});

test('yield ends the job; the next one has the next period and a full budget', () => {
  const m = play(scenarioOf({ until: 30 * MS, tasks: [{ ops: [run(1 * MS), yields, run(4 * MS), yields], policy: dl(4, 10) }] }));
  expect(ran(m, 'a')).toEqual(['0-1', '10-14']);
});

test('throttled while asleep: it wakes into its throttle', () => {
  const m = play(scenarioOf({ until: 30 * MS, tasks: [{ ops: [run(4 * MS), sleep(1 * MS), run(2 * MS)], policy: dl(4, 10) }] }));
  expect(ran(m, 'a')).toEqual(['0-4', '10-12']);
});

test('replenished while asleep: only the numbers change', () => {
  const m = play(scenarioOf({ until: 40 * MS, tasks: [{ ops: [run(4 * MS), sleep(11 * MS), run(4 * MS)], policy: dl(4, 10) }] }));
  expect(ran(m, 'a')).toEqual(['0-4', '15-19']);
});

test('on ticks it overruns and pays back', () => {
  const m = play(scenarioOf({ until: 60 * MS, machine: { hz: 250 }, tasks: [{ ops: [run(100 * MS)], policy: dl(3, 10) }] }));
  const total = m.task('a').exec.ran / MS;
  expect(total).toBeLessThanOrEqual(3 * 6 + 4);
  expect(total).toBeGreaterThanOrEqual(3 * 6 - 4);
});

test('leaving the class while throttled, and dying, disarms the timer', () => {
  const m = play(
    scenarioOf({
      until: 100 * MS,
      tasks: {
        a: { ops: [run(1 * MS), setPolicy(nice(0)), run(20 * MS)], policy: dl(1, 10) },
        b: { ops: [run(3 * MS)], policy: dl(3, 30) },
      },
    }),
  );
  expect(m.machine.queue.now).toBeLessThan(40 * MS);
  expect(m.task('a').exec.ran).toBe(21 * MS);
});

test('a change of parameters does not refill the budget', () => {
  const m = play(
    scenarioOf({
      until: 30 * MS,
      tasks: [{ ops: [run(2 * MS), setPolicy(dl(4, 12)), run(2 * MS), setPolicy(dl(4, 10)), run(2 * MS)], policy: dl(4, 10) }],
    }),
  );
  expect(ran(m, 'a')[0]).toBe('0-4');
});

test('a change of parameters that makes the deadline later gives way to an earlier one', () => {
  // a is late, behind first: at 12 it has budget left and its deadline 10 is past. The change is a new instance, by 42; b has 40.
  const m = play(
    scenarioOf({
      until: 60 * MS,
      tasks: {
        first: { ops: [run(6 * MS)], policy: dl(6, 9) },
        a: { ops: [run(6 * MS), setPolicy(dl(9, 30)), run(2 * MS)], policy: dl(9, 10) },
        b: { ops: [run(4 * MS)], policy: dl(4, 38), start: 2 * MS },
      },
    }),
    { 'deadline.admission': false },
  );
  expect(ran(m, 'a')).toEqual(['6-12', '16-18']);
  expect(ran(m, 'b')).toEqual(['12-16']);
});

test('woken with nothing left, at its very deadline: it waits for its period instead of spinning', () => {
  const m = play(scenarioOf({ until: 30 * MS, tasks: [{ ops: [run(1 * MS), sleep(3 * MS), run(2 * MS)], policy: dl(2, 10, 4) }] }));
  expect(ran(m, 'a')).toEqual(['0-1', '10-12']);
});

test('bandwidth is given back whole: by exit, by change of class, by change of parameters', () => {
  const whole = dl(10, 10);
  const enter = (at: number): TestTask => ({ ops: [sleep(at * MS), setPolicy(whole), run(1 * MS)], policy: nice(0) });
  const first = (...ops: Op[]): TestTask => ({ ops: [run(1 * MS), ...ops], policy: whole });
  for (const a of [
    first(),
    first(setPolicy(nice(0)), run(MS)),
    first(setPolicy(dl(1, 4)), setPolicy(dl(3, 7)), run(MS), setPolicy(nice(1))),
  ]) {
    expect(() => play(scenarioOf({ until: 200 * MS, tasks: { a, b: enter(30), c: enter(60) } }))).not.toThrow();
  }
  expect(() => play(scenarioOf({ tasks: { a: first(sleep(50 * MS)), b: enter(30) } }))).toThrow('not admitted');
});

test('replenished on another CPU than it was throttled on', () => {
  const tasks = {
    a: { ops: [lock(0), run(1 * MS), setAffinity(1), run(3 * MS), unlock(0)], policy: dl(1, 10), cpu: 0 },
    b: { ops: [run(30 * MS)], policy: nice(0), cpu: 0 },
  };
  const m = play(scenarioOf({ cpus: 2, until: 100 * MS, tasks }));
  expect(m.sink.stretches('a')).toEqual(['0:0-1000000', '1:10000000-11000000', '1:20000000-21000000', '1:30000000-31000000']);
});

test('only its own kind of policy: a custom one cannot say what it needs', () => {
  const custom: Policy = { kind: 'custom', class: 'deadline', params: {} };
  expect(() => play(scenarioOf({ tasks: [{ ops: [run(MS), setPolicy(custom)], policy: nice(0) }] }))).toThrow(AdmissionError);
});

test('refuses what cannot be served, unless told not to', () => {
  const scenario = scenarioOf({ tasks: [1, 2].map(() => ({ ops: [run(MS)], policy: dl(6, 10) })) });
  expect(() => play(scenario)).toThrow('not admitted');
  expect(() => play(scenario, { 'deadline.admission': false })).not.toThrow();
});

test('one CPU, total bandwidth of at most 1, implicit deadlines: nobody misses (Liu and Layland), and nobody gets more than his budget', () => {
  const periodic = fc.record({ period: fc.integer({ min: 4, max: 20 }), share: fc.integer({ min: 1, max: 33 }), greedy: fc.boolean() });
  fc.assert(
    fc.property(fc.array(periodic, { minLength: 1, maxLength: 3 }), set => {
      const tasks = set.map(({ period, share, greedy }) => {
        const runtime = Math.max(0.01, Math.floor(period * share) / 100);
        return { runtime, period, greedy };
      });
      const m = play(
        scenarioOf({
          until: 200 * MS,
          tasks: tasks.map(({ runtime, period, greedy }) => ({
            ops: greedy ? [run(1000 * MS)] : [run(Math.round(runtime * MS)), yields, { op: 'jump', to: 0, times: -1 }],
            policy: dl(runtime, period),
          })),
        }),
      );
      tasks.forEach(({ runtime, period }, i) => {
        const periods = Math.floor(200 / period);
        const got = m.machine.tasks[i]!.exec.ran;
        expect(got).toBeGreaterThanOrEqual(Math.round(periods * runtime * MS));
        expect(got).toBeLessThanOrEqual(Math.round((periods + 1) * runtime * MS));
      });
    }),
    { numRuns: 40 },
  );
});
