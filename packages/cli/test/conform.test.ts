import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorld } from './fake-io.js';

const KERNEL = join(import.meta.dirname, '..', '..', 'conform', 'data', 'kernel', 'px-03-chain-3.no-proxy.json');
/** A recording of a kernel that is so far from itself that any model passes, and of one that is closer than can be. */
const RECORDING = readFileSync(KERNEL, 'utf8')
  .replace(/"overlap_low": *[\d.]+/, '"overlap_low": 0')
  .replace(/"share_error_high": *[\d.]+/, '"share_error_high": 1');
const STRICT = RECORDING.replace('"overlap_low": 0', '"overlap_low": 1.1');

const world = makeWorld();
mkdirSync(join(world.cwd, 'data', 'deep'), { recursive: true });

test('a file that agrees: its kind, what was compared, the total, exit code 0', async () => {
  const { code, out } = await world.run('conform', world.file('good.json', RECORDING));
  expect(out).toMatch(/^ok {4}recording {2}good.json: overlap 0\.\d+ \(0\.000, 0\.988\) {2}share_error /);
  expect(out).toMatch(/\n1 files: 1 ok, 0 fall short; \d+ values compared, 0 differ\n$/);
  expect(code).toBe(0);
});

test('a file that does not agree: how many values, the first difference, exit code 4', async () => {
  const { code, out } = await world.run('conform', world.file('strict.json', STRICT));
  expect(out).toMatch(/^FAIL {2}recording {2}strict.json: overlap .*\n {6}first: overlap 0\.\d+, of the kernel with itself 1.100\n1 files/);
  expect(code).toBe(4);
});

test('a folder is searched at any depth; what is no JSON is passed over, an unknown kind is named and harmless', async () => {
  world.file('data/b.json', RECORDING);
  world.file('data/deep/a.json', RECORDING);
  world.file('data/README.md', '# what these are');
  world.file('data/agree.py', 'print(1)');
  world.file('data/other.json', '{"schema": "from-the-future/9"}');
  const { code, out } = await world.run('conform', 'data');
  expect(out.split('\n').map(line => line.split(':')[0])).toEqual([
    'ok    recording  data/b.json',
    'ok    recording  data/deep/a.json',
    '-                data/other.json',
    '3 files',
    '',
  ]);
  expect(out).toContain('data/other.json: not recognised');
  expect(code).toBe(0);
});

test('the kind is told from the content, whatever the name', async () => {
  const { code, out } = await world.run('conform', world.file('taskset-of-fair.txt', RECORDING));
  expect(out).toMatch(/^ok {4}recording/);
  expect(code).toBe(0);
});

test.each([
  ['of unknown kind', '{"schema": "from-the-future/9"}', /not recognised/],
  ['that is no JSON', '{"schema": ', /no JSON/],
])('a file %s, named directly, is invalid input: 3, and the others are judged', async (_what, text, said) => {
  const { code, out } = await world.run('conform', world.file('bad.json', text), world.file('good.json', RECORDING));
  expect(out).toMatch(said);
  expect(out).toContain('ok    recording  good.json');
  expect(code).toBe(3);
});

test('what falls short decides the exit code, also beside what cannot be judged', async () => {
  expect((await world.run('conform', 'gone.json', world.file('strict.json', STRICT))).code).toBe(4);
});

test('a file that is not there is invalid input', async () => {
  const { code, out } = await world.run('conform', 'gone.json', world.file('good.json', RECORDING));
  expect(out).toContain('gone.json: there is no such file');
  expect(code).toBe(3);
});

test('nothing judged is no success', async () => {
  mkdirSync(join(world.cwd, 'empty'));
  const { code, err } = await world.run('conform', 'empty');
  expect(err).toContain('empty: no file of expected results');
  expect(code).toBe(3);
});

test('--quiet prints what falls short alone', async () => {
  world.file('good.json', RECORDING);
  expect(await world.run('conform', '--quiet', 'good.json')).toEqual({ code: 0, out: '', err: '' });
  const { code, out } = await world.run('conform', '--quiet', 'good.json', world.file('strict.json', STRICT));
  expect(out).toMatch(/^FAIL {2}recording {2}strict.json.*\n {6}first:.*\n$/);
  expect(code).toBe(4);
});

test('--json writes the report', async () => {
  await world.run('conform', '--json', 'report.json', world.file('good.json', RECORDING), world.file('strict.json', STRICT));
  const report = JSON.parse(readFileSync(join(world.cwd, 'report.json'), 'utf8'));
  expect(report.schema).toBe('proxysched-conform/1');
  expect(report.total).toMatchObject({ files: 2, ok: 1, fell: 1, failed: 1 });
  expect(report.files).toMatchObject([
    { path: 'good.json', kind: 'recording', ok: true, failed: 0 },
    { path: 'strict.json', kind: 'recording', ok: false, failed: 1 },
  ]);
  expect(report.files[0].compared).toBe(2);
  expect(report.files[0].metrics.overlap).toBeGreaterThan(0.5);
});

test('progress is for terminals, after half a second', async () => {
  let clock = 0;
  const slow = { terminal: true, now: () => (clock += 600) };
  const { out, err } = await world.runWith(slow, 'conform', world.file('good.json', RECORDING));
  expect(err).toContain('1 of 1  good.json');
  expect(out).not.toContain('1 of 1  good.json');
  expect((await world.run('conform', 'good.json')).err).toBe('');
  expect((await world.runWith({ terminal: true }, 'conform', 'good.json')).err).toBe('');
});

test('--export recording and --svg write our runs under the same names', async () => {
  const { code } = await world.run('conform', world.file('good.json', RECORDING), '--export', 'recording', '--svg', '--out', 'runs');
  const recorded = JSON.parse(RECORDING) as Record<string, unknown>;
  const ours = JSON.parse(readFileSync(join(world.cwd, 'runs', 'good.json'), 'utf8')) as Record<string, unknown>;
  for (const key of ['id', 'machine', 'duration_us', 'cgroups', 'tasks']) expect(ours[key]).toEqual(recorded[key]);
  expect(ours['events']).not.toEqual(recorded['events']);
  expect(readFileSync(join(world.cwd, 'runs', 'good.svg'), 'utf8')).toMatch(/^<svg /);
  expect(code).toBe(0);
});

test('--explain tells where our run parts from a recording, named below a folder or by itself', async () => {
  mkdirSync(join(world.cwd, 'more'), { recursive: true });
  world.file('more/good.json', readFileSync(join(KERNEL, '..', 'fair-06-sleeper.json'), 'utf8'));
  const { code, out } = await world.run('conform', 'more', '--explain', 'good');
  expect(out).toMatch(/^more\/good.json: parts on CPU 0 after \d+ switches\n/);
  expect(code).toBe(0);
  expect((await world.run('conform', '--explain', 'more/good.json')).out).toBe(out);
  expect((await world.run('conform')).code).toBe(2);
  expect((await world.run('conform', 'more', '--explain', world.file('none.json', '{}'))).code).toBe(3);
});
