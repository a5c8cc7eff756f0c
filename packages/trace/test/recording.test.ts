import { ColumnSink, exportRecording } from '../src/index.js';
import { inversion, twoCpus } from './script.js';

function recordingOf(run: (sinks: ColumnSink[]) => void): ReturnType<typeof exportRecording> {
  const columns = new ColumnSink();
  run([columns]);
  return exportRecording(columns, { id: 'x', about: 'y', machine: { config: { cpus: 1 } }, tasks: [{ name: 'low' }], durationUs: 20_000 });
}

test('the form of the recordings of the real kernel', () => {
  const r = recordingOf(s => inversion(true, s));
  expect(Object.keys(r)).toEqual(['id', 'about', 'machine', 'duration_us', 'cgroups', 'tasks', 'lost', 'events']);
  expect(r).toMatchObject({ id: 'x', about: 'y', duration_us: 20_000, tasks: [{ name: 'low' }], cgroups: [] });
  expect(r.events.slice(0, 12)).toEqual([
    ['waking', 0, 0, 'low', 0],
    ['wakeup', 0, 0, 'low', 0],
    ['switch', 0, 0, '-', 'R', 'low'],
    ['op', 1000, 0, 'low', 7, 'lock', 'req', 0],
    ['op', 1000, 0, 'low', 7, 'lock', 'got', 0],
    ['waking', 2000, 0, 'high', 0],
    ['wakeup', 2000, 0, 'high', 0],
    ['switch', 2000, 0, 'low', 'R+', 'high'],
    ['op', 3000, 0, 'high', 7, 'lock', 'req', 0],
    ['switch', 3000, 0, 'high', 'D', 'low'],
    ['waking', 3500, 0, 'mid', 0],
    ['wakeup', 3500, 0, 'mid', 0],
  ]);
  expect(r.events).toContainEqual(['op', 6000, 0, 'low', 7, 'unlock', 'rel', 0]);
  expect(r.events).toContainEqual(['op', 9000, 0, 'high', 7, 'period', 'done', 0]);
  expect(r.events).toContainEqual(['op', 9000, 0, 'high', -1, 'run', 'exit', 0]);
});

test('migrations, and no switch where only the donor changes', () => {
  const { events } = recordingOf(twoCpus);
  expect(events).toContainEqual(['migrate', 4000, 0, 'top', 0, 1]);
  expect(events.filter(e => e[0] === 'switch' && e[3] === e[5])).toEqual([]);
});
