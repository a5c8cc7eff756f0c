import { ColumnSink, computeMetrics, MetricsSink } from '../src/index.js';
import { Script, inversion, twoCpus } from './script.js';
import { storm } from './storm.js';

/** Tasks that nobody knows of at the beginning, enough to outgrow whatever was made for those that were known. */
function forks(sinks: readonly (ColumnSink | MetricsSink)[]): void {
  const s = new Script(2, sinks);
  const parent = s.task('parent', { kind: 'fifo', prio: 5 });
  const m = s.mutex('m');
  s.begin().at(0).release(parent).run(0, parent).lock(parent, m);
  for (let i = 1; i <= 150; i++) {
    const child = s.at(i).task(`child${i}`, { kind: 'fifo', prio: 1 + (i % 9) }, { cpu: 1 });
    s.wake(child, parent, true).run(1, child).block(child, m, true).run(1, null);
  }
  s.at(200).unlock(parent, m, s.tasks[7]!).end();
}

const RUNS: readonly (readonly [string, (sinks: readonly (ColumnSink | MetricsSink)[]) => void])[] = [
  ['an inversion', s => inversion(true, s)],
  ['two CPUs', twoCpus],
  ['a storm', s => storm(4, 40, 3000, s)],
  ['forks', forks],
  ['nothing', () => undefined],
];

test.each(RUNS)('%s: computed while the run goes on, the metrics are those of its recording', (_, run) => {
  const [columns, live] = [new ColumnSink(), new MetricsSink()];
  run([columns, live]);
  const metrics = live.metrics();
  expect(metrics).toEqual(computeMetrics(columns));
  expect(live.metrics()).toBe(metrics);
});
