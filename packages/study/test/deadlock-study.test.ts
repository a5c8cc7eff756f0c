/** What the study is for: exact detectors are never fooled and miss nothing, fixed counts call honest work a deadlock. */
import type { DeadlockPolicy } from '@proxysched/core';
import { deadlockModule, SHORT_NAMES, type PolicySpec } from '@proxysched/deadlock';
import { GENERATIONS, type GenerationName } from '@proxysched/preset-linux';
import { cycleAsleep, longChain, manyWaiters, runDeadlock, storm, studyWorkloads, trueCycle, verdict } from '../src/index.js';

const EXACT: readonly PolicySpec[] = [
  { detector: 'block', action: 'dequeue' },
  { detector: 'marks', action: 'dequeue' },
  { detector: 'brent', action: 'dequeue' },
];

// What we ship by a short name, the aid of June 2023 apart; and the counters that claim to know better than that.
const { repicks: _, ...DEFAULTS } = SHORT_NAMES;
const SILENT: Readonly<Record<string, PolicySpec>> = {
  ...DEFAULTS,
  brent: { detector: 'brent', action: 'wound' },
  scaled: { detector: 'scaled', action: 'dequeue' },
  progress: { detector: 'progress', action: 'dequeue' },
};

describe.each(Object.entries(SILENT))('%s says nothing to', (_name, spec) => {
  // C8 and C8b of the fact sheet, at the sizes that a policy must stand.
  test.each([64, 256, 1024])('a chain of %i locks and as many waiters', n => {
    expect(runDeadlock(longChain(n), spec, '7.3')).toMatchObject({ verdict: 'silent', falseAlarms: 0, finished: n + 1 });
    expect(runDeadlock(manyWaiters(n), spec, '7.3')).toMatchObject({ verdict: 'silent', falseAlarms: 0, finished: n + 1 });
  });

  test.each(Object.keys(GENERATIONS) as GenerationName[])('a storm under %s', generation => {
    expect(runDeadlock(storm(64), spec, generation)).toMatchObject({ verdict: 'silent', finished: 128 });
  });

  test('a storm as large as that of June 2023', () => {
    expect(runDeadlock(storm(256), spec, '7.3')).toMatchObject({ verdict: 'silent', finished: 512 });
  });
});

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

test.each(['wound', 'edeadlk', 'timeout'] as const)('%s opens a cycle: its members finish as well', action => {
  for (const n of [2, 8, 64])
    expect(runDeadlock(trueCycle(n), { detector: 'block', action }, '7.3')).toMatchObject({
      verdict: 'opened',
      members: n,
      membersFinished: n,
      finished: 4,
    });
});

test('what a policy costs until it speaks up, in links: a search or marks once round, Brent a little more, a stall a hundred million', () => {
  const walked = (spec: PolicySpec) => runDeadlock(trueCycle(8), spec, '7.3').detectLinks;
  expect(walked({ detector: 'block', action: 'dequeue' })).toBe(8); // the search as such
  expect(walked({ detector: 'marks', action: 'dequeue' })).toBe(8);
  expect(walked({ detector: 'brent', action: 'dequeue' })).toBeLessThan(24);
  expect(walked({ detector: 'progress', action: 'dequeue' })).toBeLessThan(3000);
  expect(walked({ detector: 'stall', action: 'dequeue' })).toBeGreaterThan(100_000_000);
});

test('walks see no cycle where blocked tasks leave their queues: never without proxy execution, nor in 7.3 behind a sleeper', () => {
  const marks: PolicySpec = { detector: 'marks', action: 'dequeue' };
  const block: PolicySpec = { detector: 'block', action: 'dequeue' };
  expect(runDeadlock(trueCycle(8), marks, 'off').verdict).toBe('missed');
  expect(runDeadlock(trueCycle(8), block, 'off').verdict).toBe('named');
  expect(runDeadlock(cycleAsleep(8), marks, '7.3').verdict).toBe('missed');
  expect(runDeadlock(cycleAsleep(8), block, '7.3').verdict).toBe('named');
  // Parked on the sleeper they come back with it.
  expect(runDeadlock(cycleAsleep(8), marks, 'full').verdict).toBe('named');
});

test('a policy of one’s own is studied as it is, state and all, and made anew for each run', () => {
  let made = 0;
  class Mine implements DeadlockPolicy {
    readonly name = 'mine';
    readonly #asked: number[] = [];
    constructor() {
      made++;
    }
    onCycle(): { kind: 'idle' } {
      this.#asked.push(1);
      return { kind: 'idle' };
    }
    onStall(): { kind: 'halt' } {
      return { kind: 'halt' };
    }
  }
  const mine = { name: './mine.js', modules: () => [deadlockModule(new Mine())] };
  for (const n of [2, 4]) expect(runDeadlock(trueCycle(n), mine, '7.3')).toMatchObject({ policy: './mine.js', verdict: 'named' });
  expect(made).toBe(2);
});

test('names of workloads are kind and size, each once', () => {
  const names = studyWorkloads().map(w => w.name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+-\d+$/);
});

test('a verdict adds up its runs', () => {
  const workloads = [trueCycle(2), longChain(64)];
  const spec: PolicySpec = { detector: 'depth', limit: 32, action: 'dequeue' };
  const runs = workloads.map(w => runDeadlock(w, spec, '7.3'));
  expect(verdict('depth:32+dequeue', runs, workloads)).toMatchObject({
    fooled: 1,
    honest: 1,
    cycles: 1,
    missed: 0,
    repicks: runs[0]!.repicks + runs[1]!.repicks,
    progressHonest: 1,
  });
});
