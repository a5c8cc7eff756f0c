/** What published simulators agree on, to the nanosecond: every figure of every task of every result there is. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformFile } from '../src/index.js';

const data = join(import.meta.dirname, '..', 'data', 'peers');
const judge = (folder: string, name: string, change = (text: string): string => text) =>
  conformFile(join(data, folder, name), change(readFileSync(join(data, folder, name), 'utf8')));

describe('results', () => {
  let values = 0;
  test.each(readdirSync(join(data, 'results')))('%s', name => {
    const result = judge('results', name);
    values += result.compared;
    expect(result).toMatchObject({ kind: 'peer-result', ok: true, failed: 0 });
  });

  test('all that there is has been compared', () => {
    process.stdout.write(`peers: ${values} values compared\n`);
    expect(values).toBeGreaterThan(40_000);
  });
});

test.each(readdirSync(join(data, 'tasksets')))('task set %s releases as many jobs as it says', name => {
  expect(judge('tasksets', name)).toMatchObject({ kind: 'peer-taskset', ok: true, compared: 1 });
});

test('one nanosecond off is a difference', () => {
  const off = judge('results', 'tiny-n8-m2.gedf.json', text =>
    text.replace(/"sumResponse":(\d+)/, (_, ns: string) => `"sumResponse":${Number(ns) + 1}`),
  );
  expect(off).toMatchObject({ ok: false, failed: 1 });
  expect(off.first).toMatch(/^none: sumResponse of task 0: expected \d+, found \d+$/);
});

test('a deadlock is named with its cycle', () => {
  expect(judge('results', 'deadlock-abba.pfp.prio.json').metrics['deadlock']).toBe('B > A');
});

test('a task set says of itself how many jobs it releases; where it does not, it cannot be judged', () => {
  const text = readFileSync(join(data, 'tasksets', 'chain2.json'), 'utf8');
  expect(conformFile('/nowhere/tasksets/chain2.json', text)).toMatchObject({ ok: true, compared: 1 });
  expect(conformFile('/nowhere/a.json', text.replace('"releasedJobs": 3', '"releasedJobs": 4'))).toMatchObject({ ok: false, failed: 1 });
  expect(conformFile('/nowhere/a.json', text.replace('"releasedJobs"', '"jobs"')).invalid).toContain('releasedJobs');
});

test('results find their task set beside them and under any file name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  copyFileSync(join(data, 'tasksets', 'chain2.json'), join(folder, 'renamed.json'));
  const result = readFileSync(join(data, 'results', 'chain2.pfp.fifo.json'), 'utf8');
  expect(conformFile(join(folder, 'result.json'), result)).toMatchObject({ kind: 'peer-result', ok: true });
  rmSync(folder, { recursive: true });
});

test('results without a task set cannot be judged', () => {
  expect(judge('results', 'chain2.pfp.fifo.json', t => t.replace('"taskset":"chain2"', '"taskset":"chain9"')).invalid).toContain('chain9');
});
