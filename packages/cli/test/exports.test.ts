import { ColumnSink, TextSink, type RunInfo } from '@proxysched/trace';
import type { ExportFormat } from '../src/export-format.js';
import { Exports } from '../src/exports.js';
import type { Io } from '../src/io.js';
import { makeWorld } from './fake-io.js';

/** Who keeps events keeps 28 bytes of each: only a format that needs all of them at once may. */
test.each([
  [[], []],
  [['json'], []],
  [['text'], [TextSink]],
  [['perfetto'], [ColumnSink]],
  [
    ['svg', 'recording', 'text'],
    [ColumnSink, TextSink],
  ],
] as const)('%j listen with as little as they need', (formats: readonly ExportFormat[], kinds) => {
  const io = { stdout: { write: () => true, isTTY: false } } as unknown as Io;
  const exports = new Exports(formats, undefined, { scenario: { name: 'x' } } as never, io);
  expect(exports.listen({} as RunInfo).map(sink => sink.constructor)).toEqual(kinds);
});

describe('what a run prints', () => {
  const world = makeWorld();
  const file = world.file(
    's.yaml',
    `version: 1
until: 20ms
tasks:
  - {name: low, policy: fifo 1, program: [{lock: M}, {run: 5ms}, {unlock: M}]}
  - {name: high, policy: fifo 3, start: 1ms, program: [{lock: M}, {run: 1ms}, {unlock: M}]}
`,
  );

  test('--metrics has what the summary leaves out, and the same digest', async () => {
    const [short, long] = [await world.run('run', file), await world.run('run', file, '--metrics')];
    expect(short.out).not.toContain('releases:');
    expect(long.out).toContain(' M         2      1    4.0  4.0  4.0    6.0  5.0  5.0     -       -       1\n');
    expect(long.out).toContain(' releases: to the donor 1   nobody waited 1\n');
    const digest = (text: string): string => / digest (\w+)/.exec(text)![1]!;
    expect(digest(long.out)).toBe(digest(short.out));
  });

  test('--passes adds both ends of each pass to the text, and nothing else', async () => {
    const [without, having] = [
      await world.run('run', file, '--export', 'text'),
      await world.run('run', file, '--export', 'text', '--passes'),
    ];
    const lines = having.out.split('\n').filter(line => !/ sched(Entry|Exit) /.test(line.padEnd(40)));
    expect(having.out).toMatch(/schedEntry/);
    expect(lines.join('\n')).toBe(without.out);
  });
});
