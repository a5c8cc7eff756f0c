import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ColumnSink, computeMetrics, runJson } from '../src/index.js';
import { INFO, MS, inversion, twoCpus } from './script.js';

function jsonOf(run: (sinks: ColumnSink[]) => void): ReturnType<typeof runJson> {
  const columns = new ColumnSink();
  run([columns]);
  return runJson(INFO, columns, computeMetrics(columns), '0123456789abcdef', [{ severity: 'note', code: 'N1', message: 'hello' }]);
}

/** Every key at every depth, `tasks[].response.max.ns` style. */
function keys(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap(v => keys(v, `${path}[]`));
  if (value === null || typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([k, v]) => keys(v, path === '' ? k : `${path}.${k}`));
}

test('the run in plain data', () => {
  const json = jsonOf(s => inversion(true, s));
  expect(json).toMatchObject({ schema: 'proxysched-run/1', outcome: 'finished', simulatedNs: 16 * MS, digest: '0123456789abcdef' });
  expect(json.tasks.map(t => t.name)).toEqual(['low', 'mid', 'high']);
  expect(json.tasks[2]).toMatchObject({
    policy: 'FIFO 30',
    jobs: 1,
    response: { max: { ns: 7 * MS, atNs: 9 * MS }, p99Ns: 7 * MS, medianNs: 7 * MS },
  });
  expect(json.donated).toEqual([{ donor: 'high', runner: 'low', ns: 3 * MS }]);
  expect(Object.keys(json.run.options)).toEqual(['core.a', 'fair.runToParity']);
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(JSON.stringify(jsonOf(s => inversion(true, s)))).toBe(JSON.stringify(json));
});

test('no jobs, no response; what never happened has no instant', () => {
  const hog = jsonOf(twoCpus).tasks.find(t => t.name === 'hog')!;
  expect(hog.response).toBeNull();
  expect(hog.lockWait.max).toEqual({ ns: 0, atNs: null });
});

test('docs/output-json.md describes every key', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/output-json.md'), 'utf8');
  const missing = keys({ ...jsonOf(s => inversion(true, s)), deadlocks: [['a']] })
    .flatMap(path => path.split('.').map(k => k.replaceAll('[]', '')))
    .filter(k => !['core', 'a', 'fair', 'runToParity'].includes(k))
    .filter(k => !text.includes(`\`${k}\``));
  expect([...new Set(missing)]).toEqual([]);
});
