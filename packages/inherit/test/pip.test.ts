/** PIP against what is known of it: proxy execution on one CPU is the same schedule, and blocking keeps within its bounds. */
import { ceilingBlocking, nppBlocking, pipBlocking, type LockUser } from '@proxysched/analysis';
import { fifo, lock, run, scenarioOf, unlock, type TestTask } from '@proxysched/core/test-kit';
import { proxy } from '@proxysched/proxy';
import * as fc from 'fast-check';
import { icpp, npp, pcp, pip } from '../src/index.js';
import { observe, type Observed } from './published.js';

interface Job {
  readonly start: number;
  readonly before: number;
  readonly sections: readonly { readonly lock: number; readonly ns: number }[];
}

const LOCKS = 3;
const SECTION = fc.record({ lock: fc.integer({ min: 0, max: LOCKS - 1 }), ns: fc.integer({ min: 3, max: 20 }) });
/** Not nested: the bounds are for such, and there a release of a lock that the donor does not wait for goes by arrival under proxy execution. */
const JOB: fc.Arbitrary<Job> = fc.record({
  start: fc.integer({ min: 0, max: 40 }),
  before: fc.integer({ min: 1, max: 4 }),
  sections: fc.array(SECTION, { minLength: 1, maxLength: 3 }),
});

/** All starts and lengths are in different residues, so that no two things happen at once and no tie has to be broken. */
function tasksOf(jobs: readonly Job[]): Record<string, TestTask> {
  const unit = jobs.length + 1;
  return Object.fromEntries(
    jobs.map(({ start, before, sections }, i): [string, TestTask] => {
      const ops = sections.flatMap(s => [lock(s.lock), run(s.ns * unit), unlock(s.lock), run(unit)]);
      return [`t${i}`, { policy: fifo(90 - i), start: start * unit + i, ops: [run(before * unit), ...ops] }];
    }),
  );
}

/** Who executes when, neighbours joined. */
function timeline({ sink }: Observed): string[] {
  const spans: { from: number; to: number; task: string }[] = [];
  for (const { from, to, task } of sink.ran) {
    const last = spans.at(-1);
    if (last !== undefined && last.task === task && last.to === from) last.to = to;
    else spans.push({ from, to, task });
  }
  return spans.map(s => `${s.from}-${s.to} ${s.task}`);
}

/**
 * A release asks for a pick, and a waiter that is picked takes a free lock at once: Linux does neither, and serves those behind no
 * donor in order of arrival (`proxy-execution.md` 24).
 */
const THEORY = { 'proxy.lendUntil': 'release', 'proxy.freeLock': 'run' };

test('proxy execution with hand-over to the donor is PIP, instant by instant, where sections are not nested', () => {
  let instants = 0;
  fc.assert(
    fc.property(fc.array(JOB, { minLength: 3, maxLength: 5 }), jobs => {
      const scenario = (options = {}) => scenarioOf({ mutexes: LOCKS, options, tasks: tasksOf(jobs) });
      const inherited = timeline(observe(scenario({ 'pip.release': 'free' }), [pip]));
      expect(timeline(observe(scenario(THEORY), [proxy]))).toEqual(inherited);
      instants += inherited.length;
    }),
    { numRuns: 200 },
  );
  expect(instants).toBeGreaterThan(500);
});

/** Takes no lock twice. */
const ONCE = JOB.map(job => ({ ...job, sections: job.sections.filter((s, i, all) => all.findIndex(o => o.lock === s.lock) === i) }));

// Handed over, a lock is with a less urgent waiter when its last owner asks for it again: one more section than the bound counts.
test.each([
  ['pip, left free', pip, pipBlocking, JOB, { 'pip.release': 'free' }],
  ['pip, handed over', pip, pipBlocking, ONCE, { 'pip.release': 'handOver' }],
  ['pcp', pcp, ceilingBlocking, JOB, {}],
  ['icpp', icpp, ceilingBlocking, JOB, {}],
  ['npp', npp, nppBlocking, JOB, {}],
] as const)('under %s no job is blocked for longer than the bound says', (_name, module, bound, job, options) => {
  let positive = 0;
  fc.assert(
    fc.property(fc.array<Job>(job, { minLength: 3, maxLength: 5 }), jobs => {
      const unit = jobs.length + 1;
      const users = jobs.map(({ sections }, i): LockUser => ({
        priority: i + 1,
        sections: sections.map(s => ({ lock: `m${s.lock}`, length: s.ns * unit })),
      }));
      const observed = observe(scenarioOf({ mutexes: LOCKS, options, tasks: tasksOf(jobs) }), [module]);
      bound(users).forEach((most, i) => {
        const blocked = blocking(observed, i);
        if (blocked > 0) positive++;
        expect(blocked).toBeLessThanOrEqual(most);
      });
    }),
    { numRuns: 100 },
  );
  expect(positive).toBeGreaterThan(20);
});

/** How long a less urgent task executes between the release of job `i` and its end. */
function blocking({ sink }: Observed, i: number): number {
  const at = (event: 'jobRelease' | 'jobDone'): number =>
    Number(
      sink
        .of(event)
        .find(line => line.split(' ')[2] === `t${i}`)!
        .split(' ')[0],
    );
  const [release, done] = [at('jobRelease'), at('jobDone')];
  return sink.ran
    .filter(r => Number(r.task.slice(1)) > i)
    .reduce((sum, r) => sum + Math.max(0, Math.min(r.to, done) - Math.max(r.from, release)), 0);
}
