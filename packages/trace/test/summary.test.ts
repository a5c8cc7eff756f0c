import { ColumnSink, computeMetrics, renderSummary, type Metrics } from '../src/index.js';
import { INFO, MS, Script, inversion, twoCpus } from './script.js';
import { storm } from './storm.js';

function measure(run: (sinks: ColumnSink[]) => void): Metrics {
  const columns = new ColumnSink();
  run([columns]);
  return computeMetrics(columns);
}

test('the inversion in 80 columns', () => {
  const text = renderSummary(
    measure(s => inversion(false, s)),
    { ...INFO, proxy: 'off' },
    { digest: '0123456789abcdef', reproduce: 'proxysched run x' },
  );
  expect(`\n${text}`).toBe(`
 workload inversion   1 cpu   proxy execution off   seed 1   16.0 ms simulated
                           response ms    wait for donated
 task  class    jobs   max   p99   med  lock   cpu  to  by  miss  migr
 high  FIFO 30     1  13.0  13.0  13.0   9.0     -   -   -     1     0
 mid   FIFO 20     1   6.0   6.0   6.0     -     -   -   -     0     0
 low   FIFO 10     1  16.0  16.0  16.0     -  10.0   -   -     0     0
 maxima  response  @ ms  lock  @ ms  cpu  @ ms  late  @ ms
 high        13.0  15.0   9.0  12.0    -         3.0  15.0
 mid          6.0   9.5     -          -           -
 low         16.0  16.0     -        6.0   9.5     -
 inverted 6.0 ms (longest 6.0 ms, until 9.5 ms)   donated 0.0 ms
 switches 6, to or from idle 2   re-picks 0   proxy migrations 0
 return migrations 0   idle visits 0   hand-offs 1 (to the donor 0)
 longest chain 2 (at 3.0 ms)   deadlocks 0   misses 1
 digest 0123456789abcdef
 reproduce: proxysched run x
`);
});

test('80 columns hold for many tasks, long times and long names', () => {
  const long = measure(sinks => {
    const s = new Script(1, sinks);
    for (let i = 0; i < 30; i++) {
      const p = s.task(`a-long-name-${String(i).padStart(3, '0')}`, {
        kind: 'deadline',
        runtime: 3_123_456,
        deadline: 10 * MS,
        period: 20 * MS,
      });
      if (i === 0) s.begin();
      s.at(100_000 * i + 0.123456)
        .release(p)
        .run(0, p);
      s.at(100_000 * i + 99_999.5)
        .done(p)
        .sleep(p)
        .run(0, null);
    }
    s.end();
  });
  for (const m of [long, measure(twoCpus), measure(s => storm(4, 60, 5000, s)), measure(() => {})]) {
    for (const details of [false, true]) {
      const lines = renderSummary(m, INFO, { details }).split('\n');
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80);
    }
  }
  expect(renderSummary(long, INFO)).toContain(' … and 6 more (--json has all)\n');
});

test('the long summary: locks, tasks, donor pairs, counts and histograms; what would be empty is not there', () => {
  const text = renderSummary(
    measure(s => inversion(true, s)),
    INFO,
    { details: true },
  );
  expect(text).toContain(`
                            waits ms          held ms
 lock  taken  waits  total  max  p99  total  max  p99  spun  stolen  handed
 M         2      1    3.0  3.0  3.0    7.0  5.0  5.0     -       -       1
           waits ms         held ms
 task waits p99 med holds total max parked outranked outside inverted wasted
 high     1 3.0 3.0     1   2.0 2.0      -         -       -        -      -
 low      -   -   -     1   5.0 5.0      -         -       -        -      -
 donor  runner  donated ms
 high   low            3.0
 releases: to the donor 1   nobody waited 1
 walks: run 1
 walks by links: 1 ×1
 blocks by chain: 2 ×1
`);
  expect(
    renderSummary(
      measure(() => {}),
      INFO,
      { details: true },
    ),
  ).toBe(
    renderSummary(
      measure(() => {}),
      INFO,
    ),
  );
});

test('many bars are drawn together', () => {
  const m = measure(sinks => {
    const s = new Script(1, sinks).begin();
    for (let i = 1; i <= 40; i++) s.at(i).repick(0, i).pass(0);
    s.end();
  });
  expect(renderSummary(m, INFO, { details: true })).toContain(
    ' passes by re-picks: 1 ×1   2 ×1   3-4 ×2   5-8 ×4   9-16 ×8   17-32 ×16\n 33-64 ×8\n',
  );
});

test('a miss is red on a terminal, and only there', () => {
  const m = measure(s => inversion(false, s));
  expect(renderSummary(m, INFO, { color: true })).toContain('\u001b[31m high');
  expect(renderSummary(m, INFO)).not.toContain('\u001b');
});

test('a deadlock is said first', () => {
  const m = measure(
    sinks =>
      void new Script(1, sinks)
        .begin()
        .at(3)
        .end({ outcome: 'deadlock', cycle: [] } as never),
  );
  expect(renderSummary(m, INFO)).toContain(' ended in a deadlock at 3.0 ms\n');
});

test('overruns are counted, and told when there are any', () => {
  const m = (marks: readonly string[]): Metrics =>
    measure(sinks => {
      const s = new Script(1, sinks);
      const p = s.task('a', { kind: 'deadline', runtime: MS, deadline: 5 * MS, period: 5 * MS });
      s.begin().at(0).run(0, p);
      for (const mark of marks) s.mark(0, mark, p, 0);
      s.at(MS).exit(p).run(0, null).end();
    });
  const two = m(['overrun', 'throttle', 'overrun']);
  expect(two.totals.overruns).toBe(2);
  expect(renderSummary(two, INFO)).toContain(' misses 0   overruns 2');
  expect(renderSummary(m(['throttle']), INFO)).not.toContain('overruns');
});
