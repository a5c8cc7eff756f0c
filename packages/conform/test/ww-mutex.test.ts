/** The rules of wait/wound mutexes step by step, with and without proxy execution: every value of every script. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformFile } from '../src/index.js';

const data = join(import.meta.dirname, '..', 'data', 'ww-mutex');
const judge = (name: string, change = (text: string): string => text) =>
  conformFile(join(data, name), change(readFileSync(join(data, name), 'utf8')));

let values = 0;

test.each(readdirSync(data).filter(name => name.endsWith('.json')))('%s', name => {
  const result = judge(name);
  values += result.compared;
  expect(result.first).toBeUndefined();
  expect(result).toMatchObject({ kind: 'ww-script', ok: true, failed: 0 });
});

test('all that there is has been compared', () => {
  process.stdout.write(`ww-mutex: ${values} values compared\n`);
  expect(values).toBeGreaterThan(700);
});

test('with the other algorithm a script does not hold', () => {
  const other = judge('abba-wound-wait.json', text => text.replace('"algorithm": "wound-wait"', '"algorithm": "wait-die"'));
  expect(other.failed).toBeGreaterThan(0);
  expect(other.first).toMatch(/steps\[2\]\.result: expected "blocked", found "EDEADLK"/);
});
