import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();
const file = world.file('inversion.yaml', INVERSION);
const written = (name: string): string => readFileSync(join(world.cwd, name), 'utf8');

test('the summary is 80 columns wide and says how to repeat itself', async () => {
  const { code, out, err } = await world.run('run', file, '--cpus', '2', '--set', 'proxy.handOff=always', '--deadlock', 'dequeue');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  expect(lines.at(-1)).toBe(
    ' reproduce: proxysched run inversion.yaml --proxy 7.3 --seed 1 --cpus 2 --deadlock dequeue --set proxy.handOff=always',
  );
  expect(Math.max(...lines.slice(0, -1).map(line => line.length))).toBeLessThanOrEqual(80);
  expect(out).toMatch(/digest [0-9a-f]{16}/);
});

test('the same input gives the same bytes, the repeated one as well', async () => {
  const { out } = await world.run('run', file, '--proxy', 'v4');
  const again = /reproduce: proxysched (.*)/.exec(out)![1]!.split(' ');
  expect((await world.run(...again)).out).toBe(out);
});

test('the command line comes before the file, the file before 7.3', async () => {
  const off = world.file('off.yaml', INVERSION.replace('until:', 'proxy: off\nuntil:'));
  const proxyOf = async (...argv: string[]): Promise<unknown> =>
    (JSON.parse((await world.run('run', ...argv, '--json')).out) as { run: { proxy: string } }).run.proxy;
  expect(await proxyOf(file)).toBe('7.3');
  expect(await proxyOf(off)).toBe('off');
  expect(await proxyOf(off, '--proxy', '6.17')).toBe('6.17');
});

test('a generation turns its dials, the file turns them back, --set comes last', async () => {
  const said = world.file('said.yaml', INVERSION.replace('until:', 'options: {proxy.handOff: waiter, proxy.comeBack: always}\nuntil:'));
  const { out } = await world.run('run', said, '--proxy', 'v4', '--json', '--set', 'proxy.comeBack=ifForbidden');
  const { options } = (JSON.parse(out) as { run: { options: Record<string, unknown> } }).run;
  expect(options).toMatchObject({ 'proxy.freeLock': 'run', 'proxy.handOff': 'waiter', 'proxy.comeBack': 'ifForbidden' });
});

test('--json carries its schema', async () => {
  const { code, out } = await world.run('run', file, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ schema: expect.stringMatching(/\/1$/), outcome: 'finished' });
});

test('--quiet prints nothing', async () => {
  expect(await world.run('run', file, '--quiet')).toEqual({ code: 0, out: '', err: '' });
});

test('- reads standard input', async () => {
  const { code, out } = await world.runWith({ stdin: INVERSION }, 'run', '-');
  expect(code).toBe(0);
  expect(out).toMatch(/reproduce: proxysched run - /);
  expect((await world.runWith({ stdin: '' }, 'run', '-')).code).toBe(3);
});

test('exports go to files, which are named on standard error', async () => {
  const { code, out, err } = await world.run('run', file, '--out', 'all');
  expect(code).toBe(0);
  expect(out).toMatch(/^ workload/);
  const names = ['trace', 'pftrace', 'svg', 'json', 'recording.json'].map(end => join('all', `inversion.${end}`));
  for (const name of names) {
    expect(err).toContain(`wrote ${name}`);
    expect(existsSync(join(world.cwd, name))).toBe(true);
  }
  expect(written(names[0]!)).toMatch(/^# proxysched/);
  expect(written(names[2]!)).toMatch(/^<svg|^<\?xml/);
});

test('one export alone takes the place of the summary', async () => {
  const { out, err } = await world.run('run', file, '--export', 'text');
  expect(out).toMatch(/^# proxysched/);
  expect(err).toBe('');
  const both = await world.run('run', file, '--export', 'json,text');
  expect(both.out).toMatch(/^ workload/);
  expect(both.err).toBe('wrote inversion.trace\nwrote inversion.json\n');
  expect(written('inversion.trace')).toBe(out);
});

test('a binary export does not go to a terminal', async () => {
  const { code, err } = await world.runWith({ terminal: true, env: { NO_COLOR: '1' } }, 'run', file, '--export', 'perfetto');
  expect(code).toBe(2);
  expect(err).toMatch(/binary/);
});

test('the recording of a run of a recording has its file name, and is never put in its place', async () => {
  const { out } = await world.run('run', file, '--export', 'recording');
  const recording = world.file('kernel-run.json', out);
  const exported = async (...more: string[]): Promise<string> => (await world.run('run', recording, '--export', ...more)).err;
  expect(await exported('recording', '--out', 'ours')).toContain(`wrote ${join('ours', 'kernel-run.json')}\n`);
  expect(await exported('recording,json', '--out', 'both')).toContain('.recording.json\n');
  expect(await exported('recording', '--out', '.')).toContain('.recording.json\n');
  expect(written(recording)).toBe(out);
});

test('a recording of a run can be run', async () => {
  const { out } = await world.run('run', file, '--export', 'recording');
  const again = await world.run('run', world.file('again.json', out), '--json');
  expect(again.err).toBe('');
  expect((JSON.parse(again.out) as { tasks: { name: string; policy: string }[] }).tasks.map(t => [t.name, t.policy])).toEqual([
    ['high', 'FIFO 30'],
    ['mid', 'FIFO 20'],
    ['low', 'FIFO 10'],
  ]);
});

test('a deadlock is a result, and its cycle is told', async () => {
  const philosopher = (name: string, a: string, b: string): string =>
    `  - {name: ${name}, program: [{lock: ${a}}, {sleep: 1ms}, {lock: ${b}}, {unlock: ${b}}, {unlock: ${a}}]}\n`;
  const dead = world.file('dead.yaml', `version: 1\nuntil: 10ms\ntasks:\n${philosopher('x', 'A', 'B')}${philosopher('y', 'B', 'A')}`);
  const { code, out } = await world.run('run', dead);
  expect(code).toBe(0);
  expect(out).toMatch(/ended in a deadlock at/);
  expect(out).toMatch(/deadlock: x waits for B, held by y/);
  expect(out).toMatch(/deadlock: y waits for A, held by x/);
});

test('a circle of references that somebody has been woken from is told by its names, and is no deadlock', async () => {
  const { out } = await world.run('run', join(import.meta.dirname, '../../../scenarios/c07-circular-reference'));
  expect(out).toContain(' false alarm: the walk turns in a circle of references, young, old; no deadlock, for young has been woken\n');
});

test('progress shows on a terminal, after half a second, and goes away', async () => {
  const long = world.file(
    'long.yaml',
    'version: 1\nuntil: 20s\ntasks: [{name: a, program: [{repeat: {times: forever, do: [{run: 1ms}, {sleep: 1ms}]}}]}]\n',
  );
  let ms = 0;
  const { code, err } = await world.runWith({ terminal: true, env: { NO_COLOR: '1' }, now: () => (ms += 300) }, 'run', long);
  expect(code).toBe(0);
  expect(err).toMatch(/\d+ ms of 20s simulated, \d+ k events\/s, \d+ s to go/);
  expect(err.endsWith('\r\u001b[K')).toBe(true);
  expect((await world.run('run', long)).err).toBe('');
});
