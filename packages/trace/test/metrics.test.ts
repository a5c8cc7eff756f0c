import { ColumnSink, computeMetrics, type Metrics, type TaskMetrics } from '../src/index.js';
import { MS, Script, inversion, twoCpus } from './script.js';

function measure(run: (sinks: readonly ColumnSink[]) => void): Metrics & { of(comm: string): TaskMetrics } {
  const sink = new ColumnSink(2);
  run([sink]);
  const m = computeMetrics(sink);
  return { ...m, of: comm => m.tasks.find(t => t.task.comm === comm)! };
}

test('without proxying high waits 9 ms for the lock and is inverted for 6 of them', () => {
  const m = measure(sinks => inversion(false, sinks));
  const high = m.of('high');
  expect(high.response).toEqual({ max: { value: 13 * MS, at: 15 * MS }, p99: 13 * MS, median: 13 * MS });
  expect(high.lockWait).toMatchObject({ count: 1, total: 9 * MS, max: { value: 9 * MS, at: 12 * MS } });
  expect(high.cpuWait.total).toBe(0);
  expect(high.misses).toBe(1);
  expect(high.late).toEqual({ value: 3 * MS, at: 15 * MS });
  expect(high.inverted).toBe(6 * MS);
  expect(m.totals.inversion).toBe(6 * MS);
  expect(m.totals.inversionMax).toEqual({ value: 6 * MS, at: 9.5 * MS });
  expect(m.totals.donated).toBe(0);
  expect(m.pairs).toEqual([]);
  expect(m.totals.busy).toBe(16 * MS);
});

test('with proxying low runs 3 ms in the name of high and nothing is inverted', () => {
  const m = measure(sinks => inversion(true, sinks));
  const high = m.of('high');
  const low = m.of('low');
  expect(high.response.max).toEqual({ value: 7 * MS, at: 9 * MS });
  expect(high.lockWait.total).toBe(3 * MS);
  expect([high.donatedTo, high.donatedBy, low.donatedTo, low.donatedBy]).toEqual([3 * MS, 0, 0, 3 * MS]);
  expect([high.executed, high.charged, low.executed, low.charged]).toEqual([4 * MS, 7 * MS, 6 * MS, 3 * MS]);
  expect(m.totals.inversion).toBe(0);
  expect(m.totals.misses).toBe(0);
  expect(m.totals.chainDepth).toEqual({ value: 2, at: 3 * MS, pid: 3 });
  expect(m.pairs).toEqual([{ donor: 3, runner: 1, time: 3 * MS }]);
  expect(m.of('mid').cpuWait).toMatchObject({ count: 1, total: 5.5 * MS, max: { value: 5.5 * MS, at: 9 * MS } });
});

test('migrations, re-picks and chains of a machine with two CPUs', () => {
  const m = measure(twoCpus);
  expect(m.totals.migrations).toMatchObject({ proxy: 2, return: 1, wakeup: 0 });
  expect(m.of('top')).toMatchObject({ migrations: 2, proxyMigrations: 2 });
  expect(m.totals.repicks).toBe(3);
  expect(m.totals.repicksPeak).toEqual({ value: 2, at: 4 * MS, cpu: 0 });
  expect(m.totals.chainDepth).toEqual({ value: 3, at: 4 * MS, pid: 3 });
  // 1.5 ms for link, then 1 + 1.5 ms for top through link, and link itself 1 ms for top.
  expect(m.of('own').donatedBy).toBe(4 * MS);
  expect(m.of('link')).toMatchObject({ donatedTo: 1.5 * MS, donatedBy: MS });
  expect(m.pairs.reduce((sum, pair) => sum + pair.time, 0)).toBe(m.totals.donated);
  expect(m.outcome).toBe('timeLimit');
});

test('time adds up: executed and charged both equal the busy time', () => {
  for (const run of [
    twoCpus,
    (s: readonly ColumnSink[]): void => inversion(true, s),
    (s: readonly ColumnSink[]): void => inversion(false, s),
  ]) {
    const m = measure(run);
    const sum = (pick: (t: TaskMetrics) => number): number => m.tasks.reduce((total, t) => total + pick(t), 0);
    expect(sum(t => t.executed)).toBe(m.totals.busy);
    expect(sum(t => t.charged)).toBe(m.totals.busy);
    expect(sum(t => t.donatedTo)).toBe(sum(t => t.donatedBy));
  }
});

test('a job that is open when its deadline passes is missed, and an open wait counts up to the end', () => {
  const m = measure(sinks => {
    const s = new Script(1, sinks);
    const p = s.task('p', { kind: 'fifo', prio: 5 }, { deadline: 2 * MS });
    const q = s.task('q', { kind: 'fifo', prio: 9 });
    const l = s.mutex('l');
    s.begin().at(0).release(q).run(0, q).lock(q, l).sleep(q).release(p).run(0, p).block(p, l, false).run(0, null);
    s.at(5).end({ outcome: 'timeLimit' });
  });
  expect(m.of('p')).toMatchObject({ jobs: 0, misses: 1, late: { value: 3 * MS, at: 5 * MS } });
  expect(m.of('p').lockWait.total).toBe(5 * MS);
  expect(m.totals.inversion).toBe(0);
});

test('p99 and median are exact', () => {
  const m = measure(sinks => {
    const s = new Script(1, sinks);
    const p = s.task('p', { kind: 'fifo', prio: 5 });
    s.begin();
    for (let i = 1; i <= 200; i++) {
      s.at(1000 * i)
        .release(p)
        .run(0, p);
      s.at(1000 * i + i)
        .done(p)
        .sleep(p)
        .run(0, null);
    }
    s.end();
  });
  expect(m.of('p').response).toEqual({ max: { value: 200 * MS, at: 200_200 * MS }, p99: 198 * MS, median: 100 * MS });
});

test('an empty recording has metrics', () => {
  const m = computeMetrics(new ColumnSink());
  expect(m.tasks).toEqual([]);
  expect(m.at).toBe(0);
});
