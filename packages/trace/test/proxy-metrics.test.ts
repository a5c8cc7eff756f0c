import type { CpuId } from '@proxysched/core';
import { ColumnSink, computeMetrics, type LockMetrics, type Metrics, type TaskMetrics } from '../src/index.js';
import { MS, Script } from './script.js';

/** Protects the metrics of `proxy-execution.md` 22: each script is short enough to be computed by hand, as its comments do. */

interface Measured extends Metrics {
  of(comm: string): TaskMetrics;
  lock(name: string): LockMetrics;
}

function measure(cpus: number, play: (s: Script) => void): Measured {
  const sink = new ColumnSink(2);
  play(new Script(cpus, [sink]));
  const m = computeMetrics(sink);
  return { ...m, of: comm => m.tasks.find(t => t.task.comm === comm)!, lock: name => m.locks.find(l => l.name === name)! };
}

const nice = (n: number) => ({ kind: 'normal', nice: n }) as const;
const fifo = (prio: number) => ({ kind: 'fifo', prio }) as const;

/** w follows own to CPU 1, where own is no more when w is picked; follows it back to CPU 0, and there own runs for it. */
const chase = measure(2, s => {
  const own = s.task('own', nice(0), { cpu: 1 });
  const w = s.task('w', nice(-5), { cpu: 0, cpus: [0] });
  const a = s.mutex('a');
  s.begin().at(0).release(own).run(1, own).lock(own, a).release(w).run(0, w);
  s.at(1)
    .block(w, a, true)
    .outcome(0, w, { kind: 'migrate', task: w, to: 1 as CpuId });
  s.move(w, 1, 'proxy').run(0, null);
  s.at(2).run(1, null).move(own, 0, 'balance').run(0, own);
  s.outcome(1, w, { kind: 'migrate', task: w, to: 0 as CpuId }).move(w, 0, 'proxy');
  s.at(3).outcome(0, w, { kind: 'run', task: own, depth: 1 }).run(0, own, w);
  s.at(5).unlock(own, a, w, 'donor').wake(w, own).run(0, w).take(w, a, true);
  s.at(6).unlock(w, a, null).exit(w).run(0, own).at(7).exit(own).run(0, null).end();
});

test('a move to where the owner has left is in vain; one after which somebody runs in its name is not', () => {
  expect(chase.totals.migrations.proxy).toBe(2);
  expect(chase.totals.wastedMoves).toEqual({ ownerLeft: 1, unneeded: 0 });
  expect(chase.of('w').wastedMoves).toBe(1);
  expect(chase.pairs).toEqual([{ donor: 2, runner: 1, time: 2 * MS }]);
});

test('a waiter queued where it may not execute is counted, only while it is', () => {
  expect(chase.totals.outside).toBe(MS);
  expect(chase.totals.outsideMost).toEqual({ value: 1, at: MS });
  expect([chase.of('w').outside, chase.of('own').outside]).toEqual([MS, 0]);
});

test('waits for a lock, holds and hand-offs, by lock and by task', () => {
  const { wait, hold, taken, releases } = chase.lock('a');
  expect(taken).toBe(2);
  expect(wait).toEqual({ count: 1, total: 4 * MS, max: { value: 4 * MS, at: 5 * MS }, median: 4 * MS, p90: 4 * MS, p99: 4 * MS });
  expect(hold).toEqual({ count: 2, total: 6 * MS, max: { value: 5 * MS, at: 5 * MS }, median: MS, p90: 5 * MS, p99: 5 * MS });
  expect(releases).toEqual({ donor: 1, asked: 0, waiter: 0, free: 0, unwanted: 1 });
  expect(chase.totals.releases).toEqual(releases);
  expect([chase.of('own').lockHold.total, chase.of('w').lockHold.total]).toEqual([5 * MS, MS]);
});

test('walks by what they found and how far they went', () => {
  expect(chase.totals.outcomes).toMatchObject({ migrate: 2, run: 1, park: 0, idle: 0 });
  expect(chase.totals.walkDepths).toEqual([{ value: 1, count: 1 }]);
  expect(chase.totals.chainDepths).toEqual([{ value: 2, count: 1 }]);
});

test('a move is unneeded when the lock comes before anybody ran for it', () => {
  const m = measure(2, s => {
    const own = s.task('own', nice(0), { cpu: 1 });
    const w = s.task('w', nice(-5), { cpu: 0 });
    const a = s.mutex('a');
    s.begin().at(0).release(own).run(1, own).lock(own, a).release(w).run(0, w);
    s.at(1).block(w, a, true).move(w, 1, 'proxy').run(0, null);
    s.at(2).unlock(own, a, null, 'free').move(w, 0, 'return').wake(w, own).run(0, w).take(w, a, true);
    s.at(3).unlock(w, a, null).end();
  });
  expect(m.totals.wastedMoves).toEqual({ ownerLeft: 0, unneeded: 1 });
  expect(m.totals.releases).toMatchObject({ free: 1, unwanted: 1 });
});

test('a link of the chain is of use as its donor is', () => {
  const m = measure(2, s => {
    const [own, link, top] = [s.task('own', nice(0), { cpu: 1 }), s.task('link', nice(0)), s.task('top', nice(-5))];
    const [a, b] = [s.mutex('a'), s.mutex('b')];
    s.begin().at(0).release(own).run(1, own).lock(own, a).release(link).run(0, link).lock(link, b);
    s.at(1).block(link, a, true).release(top).run(0, top);
    s.at(2).block(top, b, true).move(link, 1, 'proxy').move(top, 1, 'proxy').run(0, null);
    s.at(2).outcome(1, top, { kind: 'run', task: own, depth: 2 }).run(1, own, top);
    s.at(4).end({ outcome: 'timeLimit' });
  });
  expect(m.totals.wastedMoves).toEqual({ ownerLeft: 0, unneeded: 0 });
  // Blocked at 1 and 2, and open to the end; own holds a all the time, link b.
  expect(m.lock('a').wait.total).toBe(3 * MS);
  expect(m.lock('b').wait.total).toBe(2 * MS);
  expect(m.lock('a').hold.total).toBe(4 * MS);
});

test('an urgent task that waits while a lower one has a CPU it may use is outranked', () => {
  const m = measure(2, s => {
    const [hi, lo, fair] = [s.task('hi', fifo(30)), s.task('lo', fifo(10)), s.task('fair', nice(0), { cpu: 1 })];
    s.begin().at(0).release(lo).run(0, lo).release(fair).run(1, fair);
    s.at(1).release(hi); // lo and fair run, both lower
    s.at(2).run(0, hi); // now lo waits, and fair runs
    s.at(3).move(lo, 1, 'push').run(1, lo);
    s.at(4).end();
  });
  expect(m.totals.outranked).toBe(2 * MS);
  expect(m.totals.outrankings).toBe(1);
  expect(m.totals.outrankedMax).toEqual({ value: 2 * MS, at: 3 * MS });
  expect(['hi', 'lo', 'fair'].map(name => m.of(name).outranked)).toEqual([MS, MS, 0]);
});

test('affinity excuses, and so does an empty budget', () => {
  const m = measure(2, s => {
    const top = s.task('top', fifo(40));
    const pinned = s.task('pinned', fifo(30), { cpus: [0] });
    const dl = s.task('dl', { kind: 'deadline', runtime: MS, deadline: 4 * MS, period: 4 * MS }, { cpu: 1 });
    s.begin().at(0).release(top).run(0, top).release(pinned).release(dl).run(1, dl);
    s.at(1).mark(1, 'throttle', dl, 0).run(1, null); // CPU 1 idles: dl may not run, pinned may not run there
    s.at(3).mark(1, 'replenish', dl, MS); // now it might: it does half a millisecond later
    s.at(3.5).run(1, dl);
    s.at(4).end();
  });
  expect(m.totals.outranked).toBe(0.5 * MS);
  expect([m.of('pinned').outranked, m.of('dl').outranked]).toEqual([0, 0.5 * MS]);
});

test('a blocked context counts by the end of its chain: where that may run, and whether it does', () => {
  const m = measure(2, s => {
    const own = s.task('own', nice(0), { cpu: 1, cpus: [1] });
    const w = s.task('w', fifo(30));
    const other = s.task('other', nice(0), { cpu: 1 });
    const a = s.mutex('a');
    s.begin().at(0).release(own).run(1, own).lock(own, a).release(w).run(0, w);
    s.at(1).block(w, a, true).run(0, null); // own runs: its chain does, in whoever's name
    s.at(2).release(other).run(1, other); // own waits, other runs
    s.at(4).run(1, own);
    s.at(5).end();
  });
  expect(m.of('w').outranked).toBe(2 * MS);
  expect(m.totals.outranked).toBe(2 * MS);
});

test('the limit that real-time tasks share excuses all of them on that CPU', () => {
  const m = measure(1, s => {
    const [rt, fair] = [s.task('rt', fifo(10)), s.task('fair', nice(0))];
    s.begin().at(0).release(rt).run(0, rt).release(fair);
    s.at(1).mark(0, 'throttle', rt, 0).run(0, fair);
    s.at(3).mark(0, 'replenish', fair, 0).at(4).run(0, rt).at(5).end();
  });
  expect(m.of('rt').outranked).toBe(MS);
});

test('parked from leaving the queue until the owner is back, or the task is woken for itself, or the end', () => {
  const m = measure(1, s => {
    const [own, w, v, u] = [s.task('own', fifo(1)), s.task('w', fifo(3)), s.task('v', fifo(2)), s.task('u', fifo(2))];
    const a = s.mutex('a');
    s.begin().at(0).release(own).run(0, own).lock(own, a).sleep(own).release(w).release(v).release(u).run(0, w);
    s.at(1).block(w, a, true).outcome(0, w, { kind: 'park', task: w, owner: own }).park(w, own).run(0, v);
    s.at(2).block(v, a, true).park(v, own).run(0, u);
    s.at(3).block(u, a, true).park(u, own).run(0, null);
    s.at(5).wake(v); // a signal
    s.at(7).wake(own).unpark(w, own).run(0, own, w);
    s.at(8).end();
  });
  expect(['w', 'v', 'u'].map(name => m.of(name).parked.total)).toEqual([6 * MS, 3 * MS, 5 * MS]);
  expect(m.totals.parked).toEqual({ count: 3, time: 14 * MS });
  expect(m.of('w').donatedTo).toBe(MS);
});

test('an idle visit lasts until the next walk there or the next task', () => {
  const m = measure(2, s => {
    const [p, q] = [s.task('p', nice(0)), s.task('q', nice(0), { cpu: 1 })];
    s.begin().at(0).release(p).run(0, p).release(q).run(1, q);
    s.at(1).outcome(0, p, { kind: 'idle', why: 'ownerMigrating' }).run(0, null);
    s.at(2).outcome(1, q, { kind: 'idle', why: 'currInChain' }).run(1, null);
    s.at(2).outcome(1, q, { kind: 'deactivate', task: q, why: 'ownerAsleep' });
    s.at(4).run(0, p);
    s.at(5).end();
  });
  expect([m.totals.idleVisits, m.totals.idleVisitTime]).toEqual([2, 3 * MS]);
  expect(m.totals.whys).toMatchObject({ ownerMigrating: 1, currInChain: 1, ownerAsleep: 1 });
});

test('passes by the number of times they picked again; those that did not are counted too', () => {
  const m = measure(1, s => {
    s.begin().at(1).pass(0, 3).repick(0, 2).pass(0).repick(0, 2).pass(0).repick(0, 7).pass(0).end();
  });
  expect(m.totals.passes).toBe(6);
  expect(m.totals.repicksPerPass).toEqual([
    { value: 0, count: 3 },
    { value: 2, count: 2 },
    { value: 7, count: 1 },
  ]);
});

test('spinning, stealing and failing are told of the lock', () => {
  const m = measure(2, s => {
    const [own, thief, w] = [s.task('own', nice(0)), s.task('thief', nice(0), { cpu: 1 }), s.task('w', nice(0))];
    const a = s.mutex('a');
    s.begin().at(0).release(own).run(0, own).lock(own, a).release(thief).run(1, thief).spin(thief, a, true);
    s.at(1).release(w).run(0, w).block(w, a, true).run(0, own, w);
    s.at(3).unlock(own, a, null, 'free').spin(thief, a, false).take(thief, a, false, true);
    s.at(4).trace.mutexFailed(4 * MS, w, a, 'EINTR');
    s.end();
  });
  expect(m.lock('a')).toMatchObject({ spun: 3 * MS, steals: 1, failed: 1, taken: 2, wait: { total: 3 * MS } });
  expect(m.totals).toMatchObject({ spun: 3 * MS, steals: 1 });
});
