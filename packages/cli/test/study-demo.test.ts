/** `study demo`: all permutations beside the published figures, for people and for programs. */
import { fairOptions } from '@proxysched/fair';
import { FAIR_VERSIONS } from '../src/option-values.js';
import { makeWorld } from './fake-io.js';

const world = makeWorld();
const study = (...args: string[]) => world.run('study', 'demo', '--until', '100ms', ...args);

test('two lines for each permutation, in 80 columns', async () => {
  const { code, out } = await study('--cpus', '2');
  expect(code).toBe(0);
  expect(out).toMatch(/^ priority-inversion-demo on 2 CPUs, fair class of 7\.3, proxy off and 7\.3$/m);
  expect(out).toMatch(/^ load-contention-throttled +off +\d+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +10-18 +82-149$\n^ +7\.3 +\d+ .* 6-8$/m);
  expect(out.match(/ off +\d.*$/gm)).toHaveLength(7);
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
});

test('several machines and fair classes, as JSON', async () => {
  const { out } = await study('--cpus', '1', '--cpus', '2', '--fair', '6.1', '--fair', '7.3', '--proxy', 'full', '--json');
  const { schema, runs } = JSON.parse(out) as { schema: string; runs: { cpus: number; fair: string; generation: string }[] };
  expect(schema).toBe('proxysched/study-demo/1');
  expect(runs).toHaveLength(2 * 2 * 7 * 2);
  expect(new Set(runs.map(r => `${r.cpus} ${r.fair} ${r.generation}`)).size).toBe(8);
});

test.each([
  [['--cpus', '0'], /whole number from 1 to 64/],
  [['--cpus', '65'], /whole number from 1 to 64/],
  [['--fair', '5.15'], /one of 6\.1, 6\.12, 7\.2, 7\.3/],
  [['--proxy', 'bogus'], /bogus/],
])('%j is refused with what there is', async (args, message) => {
  const { code, err } = await study(...args);
  expect(code).not.toBe(0);
  expect(err).toMatch(message);
});

test('the fair classes that can be asked for are those that there are', () => {
  expect([...FAIR_VERSIONS].sort()).toEqual([...fairOptions['fair.version'].values].sort());
});
