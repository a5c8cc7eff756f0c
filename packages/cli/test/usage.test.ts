import { COMMANDS } from '../src/program.js';
import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();

test('alone it prints about twelve lines, with three things to try', async () => {
  const { code, out, err } = await world.run();
  expect(code).toBe(0);
  expect(err).toBe('');
  expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
  expect(out.split('Try:\n')[1]!.trimEnd().split('\n')).toHaveLength(3);
});

test('the version is that of the package', async () => {
  const { code, out } = await world.run('--version');
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([...COMMANDS].filter(name => name !== 'help'))('%s --help ends well and shows examples', async command => {
  const { code, out } = await world.run(command, '--help');
  expect(code).toBe(0);
  expect(out).toContain(`Usage: proxysched ${command}`);
  expect(out).toMatch(/Examples:\n {2}proxysched /);
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(120);
});

test.each<[what: string, argv: string[], said: RegExp]>([
  ['an unknown command', ['rum', 'x.yaml'], /unknown command 'rum'.*\n.*Did you mean run\?/],
  ['an unknown option', ['run', 'x.yaml', '--sead', '1'], /unknown option '--sead'.*\n.*--seed/],
  ['no file', ['run'], /missing required argument 'file'/],
  ['too many files', ['run', 'a', 'b'], /too many arguments/],
  ['CPUs that are no number', ['run', 'x.yaml', '--cpus', 'four'], /--cpus <n>.*'four'.*whole number/],
  ['a setting without a value', ['run', 'x.yaml', '--set', 'fair.slice'], /--set <key=value>.*needs a name and a value/],
  ['an unknown export', ['run', 'x.yaml', '--export', 'text,pdf'], /"pdf" is none of text, perfetto, svg, json, recording/],
  ['an unknown choice', ['run', 'x.yaml', '--duplicates', 'first'], /Allowed choices are all, last/],
])('usage: %s', async (_what, argv, said) => {
  const { code, out, err } = await world.run(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(said);
});

test.each<[what: string, argv: string[], said: RegExp]>([
  [
    'an unknown generation',
    ['--proxy', '6.71'],
    /no generation of proxy execution named "6.71"\n {2}= did you mean "6.17"\?\n {2}= there are off, v4/,
  ],
  ['a generation without a preset of its own', ['--proxy', '7.2'], /"7.2"\n {2}= did you mean "7.3"\?/],
  ['a time without a unit', ['--until', '500'], /--until: 500 has no unit; write "500ms"/],
  [
    'an unknown deadlock policy',
    ['--deadlock', 'pray'],
    /no deadlock policy "pray": no detector named "pray"; there are block.*\n {2}= short names are halt, dequeue/,
  ],
])('usage, found by the command: %s', async (_what, argv, said) => {
  const { code, out, err } = await world.run('run', world.file('x.yaml', INVERSION), ...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(said);
});

test('a file where a command belongs is understood', async () => {
  const { code, err } = await world.run(world.file('x.yaml', INVERSION));
  expect(code).toBe(2);
  expect(err).toContain('proxysched run x.yaml');
});
