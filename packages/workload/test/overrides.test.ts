import { codes, read, scenarioOf } from './helpers.js';

const text = 'version: 1\nuntil: 10ms\nmachine: {hz: 100}\noptions: {fair.slice: 1ms}\ntasks: [{name: a, program: [{run: 1ms}]}]';

test('change the machine, the run and the dials', () => {
  const overrides = {
    'machine.cpus': '8', 'machine.hz': '250', 'machine.hrtick': 'true', 'machine.tickPhase': '1ms', 'machine.costs.contextSwitch': '4us',
    'fair.slice': '3ms', 'rt.share': '0.95', 'fair.runToParity': 'false', 'x.mode': 'fast', until: '5ms', seed: '9', proxy: 'off',
  }; // prettier-ignore
  expect(scenarioOf(text, { overrides, cpus: 2, seed: 3 })).toMatchObject({
    seed: 9,
    until: 5e6,
    machine: { cpus: 8, hz: 250, hrtick: true, tickPhase: 1e6, costs: { contextSwitch: 4000 } },
    options: { 'fair.slice': 3e6, 'rt.share': 0.95, 'fair.runToParity': false, 'x.mode': 'fast' },
  });
  expect(read(text, { overrides })).toMatchObject({ proxy: 'off' });
  expect(scenarioOf(text, { overrides: { 'machine.hz': 'exact' }, cpus: 2, seed: 3 })).toMatchObject({
    seed: 3,
    machine: { cpus: 2, hz: null },
  });
});

test('race windows: of a text and from outside', () => {
  const gapped = text.replace('hz: 100', 'hz: 100, gaps: {migration: 2us, block: 1us}');
  const none = { migration: 0, wakeUp: 0, wakeIpi: 0, handOff: 0, ownerless: 0, block: 0, walk: 0, park: 0, balance: 0 };
  expect(scenarioOf(text).machine.gaps).toBeUndefined();
  expect(scenarioOf(gapped).machine.gaps).toEqual({ ...none, migration: 2000, block: 1000 });
  const overrides = { 'machine.gaps.block': '3us', 'machine.gaps.walk': '4us' };
  expect(scenarioOf(gapped, { overrides }).machine.gaps).toEqual({ ...none, migration: 2000, block: 3000, walk: 4000 });
  expect(codes(read(gapped.replace('2us', '2')))).toEqual(codes(read(text.replace('hz: 100', 'costs: {tick: 2}'))));
});

test.each([
  [{ 'machine.cpu': '8' }, 'E090'],
  [{ sed: '8' }, 'E090'],
  [{ 'rtapp.x': '8' }, 'E090'],
  [{ 'machine.cpus': '0' }, 'E091'],
  [{ 'machine.cpus': '2000' }, 'E091'],
  [{ 'machine.hz': 'often' }, 'E091'],
  [{ 'machine.costs.lockOp': '4' }, 'E091'],
  [{ 'machine.gaps.park': '4' }, 'E091'],
  [{ 'machine.gaps.parc': '4us' }, 'E090'],
  [{ until: '10' }, 'E091'],
  [{ 'machine.tickPhase': '10ms' }, 'E092'],
])('%j: %s', (overrides, code) => {
  const result = read(text, { overrides });
  expect([result.ok, codes(result)]).toEqual([false, [code]]);
});

test('a wrong number of CPUs from outside is caught as well', () => {
  expect(codes(read(text, { cpus: 0 }))).toEqual(['E092']);
});
