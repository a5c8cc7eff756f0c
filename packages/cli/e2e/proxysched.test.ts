import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '..', 'bin', 'proxysched.js');
const scenario = join(import.meta.dirname, '..', 'demo', 'priority-inversion.yaml');
const cwd = mkdtempSync(join(tmpdir(), 'proxysched-e2e-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function proxysched(...argv: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [bin, ...argv], { cwd, encoding: 'utf8' });
}

test('the built command runs a scenario, twice to the same bytes', () => {
  const first = proxysched('run', scenario);
  expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: '' });
  expect(first.stdout).toMatch(/high/);
  expect(proxysched('run', scenario).stdout).toBe(first.stdout);
});

test('exports become files', () => {
  const { status, stderr } = proxysched('run', scenario, '--out', 'out', '--quiet');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const name = 'priority-inversion';
  expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['.json', '.pftrace', '.recording.json', '.svg', '.trace'].map(s => name + s));
  expect(JSON.parse(readFileSync(join(cwd, 'out', `${name}.json`), 'utf8'))).toHaveProperty('schema');
});

test('standard input is read, and one export goes to standard output', () => {
  const { status, stdout } = spawnSync(process.execPath, [bin, 'run', '-', '--export', 'text'], {
    cwd,
    encoding: 'utf8',
    input: readFileSync(scenario),
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^# proxysched .*\n(?:#.*\n)*\s+0\.000000/);
});

test('a module lying anywhere finds the packages of the command line', () => {
  writeFileSync(
    join(cwd, 'mine.mjs'),
    `import { defineModule, replace, DEADLOCK_POLICY } from '@proxysched/kit';
     export default defineModule({ name: 'mine', register: c => replace(c, DEADLOCK_POLICY, { value: { name: 'mine', onCycle: () => ({ kind: 'halt' }), onStall: () => ({ kind: 'halt' }) } }) });`,
  );
  const { status, stderr } = proxysched('run', scenario, '--quiet', '--module', 'mine.mjs');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a module that throws while the simulation runs is named', () => {
  writeFileSync(
    join(cwd, 'broken.mjs'),
    `import { defineModule, add, TRACE_SINK } from '@proxysched/kit';
     export default defineModule({ name: 'broken', register: c => add(c, TRACE_SINK, { value: { schedSwitch() { null.x; } } }) });`,
  );
  const { status, stderr } = proxysched('run', scenario, '--module', './broken.mjs');
  expect(status).toBe(3);
  expect(stderr).toMatch(/module \.\/broken\.mjs: it failed while the simulation ran: TypeError/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test.each<[code: number, argv: string[]]>([
  [0, ['--help']],
  [0, ['compare', scenario, 'off', '7.3']],
  [1, ['run', scenario, '--export', 'json', '--out', '/dev/null/x']],
  [2, ['run', scenario, '--proxy', '6.1']],
  [3, ['check', '/']],
  [5, ['compare', scenario, 'off', '7.3', '--exit-code']],
])('exit code %i: %j', (code, argv) => {
  expect(proxysched(...argv).status).toBe(code);
});

test('100 MB of brackets are refused at once', () => {
  writeFileSync(join(cwd, 'brackets.json'), Buffer.alloc(100e6, '['));
  const { status, stderr } = proxysched('run', 'brackets.json');
  expect(status).toBe(3);
  expect(stderr).toMatch(/larger than 16 MiB/);
});

test('Ctrl-C ends a long run', async () => {
  const forever = 'version: 1\nuntil: 10000s\ntasks: [{name: a, program: [{repeat: {times: forever, do: [{run: 1ms}, {sleep: 1ms}]}}]}]\n';
  writeFileSync(join(cwd, 'forever.yaml'), forever);
  const child = spawn(process.execPath, [bin, 'run', 'forever.yaml', '--export', 'text'], { cwd });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  // A shell makes 130 of it.
  expect(code ?? signal).toBe('SIGINT');
});

test('a reader that has enough is no error', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"$0" "$1" run "$2" --export text | head -1`, process.execPath, bin, scenario], {
    cwd,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
