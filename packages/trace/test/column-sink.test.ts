import { ColumnSink, EVENT, MOVE_REASONS, OUTCOMES, TextSink, commOf, mutexName, taskList } from '../src/index.js';
import { INFO, MS, inversion, twoCpus } from './script.js';

function record(run: (sinks: (ColumnSink | TextSink)[]) => void): { columns: ColumnSink; lines: string[] } {
  const lines: string[] = [];
  const columns = new ColumnSink(1);
  run([columns, new TextSink(line => lines.push(line), INFO)]);
  return { columns, lines: lines.filter(line => !line.startsWith('#')) };
}

test('every event is a row, in order, under its name', () => {
  const { columns, lines } = record(twoCpus);
  const rows: string[] = [];
  columns.forEach(e => rows.push(`${(e.time / MS).toFixed(6)} ${e.name}`));
  expect(rows).toEqual(lines.map(line => `${line.slice(0, 16).trim()} ${line.slice(22, 35).trim()}`));
  expect(columns.length).toBe(rows.length);
});

test('the cursor is reused; at() gives one to keep', () => {
  const { columns } = record(sinks => inversion(true, sinks));
  const cursors = new Set<unknown>();
  columns.forEach(e => cursors.add(e));
  expect(cursors.size).toBe(1);
  expect(columns.at(0)).not.toBe(columns.at(0));
  expect(columns.at(0)).toMatchObject({ index: 0, kind: EVENT.jobRelease, a: 1, x: 0, y: -1 });
});

test('rows hold pids, mutexes, op indices and wide numbers', () => {
  const { columns } = record(sinks => inversion(true, sinks));
  const rows = Array.from({ length: columns.length }, (_, i) => columns.at(i));
  expect(rows.find(e => e.name === 'mutexBlocked')).toMatchObject({ time: 3 * MS, a: 3, b: 0, c: 1, d: 1 });
  expect(rows.find(e => e.name === 'mutexReleased')).toMatchObject({ a: 1, b: 0, c: 7, d: 3 });
  expect(rows.find(e => e.name === 'proxyOutcome')).toMatchObject({ a: 3, b: OUTCOMES.indexOf('run'), c: 1, d: 1 });
  expect(rows.find(e => e.name === 'jobRelease' && e.a === 3)).toMatchObject({ x: 2 * MS, y: 12 * MS });
  expect(rows.find(e => e.name === 'jobDone' && e.a === 3)).toMatchObject({ time: 9 * MS, x: 2 * MS, c: 7 });
});

test('it knows who took part, and how it ended', () => {
  const { columns } = record(twoCpus);
  expect(taskList(columns).map(p => `${p.comm}:${p.rank}`)).toEqual(['own:2', 'link:2', 'top:2', 'hog:2', 'dl:0']);
  expect(columns.mutexes).toEqual(['a', 'b']);
  expect(columns.marks).toEqual(['throttle', 'replenish']);
  expect([columns.outcome, columns.nrMachineEvents, columns.endTime, columns.nrCpus]).toEqual(['timeLimit', 42, 14 * MS, 2]);
  expect([commOf(columns, 0), commOf(columns, 3), commOf(columns, 99), mutexName(columns, 1), mutexName(columns, 9)]).toEqual([
    'idle',
    'top',
    'pid 99',
    'b',
    'mutex 9',
  ]);
  const moves = Array.from({ length: columns.length }, (_, i) => columns.at(i)).filter(e => e.name === 'schedMigrate');
  expect(moves.map(e => MOVE_REASONS[e.d])).toEqual(['proxy', 'proxy', 'return']);
});
