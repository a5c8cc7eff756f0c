import { INVERSION, makeWorld } from './fake-io.js';

const world = makeWorld();

test('good files are ok, bad ones end with 3, and all are looked at', async () => {
  const good = world.file('good.yaml', INVERSION);
  const bad = world.file('bad.yaml', INVERSION.replace('unlock: M', 'unlock: N'));
  const { code, out, err } = await world.run('check', bad, good, 'gone.yaml');
  expect(code).toBe(3);
  expect(out).toBe('good.yaml: ok\n');
  expect(err).toContain('bad.yaml:5:');
  expect(err).toContain('gone.yaml: there is no such file');
});

test('only good files end with 0', async () => {
  expect(await world.run('check', world.file('good.yaml', INVERSION))).toEqual({ code: 0, out: 'good.yaml: ok\n', err: '' });
  expect(await world.run('check', 'good.yaml', '--quiet')).toEqual({ code: 0, out: '', err: '' });
});

test('dials are checked though nothing runs', async () => {
  const { code, err } = await world.run('check', world.file('good.yaml', INVERSION), '--set', 'proxy.handOff=never');
  expect(code).toBe(3);
  expect(err).toMatch(/one of donor, always, waiter/);
});

test('colour is for terminals that want it', async () => {
  const bad = world.file('bad.yaml', INVERSION.replace('unlock: M', 'unlock: N'));
  const escape = '\u001b[';
  expect((await world.run('check', bad)).err).not.toContain(escape);
  expect((await world.runWith({ terminal: true }, 'check', bad)).err).toContain(escape);
  expect((await world.runWith({ terminal: true, env: { NO_COLOR: '1' } }, 'check', bad)).err).not.toContain(escape);
});
