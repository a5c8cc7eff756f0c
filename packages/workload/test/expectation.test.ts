import { parseClaim } from '../src/expectation.js';
import { readWorkload } from '../src/index.js';

const LOCKS = ['M', 'L0', 'L1'];
const COMMS = ['high', 'low', 'udev0', 'udev1', 'a.b'];

test.each([
  ['high.response.max < 10ms', { of: 'task', tasks: 'high', figure: 'response.max', is: '<', value: 10_000_000 }],
  ['udev*.misses == 0', { of: 'task', tasks: 'udev*', figure: 'misses', is: '==', value: 0 }],
  ['a.b.late <= 1us', { of: 'task', tasks: 'a.b', figure: 'late', is: '<=', value: 1000 }],
  ['M.hold.max < 2ms', { of: 'lock', locks: 'M', figure: 'hold.max', is: '<', value: 2_000_000 }],
  ['L*.stolen == 0', { of: 'lock', locks: 'L*', figure: 'stolen', is: '==', value: 0 }],
  ['mostRepicks > 50', { of: 'run', figure: 'mostRepicks', is: '>', value: 50 }],
  ['  inversion>=1.5ms ', { of: 'run', figure: 'inversion', is: '>=', value: 1_500_000 }],
  ['outcome != deadlock', { of: 'outcome', is: '!=', value: 'deadlock' }],
])('%s', (text, claim) => {
  expect(parseClaim(text, COMMS, LOCKS)).toEqual(claim);
});

test.each([
  ['high.respnse.max < 10ms', /no figure of a task "respnse.max"/],
  ['hihg.response.max < 10ms', /no task "hihg"/],
  ['N.wait.max < 10ms', /no lock "N"/],
  ['mostRepick > 50', /no figure of a run "mostRepick"/],
  ['high.response.max < 10', /has no unit/],
  ['mostRepicks > 5ms', /"5ms" is no whole number/],
  ['outcome == finishd', /no outcome "finishd"/],
  ['outcome < finished', /says nothing that can be checked/],
  ['high.response.max', /says nothing that can be checked/],
])('%s is explained', (text, said) => {
  expect(parseClaim(text, COMMS, LOCKS)).toMatchObject({ severity: 'error', message: expect.stringMatching(said) as unknown });
});

const read = (expected: string): ReturnType<typeof readWorkload> =>
  readWorkload(`version: 1\nuntil: 10ms\ntasks:\n  - {name: high, program: [{run: 1ms}]}\nexpect:\n  - ${expected}\n`, {
    file: 'x.yaml',
    generations: ['off', '7.3'],
  });

test('a claim may be made of some generations only, in whatever way YAML reads their names', () => {
  const result = read('{that: outcome == finished, under: [off, 7.3]}');
  expect(result).toMatchObject({ ok: true, expectations: [{ text: 'outcome == finished', under: ['off', '7.3'], except: [] }] });
});

test.each([
  ['hihg.misses == 0', 'E075'],
  ['{that: outcome == finished, under: [7.4]}', 'E075'],
  ['{that: outcome == finished, except: [of]}', 'E075'],
  ['{that: outcome}', 'E084'],
  ['{taht: outcome == finished}', 'E072'],
])('%s is an error with a place', (expected, code) => {
  const { ok, diagnostics } = read(expected);
  expect(ok).toBe(false);
  expect(diagnostics[0]).toMatchObject({ code, line: 6 });
});
