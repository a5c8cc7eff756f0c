import { writeFileSync } from 'node:fs';
import { ColumnSink, renderGantt } from '../src/index.js';
import { inversion, twoCpus } from './script.js';
test('x', () => {
  const a = new ColumnSink(); inversion(false, [a]);
  const b = new ColumnSink(); inversion(true, [b]);
  const c = new ColumnSink(); twoCpus([c]);
  writeFileSync('/tmp/inv.svg', renderGantt([{ columns: a, title: 'Without proxy execution', about: 'high leaves the run queue when it blocks; the mutex owner keeps its own low rank' }, { columns: b, title: 'With proxy execution', about: 'high stays queued and is still picked; the scheduler runs the mutex owner in its name' }], { title: 'Priority inversion on one CPU, without and with proxy execution', about: 'Three SCHED_FIFO tasks; low and high share mutex M. Same releases, same work, same mutex.', footnote: 'With fixed priorities, classic priority inheritance yields the same run order as b.' }));
  writeFileSync('/tmp/two.svg', renderGantt([{ columns: c, title: 'Two CPUs' }], { title: 'A chain across two CPUs' }));
  writeFileSync('/tmp/dark.svg', renderGantt([{ columns: c, title: 'Two CPUs' }], { title: 'A chain across two CPUs', theme: 'dark' }));
});
