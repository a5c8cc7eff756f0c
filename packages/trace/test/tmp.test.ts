import { ColumnSink, TextSink, DigestSink, computeMetrics, renderSummary, renderCompare } from '../src/index.js';
import { inversion, twoCpus, INFO } from './script.js';
test('x', () => {
  const d = new DigestSink();
  const lines: string[] = [];
  const a = new ColumnSink(); inversion(false, [a]);
  const b = new ColumnSink(); inversion(true, [b, d, new TextSink(l => lines.push(l), INFO)]);
  const c = new ColumnSink(); twoCpus([c]);
  const out = lines.join('\n') + '\n' + renderSummary(computeMetrics(b), INFO, { digest: d.digest(), reproduce: 'proxysched run inversion.json --proxy 7.3 --seed 1' }) + renderSummary(computeMetrics(c), INFO) + renderCompare(a, b, { names: ['off', '7.3'] });
  process.stdout.write(out);
});
