import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_SCENARIO } from '../src/commands/demo.js';
import { makeWorld } from './fake-io.js';

const world = makeWorld();

test('the demo shows the inversion and its absence', async () => {
  const { code, out, err } = await world.run('demo');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [without, withProxy] = out.trimEnd().split('\n').slice(-2);
  expect(without).toBe('without  high responds in 13.0 ms  deadline MISSED by 3.0 ms  inverted for 6.0 ms');
  expect(withProxy).toBe('with     high responds in 8.0 ms   deadline met               no inversion');
});

test('what it writes can be run', async () => {
  const { out } = await world.run('demo', '--out', 'demo');
  const again = /reproduce: proxysched (.*)/.exec(out)![1]!.split(' ');
  expect((await world.run(...again)).code).toBe(0);
});

test('its scenario is that of the repository (cp scenarios/priority-inversion/scenario.yaml packages/cli/demo/priority-inversion.yaml)', () => {
  const ours = readFileSync(DEMO_SCENARIO, 'utf8');
  const theirs = readFileSync(join(import.meta.dirname, '../../../scenarios/priority-inversion/scenario.yaml'), 'utf8');
  expect(ours).toBe(theirs);
});

test('dials are listed with their values in a generation', async () => {
  expect((await world.run('dials')).out).toMatch(/^proxy\.handOff=donor {3}\(donor \| always \| waiter\)$/m);
  expect((await world.run('dials', 'v4')).out).toMatch(/^proxy\.handOff=always /m);
  expect((await world.run('dials', 'v3')).code).toBe(2);
});

test('the schema is that of scenarios', async () => {
  const { code, out } = await world.run('schema');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ title: 'proxysched scenario', type: 'object' });
});
