import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineModule } from '@proxysched/kit';
import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();
const file = world.file('inversion.yaml', INVERSION);
const modules = { 'mine.js': { default: defineModule({ name: 'mine', register: () => undefined }) } };
world.file('mine.js', '');

test('says where two generations part, and what it means for each task', async () => {
  const { code, out, err } = await world.run('compare', file, 'off', '7.3');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/First difference/);
  for (const task of ['high', 'mid', 'low']) expect(out).toMatch(new RegExp(`^ ${task} `, 'm'));
});

test('--exit-code: 5 when they differ, 0 when not', async () => {
  expect((await world.run('compare', file, 'off', '7.3', '--exit-code')).code).toBe(5);
  expect(await world.run('compare', file, '7.3', '7.3', '--exit-code', '--quiet')).toEqual({ code: 0, out: '', err: '' });
});

test.each(['pi', 'pip', 'npp', 'icpp', 'pcp', 'bwi', 'mbwi', 'none'])('a protocol beside a generation: %s', async name => {
  const { code, err } = await world.run('compare', file, name, '7.3', '--exit-code', '--quiet');
  expect(err).toBe('');
  expect([0, 5]).toContain(code);
  // All of them end this inversion but the one that does nothing about it.
  expect((await world.run('compare', file, name, 'off', '--exit-code', '--quiet')).code).toBe(name === 'none' ? 0 : 5);
});

test.each([
  ['fair', './mine.js', 0],
  ['off+./mine.js', './mine.js', 5],
  ['off+./mine.js', 'off', 0],
  ['7.3+halt', 'wound', 0],
])('sides %s and %s', async (a, b, ends) => {
  const { code, err } = await world.runWith({ modules }, 'compare', file, a, b, '--exit-code');
  expect({ code, err }).toEqual({ code: ends, err: '' });
});

test('--proxy is for sides that do not say', async () => {
  expect((await world.runWith({ modules }, 'compare', file, './mine.js', 'off', '--proxy', 'off', '--exit-code')).code).toBe(0);
});

test.each<[side: string, said: RegExp]>([
  ['7.3+wuond', /"wuond" is neither[^]*did you mean "wound"\?/],
  ['7.3+halt+wound', /names two deadlock policies/],
  ['7.4', /"7.4" is neither a generation, nor a class of the preset, nor a deadlock policy, nor the path of a module\n {2}= did you mean "7.3"\?/],
  ['7.2', /did you mean "7.3"/],
  ['off+7.3', /names two generations/],
])('usage: side %s', async (side, said) => {
  const { code, out, err } = await world.run('compare', file, 'off', side);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(said);
});

test('--svg draws both', async () => {
  const { err } = await world.run('compare', file, 'off', '7.3', '--svg', 'both.svg');
  expect(err).toBe('wrote both.svg\n');
  expect(existsSync(join(world.cwd, 'both.svg'))).toBe(true);
});
