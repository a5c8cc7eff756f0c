import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();
const task = (program: string): string => `version: 1\nuntil: 10ms\ntasks:\n  - name: a\n    program: ${program}\n`;
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
].join('\n');

test.each<[what: string, content: string | Uint8Array, said: RegExp]>([
  ['an empty file', '', /the file is empty/],
  ['white space', ' \n\n', /the file is empty/],
  ['binary', Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255), /no text in UTF-8/],
  ['NUL bytes', 'version: 1\0\0\0', /NUL bytes/],
  ['20 MB of brackets', '['.repeat(20e6), /larger than 16 MiB/],
  ['15 MB of brackets', '['.repeat(15e6), /more than 64 deep/],
  ['an alias bomb', `version: 1\nuntil: 10ms\n${bomb}\n`, /aliases/],
  ['an unknown field', INVERSION.replace('deadline: 10ms', 'dedline: 10ms'), /dedline[\s\S]*deadline/],
  ['a negative time', task('[{run: -1ms}]'), /negative/],
  ['a lock that does not exist', task('[{lock: A}, {unlock: A}]').replace('tasks:', 'mutexes: [B]\ntasks:'), /"A"/],
  [
    'more deadline bandwidth than there is',
    task('[{run: 1ms}]').replace('program:', 'policy: deadline 9ms/9ms\n    program:'),
    /D001.*not admitted/,
  ],
  ['no CPU', task('[{run: 1ms}]').replace('tasks:', 'machine: {cpus: 0}\ntasks:'), /cpus/],
  ['an unlock without a lock', task('[{unlock: A}]'), /unlocks "A" without holding it/],
  ['an unknown version', INVERSION.replace('version: 1', 'version: 9'), /version 9/],
  ['an unknown generation in the file', INVERSION.replace('until:', 'proxy: v5\nuntil:'), /proxy execution "v5"/],
  [
    'an unknown dial in the file',
    INVERSION.replace('until:', 'options: {proxy.comback: always}\nuntil:'),
    /unknown option "proxy.comback"; did you mean "proxy.comeBack"/,
  ],
  ['no class for a policy', INVERSION.replace('fifo 30', '{custom: lottery}'), /no class named "lottery"/],
])('%s ends with 3, quickly, without a stack', async (_what, content, said) => {
  const { code, out, err } = await world.run('run', world.file('bad.yaml', content));
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(said);
  expect(err).not.toMatch(/^\s+at /m);
});

test.each<[what: string, argv: string[], said: RegExp]>([
  ['no CPU', ['--cpus', '0'], /CPUs/],
  ['a negative number of CPUs', ['--cpus=-4'], /CPUs/],
  ['negative time', ['--until=-5ms'], /negative/],
  ['no time', ['--until', '0ms'], /no time/],
  ['an unknown setting', ['--set', 'machine.cpu=4'], /machine\.cpu/],
  ['an unknown dial', ['--set', 'proxy.comback=always'], /did you mean "proxy.comeBack"/],
])('a value on the command line that no machine can have: %s', async (_what, argv, said) => {
  const { code, out, err } = await world.run('run', world.file('good.yaml', INVERSION), ...argv);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(said);
});

test('a folder stands for the scenario in it, and only for that', async () => {
  mkdirSync(join(world.cwd, 'dir'));
  const empty = await world.run('run', 'dir');
  expect(empty.code).toBe(3);
  expect(empty.err).toContain('this is a directory without a scenario.yaml');
  world.file('dir/scenario.yaml', INVERSION);
  const { code, out } = await world.run('run', 'dir');
  expect(code).toBe(0);
  expect(out).toContain('dir/scenario.yaml');
});

test('a file that is not there', async () => {
  const { code, err } = await world.run('run', 'nowhere.yaml');
  expect(code).toBe(3);
  expect(err).toBe('error: nowhere.yaml: there is no such file\n');
});

test('what only shows in a run is shown at its place', async () => {
  // Whether the lock is held depends on a count that no reader follows; the machine finds out.
  const file = world.file('late.yaml', task('[{repeat: {times: 2, do: [{lock: A}]}}, {unlock: A}]'));
  const { code, out, err } = await world.run('run', file);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(/late\.yaml:5:/);
});

test('several errors are told at once', async () => {
  const { err } = await world.run('run', world.file('two.yaml', INVERSION.replace('deadline:', 'dedline:').replace('6ms', '-6ms')));
  expect(err).toMatch(/dedline/);
  expect(err).toMatch(/negative/);
  expect(err).toMatch(/two\.yaml: 2 errors, nothing was run/);
});
