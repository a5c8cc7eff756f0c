import { ColumnSink, firstDivergence, renderCompare } from '../src/index.js';
import { MS, Script, inversion, twoCpus } from './script.js';
import { storm } from './storm.js';

function record(run: (sinks: ColumnSink[]) => void): ColumnSink {
  const columns = new ColumnSink();
  run([columns]);
  return columns;
}

const off = record(s => inversion(false, s));
const on = record(s => inversion(true, s));

test('the first difference is the first donation', () => {
  const d = firstDivergence(off, on, ['off', '7.3'])!;
  expect(d).toMatchObject({
    at: 3 * MS,
    cpu: 0,
    a: { curr: 'low', donor: 'low', waitsFor: null },
    b: { curr: 'low', donor: 'high', waitsFor: 'M' },
    sentence: 'At 3.000000 ms on CPU 0, off runs low in its own name, and 7.3 runs low in the name of high, which waits for M.',
  });
  expect(on.at(d.b.event)).toMatchObject({ name: 'schedSwitch', time: 3 * MS, c: 3 });
});

test('a run does not differ from itself', () => {
  expect(
    firstDivergence(
      on,
      record(s => inversion(true, s)),
    ),
  ).toBeNull();
  expect(renderCompare(on, on)).toContain('The two schedules are the same.');
});

test('what lasts no time is no difference', () => {
  const one = (visit: boolean): ColumnSink =>
    record(sinks => {
      const s = new Script(1, sinks);
      const p = s.task('p', { kind: 'fifo', prio: 1 });
      const q = s.task('q', { kind: 'fifo', prio: 2 });
      s.begin().release(p).run(0, p).at(1).release(q);
      if (visit) s.run(0, null);
      s.run(0, q).at(2).end();
    });
  expect(firstDivergence(one(false), one(true))).toBeNull();
});

test('the table fits 80 columns and says what changed', () => {
  const text = renderCompare(off, on, { names: ['off', '7.3'] });
  expect(text).toContain(' high  13.0   7.0    -6.0  9.0  3.0   0.0   0.0    1    0\n');
  expect(text).toContain(' inverted ms         6.0   0.0\n');
  for (const [a, b] of [
    [off, on],
    [on, record(twoCpus)],
    [record(s => storm(4, 60, 5000, s)), record(s => storm(4, 60, 5001, s))],
  ] as const) {
    expect(
      Math.max(
        ...renderCompare(a, b, { names: ['a long name indeed', 'another'] })
          .split('\n')
          .map(l => l.length),
      ),
    ).toBeLessThanOrEqual(80);
  }
});

test('a task whose jobs never ended has no longest response, and no change of it', () => {
  const one = (ends: boolean): ColumnSink =>
    record(sinks => {
      const s = new Script(1, sinks);
      const p = s.task('p', { kind: 'fifo', prio: 1 });
      s.begin().release(p).run(0, p).at(3);
      if (ends) s.done(p);
      s.at(5).end();
    });
  expect(renderCompare(one(false), one(true))).toMatch(/ p +- +3\.0 +- /);
});

test('colours only when asked', () => {
  expect(renderCompare(off, on)).not.toContain('\u001b');
  expect(renderCompare(off, on, { color: true })).toContain('\u001b[32m high');
});
