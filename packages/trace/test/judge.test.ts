import type { Claim } from '@proxysched/core';
import { ColumnSink, computeMetrics, judge } from '../src/index.js';
import { inversion, Script } from './script.js';

function record(run: (sinks: ColumnSink[]) => void): ColumnSink {
  const columns = new ColumnSink();
  run([columns]);
  return columns;
}

const metrics = computeMetrics(record(s => inversion(true, s)));
const task = (
  tasks: string,
  figure: Extract<Claim, { of: 'task' }>['figure'],
  is: Extract<Claim, { of: 'task' }>['is'],
  value: number,
): Claim => ({
  of: 'task',
  tasks,
  figure,
  is,
  value,
});

test('a claim of one task, with what was found', () => {
  expect(judge(task('high', 'response.max', '<', 7_000_001), metrics)).toEqual({ holds: true, found: '7.0 ms' });
  expect(judge(task('high', 'response.max', '<', 7_000_000), metrics)).toEqual({ holds: false, found: '7.0 ms' });
});

test('of several tasks it must hold for each, and the first that fails is named', () => {
  expect(judge(task('*', 'misses', '==', 0), metrics).holds).toBe(true);
  expect(judge(task('*', 'response.max', '<=', 7_000_000), metrics)).toMatchObject({
    holds: false,
    found: expect.stringMatching(/^(mid|low) /) as unknown,
  });
});

test('the response of a task whose jobs never ended is below nothing', () => {
  const open = computeMetrics(
    record(sinks => {
      const s = new Script(1, sinks);
      const p = s.task('p', { kind: 'fifo', prio: 1 });
      s.begin().release(p).run(0, p).at(3).end();
    }),
  );
  expect(judge(task('p', 'response.max', '<', 1e15), open)).toEqual({ holds: false, found: 'never' });
  expect(judge(task('p', 'response.max', '>', 1e15), open).holds).toBe(true);
});

test('of the run, and of its end', () => {
  expect(judge({ of: 'run', figure: 'donated', is: '>', value: 0 }, metrics).holds).toBe(true);
  expect(judge({ of: 'outcome', is: '!=', value: 'deadlock' }, metrics).holds).toBe(true);
  expect(judge(task('nobody', 'jobs', '==', 0), metrics)).toEqual({ holds: false, found: 'no such task ran' });
});
