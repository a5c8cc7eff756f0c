/** Jobs counted as they happen, by hand-made runs: one CPU, the larger priority first. */
import { fifo, run, runOf, scenarioOf, type TestTask } from '@proxysched/core/test-kit';
import { JobFigureSink, type JobFigures } from '../src/index.js';

const timer = (period: number) => ({ op: 'timer', timer: 0, period, mode: 'absolute' }) as const;
const forEver = { op: 'jump', to: 0, times: -1 } as const;

function figures(tasks: Record<string, TestTask>, until: number): Record<string, JobFigures> {
  const made = scenarioOf({ tasks, until });
  const scenario = {
    ...made,
    timers: made.tasks.map(t => ({ name: t.comm })),
    tasks: made.tasks.map((t, i) => ({ ...t, program: { ops: t.program.ops.map(op => (op.op === 'timer' ? { ...op, timer: i } : op)) } })),
  };
  const sink = new JobFigureSink();
  runOf(scenario, { sinks: [sink] });
  return Object.fromEntries(sink.figures().map((f, i) => [made.tasks[i]!.comm, f]));
}

test('responses, misses and displacements', () => {
  const { high, low } = figures(
    { high: { policy: fifo(9), start: 4, ops: [run(3), timer(10), forEver] }, low: { policy: fifo(1), ops: [run(6), timer(20), forEver] } },
    30,
  );
  expect(high).toMatchObject({
    released: 3,
    completed: 3,
    missed: 0,
    minResponse: 3,
    maxResponse: 3,
    sumResponse: 9,
    preemptions: 0,
    resumes: 0,
  });
  // 0-4, displaced, 7-9; then 20-24, displaced, 27-29.
  expect(low).toMatchObject({ released: 2, completed: 2, minResponse: 9, maxResponse: 9, sumResponse: 18, preemptions: 2, resumes: 2 });
});

test('a task that is behind: releases go by the clock, its next job starts at once and counts as displaced only after it ran', () => {
  const { low } = figures(
    {
      high: { policy: fifo(9), start: 12, ops: [run(5), timer(100), forEver] },
      low: { policy: fifo(1), ops: [run(12), timer(10), forEver] },
    },
    40,
  );
  // 0-12 (late by 2), then 17-29 (late by 9), then 29-: at 12 the second job had not run.
  expect(low).toMatchObject({ released: 4, completed: 2, missed: 2, maxResponse: 19, sumResponse: 31, preemptions: 0, resumes: 0 });
});

test('a release at the very end of the run is none; without a job there is no shortest response', () => {
  const { a, b } = figures({ a: { ops: [run(1), timer(10), forEver] }, b: { start: 20, ops: [run(1), timer(10), forEver] } }, 20);
  expect([a!.released, b!.released]).toEqual([2, 0]);
  expect(b).toMatchObject({ completed: 0, minResponse: null, maxResponse: 0 });
});
