/** What the study is for: exact detectors are never fooled and miss nothing, fixed counts call honest work a deadlock. */
import type { PolicySpec } from '@proxysched/deadlock';
import { longChain, manyWaiters, runDeadlock, storm, trueCycle, verdict } from '../src/index.js';

const EXACT: readonly PolicySpec[] = [
  { detector: 'block', action: 'dequeue' },
  { detector: 'marks', action: 'dequeue' },
  { detector: 'brent', action: 'dequeue' },
];

describe.each(EXACT)('$detector', spec => {
  test.each([2, 3, 5, 16, 64])('names a cycle of %i at the instant it closes, and everybody outside goes on', n => {
    expect(runDeadlock(trueCycle(n), spec, '7.3')).toMatchObject({
      missed: false,
      falseAlarms: 0,
      detectAfter: 0,
      outside: 4,
      finished: 4,
    });
  });

  // C8 and C8b of the fact sheet, at the sizes that a policy must stand.
  test.each([64, 256, 1024])('calls neither a chain of %i locks nor as many waiters a deadlock', n => {
    expect(runDeadlock(longChain(n), spec, '7.3')).toMatchObject({ falseAlarms: 0, finished: n + 1 });
    expect(runDeadlock(manyWaiters(n), spec, '7.3')).toMatchObject({ falseAlarms: 0, finished: n + 1 });
  });

  test.each(['v4', '7.1', '7.3', 'tip', 'full'] as const)('nor a storm under %s', generation => {
    expect(runDeadlock(storm(64), spec, generation)).toMatchObject({ falseAlarms: 0, finished: 128 });
  });
});

test('fifty re-picks call a crowd of waiters a deadlock, and not a long chain', () => {
  const spec: PolicySpec = { detector: 'repicks', limit: 50, action: 'halt' };
  expect(runDeadlock(manyWaiters(255), spec, '7.3').falseAlarms).toBe(1);
  expect(runDeadlock(manyWaiters(51), spec, '7.3').falseAlarms).toBe(0);
  expect(runDeadlock(longChain(256), spec, '7.3').falseAlarms).toBe(0);
});

test('a depth limit calls a long chain a deadlock, and not a crowd of waiters', () => {
  const spec: PolicySpec = { detector: 'depth', limit: 100, action: 'dequeue' };
  expect(runDeadlock(longChain(256), spec, '7.3').falseAlarms).toBeGreaterThan(0);
  expect(runDeadlock(longChain(100), spec, '7.3').falseAlarms).toBe(0);
  expect(runDeadlock(manyWaiters(1024), spec, '7.3').falseAlarms).toBe(0);
});

test('a walk that notices nothing is a stall, and naming it lets the others go on', () => {
  expect(runDeadlock(trueCycle(3), { detector: 'stall', action: 'dequeue' }, '7.3')).toMatchObject({
    missed: false,
    falseAlarms: 0,
    finished: 4,
  });
});

test('6.17 walks within one queue, so that marks miss what crosses CPUs and `block` does not', () => {
  expect(runDeadlock(trueCycle(4), { detector: 'marks', action: 'dequeue' }, '6.17').missed).toBe(true);
  expect(runDeadlock(trueCycle(4), { detector: 'block', action: 'dequeue' }, '6.17').missed).toBe(false);
});

test('a verdict adds up its runs', () => {
  const workloads = [trueCycle(2), manyWaiters(64)];
  const spec: PolicySpec = { detector: 'repicks', limit: 50, action: 'dequeue' };
  const runs = workloads.map(w => runDeadlock(w, spec, '7.3'));
  expect(verdict('repicks:50+dequeue', runs, workloads)).toMatchObject({
    fooled: 1,
    honest: 1,
    cycles: 1,
    missed: 0,
    repicks: runs[0]!.repicks + runs[1]!.repicks,
    progressHonest: 1,
  });
});
