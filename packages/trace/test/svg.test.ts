import { ColumnSink, renderGantt } from '../src/index.js';
import { Script, inversion, twoCpus, MS } from './script.js';
import { storm } from './storm.js';

function record(run: (sinks: ColumnSink[]) => void): ColumnSink {
  const columns = new ColumnSink();
  run([columns]);
  return columns;
}

const without = { columns: record(s => inversion(false, s)), title: 'Without proxy execution' };
const withProxy = { columns: record(s => inversion(true, s)), title: 'With proxy execution' };
const both = renderGantt([without, withProxy], {
  title: 'Priority inversion on one CPU',
  about: 'Three tasks & a mutex',
  footnote: 'Not a proof.',
});

/** Contents of every `<text>`. */
function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(m => m[1]!.replaceAll(/<[^>]*>/g, ''));
}

test('the inversion says what happened, in words and numbers', () => {
  expect(texts(both)).toEqual(
    expect.arrayContaining([
      'priority inversion 6.0 ms: mid runs while high waits',
      'late by 3.0 ms',
      '3.0 ms to spare',
      'low runs as proxy 3.0 ms',
      'low, for high',
      'blocked, donating',
      'blocked on M, off the run queue',
      'unlock M: handed to high',
      'unlock M: handed to the donor',
      'donor ≠ current',
      'FIFO 30 · C = 4 · D = 10 ms',
      'response time of high',
      '13.0 ms',
      '7.0 ms',
      'mid, unrelated to M',
      'low inside M, for high',
      'blocked-on chain at 4 ms',
      'Three tasks &amp; a mutex',
      'Not a proof.',
    ]),
  );
  expect(both).toContain(
    '<desc id="ps-d">2 schedules of 3 tasks on one time axis from 0 to 16 ms. Without proxy execution: high responds in 13.0 ms at the longest, waits 9.0 ms for locks, misses 1 deadline, by 3.0 ms at most, inverted 6.0 ms, donated 0.0 ms, 6 context switches. With proxy execution: high responds in 7.0 ms at the longest, waits 3.0 ms for locks, inverted 0.0 ms, donated 3.0 ms, 5 context switches.</desc>',
  );
});

test('the legend has the marks that occur and no others', () => {
  const legend = texts(renderGantt([without], { title: 't' }));
  expect(legend).toContain('blocked, off the run queue');
  expect(legend).not.toContain('blocked, still queued and picked: donor');
  expect(texts(both)).toContain('blocked, still queued and picked: donor');
  expect(texts(both)).not.toContain('proxy migration');
});

test('the same recording gives the same bytes', () => {
  expect(
    renderGantt([without, withProxy], { title: 'Priority inversion on one CPU', about: 'Three tasks & a mutex', footnote: 'Not a proof.' }),
  ).toBe(both);
});

test('well-formed: tags match, ids are unique and prefixed, references resolve, three decimals at most', () => {
  for (const svg of [
    both,
    renderGantt([{ columns: record(twoCpus), title: 'x' }], { title: 'a < b & "c"', idPrefix: 'fig2', theme: 'dark' }),
  ]) {
    const open: string[] = [];
    for (const [, close, name, selfClosed] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gi)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (selfClosed !== '/') open.push(name!);
    }
    expect(open).toEqual([]);
    const ids = [...svg.matchAll(/ id="([^"]*)"/g)].map(m => m[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    const prefix = svg.includes('fig2-') ? 'fig2-' : 'ps-';
    expect(ids.filter(id => !id.startsWith(prefix))).toEqual([]);
    for (const [, id] of svg.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(id);
    expect(svg).not.toMatch(/NaN|undefined|Infinity|\.\d{4,}/);
  }
});

test('two CPUs: migrations, chains, throttling', () => {
  const words = texts(renderGantt([{ columns: record(twoCpus), title: 'Two CPUs' }], { title: 't' }));
  expect(words).toEqual(
    expect.arrayContaining(['proxy migration', 'return migration', 'budget empty, throttled', 'blocked, still queued, not picked']),
  );
  expect(words).toEqual(
    expect.arrayContaining(['own inside a, for top', 'dl, unrelated to b', 'link inside b, for top', 'deadline (9 ms)', 'met']),
  );
});

test('a long trace of many tasks stays small: narrow bars merge, CPU pairs only', () => {
  const svg = renderGantt([{ columns: record(s => storm(8, 40, 40_000, s)), title: 'Storm' }], { title: 'Storm' });
  expect(svg.length).toBeLessThan(1_000_000);
  expect(texts(svg)).toContain('many short bars: height is the share of time');
  expect(texts(svg)).toContain('CPU 7');
  expect(texts(svg)).not.toContain('runnable, waiting for the CPU');
});

test('an inversion of a nanosecond keeps a mark of 3 px', () => {
  const columns = record(sinks => {
    const s = new Script(1, sinks);
    const low = s.task('low', { kind: 'fifo', prio: 1 });
    const mid = s.task('mid', { kind: 'fifo', prio: 2 });
    const high = s.task('high', { kind: 'fifo', prio: 3 });
    const m = s.mutex('M');
    s.begin().at(0).release(low).run(0, low).lock(low, m).at(1).release(high).run(0, high).block(high, m, false).run(0, low);
    s.at(500).release(mid).run(0, mid);
    s.at(500.000001).sleep(mid).run(0, low);
    s.at(1000).end();
  });
  expect(renderGantt([{ columns, title: 'x' }], { title: 'x' })).toMatch(/width="3" height="[\d.]+" fill="#C8450B" opacity=".075"/);
});

test('a window shows a part', () => {
  const svg = renderGantt([withProxy], { title: 'x', from: 3 * MS, until: 6 * MS });
  expect(texts(svg)).toContain('low, for high');
  expect(texts(svg)).not.toContain('16');
});

test('nothing happened', () => {
  const columns = record(sinks => void new Script(1, sinks).begin().at(5).end());
  expect(renderGantt([{ columns, title: 'x' }], { title: 'x' })).toContain('CPU 0');
  expect(renderGantt([{ columns: new ColumnSink(), title: 'x' }], { title: 'x' })).toContain('</svg>');
});
