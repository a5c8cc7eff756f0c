/** Who stands where (fact sheet 4), seen in whole runs of the class as users get it. Times in ms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineSpec, Op, OptionValue, Policy } from '@proxysched/core';
import { fifo, nice, RecordingSink, rr, run, scenarioOf, setPolicy, sleep, yields, type TestTask } from '@proxysched/core/test-kit';
import { haltOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import { createSimulation } from '@proxysched/sim';
import { rt } from '../src/index.js';

const MS = 1e6;
const work = (ms: number): Op => run(ms * MS);
const alone = (policy: Policy, ms: number, start = 0): TestTask => ({ ops: [work(ms)], policy, start: start * MS });

/** Who ran when, as `a 0-100`, on one CPU. */
function schedule(
  tasks: Readonly<Record<string, TestTask>>,
  machine: Partial<MachineSpec> = {},
  options: Record<string, OptionValue> = {},
): string[] {
  const sink = new RecordingSink();
  createSimulation(scenarioOf({ tasks, machine, options }), [rt, fair, haltOnDeadlock], [sink]).run();
  const joined: { task: string; from: number; to: number }[] = [];
  for (const { task, from, to } of sink.ran) {
    const last = joined.at(-1);
    if (last?.task === task && last.to === from) last.to = to;
    else joined.push({ task, from, to });
  }
  return joined.map(({ task, from, to }) => `${task} ${from / MS}-${to / MS}`);
}

describe('round robin: the task set rr-three-tasks', () => {
  const { tasks, expect: expected } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'conform', 'data', 'tasksets', 'rr-three-tasks.json'), 'utf8'),
  ) as {
    tasks: { name: string; release: number; run: number }[];
    expect: { schedule: { start: number; end: number; task: string }[] };
  };
  const set = (policy: Policy) => Object.fromEntries(tasks.map(t => [t.name, alone(policy, t.run, t.release)]));
  const rows = expected.schedule.map(r => `${r.task} ${r.start}-${r.end}`);

  test.each([
    ['with exact timers', { hz: null }],
    ['with ticks', { hz: 1000 }],
    ['with ticks that do not divide the second', { hz: 250 }],
  ])('%s', (_, machine) => expect(schedule(set(rr(10)), machine)).toEqual(rows));

  test('as FIFO they run one after the other', () => {
    expect(schedule(set(fifo(10)), { hz: 1000 })).toEqual(['a 0-250', 'b 250-370', 'c 370-470']);
  });
});

describe.each([{ hz: null }, { hz: 1000 }])('FIFO, hz $hz', machine => {
  test('the more urgent preempts at once; who was preempted goes on before its equals', () => {
    const tasks = { a: alone(fifo(10), 20), b: alone(fifo(10), 5, 1), c: alone(fifo(20), 5, 4), d: alone(fifo(5), 5, 1) };
    expect(schedule(tasks, machine)).toEqual(['a 0-4', 'c 4-9', 'a 9-25', 'b 25-30', 'd 30-35']);
  });

  test('yield goes behind the equals, and is nothing to those below or when alone', () => {
    const tasks = {
      a: { ops: [work(2), yields, work(2), yields, work(2)], policy: fifo(10) },
      b: alone(fifo(10), 3),
      low: alone(fifo(9), 1),
    };
    expect(schedule(tasks, machine)).toEqual(['a 0-2', 'b 2-5', 'a 5-9', 'low 9-10']);
  });

  test('raised: behind its new equals, who cannot be preempted by it', () => {
    // `a` raises itself over `b` while `c` waits; both then stand in one list, `a` first as it runs.
    const tasks = {
      a: { ops: [work(2), setPolicy(fifo(12)), work(4)], policy: fifo(10) },
      b: alone(fifo(10), 2),
      c: alone(fifo(12), 2, 3),
    };
    expect(schedule(tasks, machine)).toEqual(['a 0-6', 'c 6-8', 'b 8-10']);
  });

  test('lowered: in front of its new equals, behind everyone above', () => {
    const tasks = { a: { ops: [work(2), setPolicy(fifo(8)), work(2)], policy: fifo(10) }, mid: alone(fifo(9), 1), b: alone(fifo(8), 2) };
    expect(schedule(tasks, machine)).toEqual(['a 0-2', 'mid 2-3', 'a 3-5', 'b 5-7']);
  });

  test('changed to round robin at the same priority: it keeps its place', () => {
    const tasks = { a: { ops: [work(2), setPolicy(rr(10)), work(2)], policy: fifo(10) }, b: alone(fifo(10), 2) };
    expect(schedule(tasks, machine)).toEqual(['a 0-4', 'b 4-6']);
  });

  test('into the class: it runs before the fair ones; out of it: they share', () => {
    const tasks = {
      a: { ops: [work(1), setPolicy(fifo(1)), work(30), setPolicy(nice(0)), work(1)], policy: nice(0) },
      b: alone(nice(0), 2),
    };
    const longest = Math.max(...schedule(tasks, machine).map(row => Number(row.split(/[ -]/)[2]) - Number(row.split(/[ -]/)[1])));
    expect(longest).toBeGreaterThanOrEqual(30);
  });
});

describe('what is left of a slice survives preemption and sleep', () => {
  // a uses 4 of its 10, sleeps, waits for the end of the slice of b (preempted 8-11), and has 6 left.
  test.each([
    ['with exact timers', { hz: null }, ['b 11-17', 'a 17-23', 'b 23-33']],
    [
      'with ticks, which find a slice used up half a tick early here',
      { hz: 1000, tickPhase: MS / 2 },
      ['b 11-16.5', 'a 16.5-22.5', 'b 22.5-32.5'],
    ],
  ])('%s', (_, machine, rows) => {
    const tasks = { a: { ops: [work(4), sleep(2 * MS), work(20)], policy: rr(10) }, b: alone(rr(10), 30), high: alone(fifo(20), 3, 8) };
    expect(schedule(tasks, machine, { 'rt.rrTimeslice': 10 * MS }).slice(0, 6)).toEqual(['a 0-4', 'b 4-8', 'high 8-11', ...rows]);
  });
});

test('the limit of Linux up to 6.11: the fair ones get the rest of each period', () => {
  const rows = schedule(
    { hog: alone(fifo(10), 950 * 2), fairly: alone(nice(0), 40) },
    {},
    { 'rt.runtime': 95 * MS, 'rt.period': 100 * MS },
  );
  expect(rows.slice(0, 4)).toEqual(['hog 0-95', 'fairly 95-100', 'hog 100-195', 'fairly 195-200']);
});
