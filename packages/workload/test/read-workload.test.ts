import { readWorkload } from '../src/index.js';
import { codes, read } from './helpers.js';

const MIB = 1024 * 1024;

test.each([
  ['version: 1\nuntil: 1ms\ntasks: [{name: a, program: []}]', 'scenario'],
  ['{"version": 1, "until": "1ms", "tasks": [{"name": "a", "program": [{"run": "1ms"}]}]} ', 'scenario'],
  ['{version: 1, until: 1ms, tasks: [{name: a, program: [{run: 1ms}]}]}', 'scenario'],
  ['{"tasks": {"a": {"run": 1}}}', 'rt-app'],
  ['// rt-app\n/* {} */ {"tasks": {"a": {"run": 1}}}', 'rt-app'],
])('%j is a %s, whatever its name', (text, source) => {
  expect(readWorkload(text, { file: 'anything.txt' })).toMatchObject({ ok: true, source });
});

test('a scenario with a word that recordings have stays one', () => {
  expect(codes(read('version: 1\nuntil: 1ms\nmachine: {cpus: 2}\nevents: []\ntasks: [{name: a, program: []}]'))).toEqual(['E073']);
});

test.each([
  ['', 'E003'],
  [' \n\t', 'E003'],
  ['# only a comment\n', 'E003'],
  ['a\0b', 'E002'],
  ['\ufffd\ufffd', 'E002'],
  ['hello', 'E007'],
  ['[1, 2]', 'E007'],
  ['{}', 'E007'],
  ['{"x": 1}', 'E007'],
  ['a: [1', 'E006'],
  ['{"tasks": {"a": {"run": 0x10}}}', 'E005'],
  ['{"resources": {}}', 'E012'],
  ['{"global": {"duration": 5}}', 'E012'],
  ['{"tasks": {"t": {"exec": 1000, "lock_order": []}}}', 'E011'],
  ['{"thread0": {"exec": 1000, "lock_order": []}}', 'E011'],
  ['tasks:\n\t- a', 'E006'],
  ['a: &a [*a]', 'E004'],
])('%j: %s', (text, code) => {
  expect(codes(read(text))).toEqual([code]);
});

test.each<[string, string, string]>([
  ['100 MB of brackets', '['.repeat(1e8), 'E001'],
  ['16 MiB of brackets', '['.repeat(16 * MIB), 'E004'],
  ['nested objects', '{"a":'.repeat(1e6), 'E004'],
  ['nested sequences', '- '.repeat(200_000), 'E004'],
  ['nested mappings', Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'E004'],
  ['nested flow', `a: ${'['.repeat(1000)}`, 'E004'],
  ['16 MiB of comments', '#\n'.repeat(8 * MIB), 'E001'],
  ['an open string', `{"${'a'.repeat(15 * MIB)}`, 'E005'],
  ['too much YAML', `a: ${'b'.repeat(MIB)}`, 'E001'],
  [
    'aliases of aliases',
    [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefgh'].map((c, i) => `${c}: &${c} [${Array<string>(9).fill(`*${'abcdefg'[i]}`).join()}]`),
    ].join('\n'),
    'E008',
  ],
])('%s are refused by one finding', (_, text, code) => {
  expect(codes(read(text))).toEqual([code]);
});

test('the same finding is said once, and a hundred are enough', () => {
  const tasks = Array.from({ length: 300 }, (_, i) => `"t${i}": {"run": "x"}`).join();
  const result = read(`{"tasks": {${tasks}}}`);
  expect(result.diagnostics).toHaveLength(101);
  expect(result.diagnostics.at(-1)).toMatchObject({ code: 'N099', message: 'and 200 more' });
});

test('keys that mean something to JavaScript mean nothing here', () => {
  expect(codes(read('{"version": 1, "__proto__": {"until": "1ms"}, "tasks": []}'))).toEqual(expect.arrayContaining(['E073', 'E072']));
  expect(read('{"tasks": {"__proto__": {"run": 1}, "constructor": {"run": 1}}}')).toMatchObject({ ok: true });
});
