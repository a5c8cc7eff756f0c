import { ColumnSink, commOf, walkSpans, type SpanVisitor } from '../src/index.js';
import { MS, inversion, twoCpus } from './script.js';

function spansOf(run: (sinks: ColumnSink[]) => void, comm: string): string[] {
  const columns = new ColumnSink();
  run([columns]);
  const out: string[] = [];
  const visitor: SpanVisitor = {
    taskSpan: s => {
      if (commOf(columns, s.pid) !== comm || s.face === 'off') return;
      const held = s.held.map(m => columns.mutexes[m]).join('');
      out.push(
        `${s.from / MS}-${s.to / MS} ${s.face}${s.other === 0 || s.other === s.pid ? '' : ` ${commOf(columns, s.other)}`}${held === '' ? '' : ` +${held}`}`,
      );
    },
  };
  walkSpans(columns, visitor);
  return out;
}

test('a donor, from both sides', () => {
  expect(spansOf(s => inversion(true, s), 'high')).toEqual(['2-3 running', '3-6 donating low', '6-8 running +M', '8-9 running']);
  expect(spansOf(s => inversion(true, s), 'low')).toEqual([
    '0-1 running',
    '1-2 running +M',
    '2-3 ready +M',
    '3-6 running high +M',
    '6-15 ready',
    '15-16 running',
  ]);
});

test('classic blocking is off the queue', () => {
  expect(spansOf(s => inversion(false, s), 'high')).toEqual(['2-3 running', '3-12 blocked', '12-14 running +M', '14-15 running']);
});

test('queued and not picked, throttled', () => {
  expect(spansOf(twoCpus, 'top')).toEqual([
    '3-4 running',
    '4-5 donating own',
    '5-5.5 waiting',
    '5.5-7 donating own',
    '7-8 donating link',
    '8-10 running +b',
  ]);
  expect(spansOf(twoCpus, 'dl')).toEqual(['1.5-2.5 running', '2.5-5 throttled', '5-5.5 running']);
});

test('the spans of each CPU follow each other without gaps', () => {
  const columns = new ColumnSink();
  twoCpus([columns]);
  const upTo = [0, 0];
  walkSpans(columns, {
    cpuSpan: s => {
      expect(s.from).toBe(upTo[s.cpu]);
      upTo[s.cpu] = s.to;
    },
  });
  expect(upTo).toEqual([14 * MS, 14 * MS]);
});
