import { InvariantViolation } from '@proxysched/core';
import { add, DEADLOCK_POLICY, defineModule, replace, TRACE_SINK } from '@proxysched/kit';
import { composePolicy } from '@proxysched/deadlock';
import { INVERSION, makeWorld, type Circumstances, type Ended } from './fake-io.js';

const world = makeWorld();
const plain = defineModule({ name: 'plain', register: () => undefined });

async function runModule(exports: unknown, path = './mine.js'): Promise<Ended> {
  world.file('mine.js', '');
  world.file('x.yaml', INVERSION);
  const circumstances: Circumstances = { modules: { 'mine.js': exports } };
  return world.runWith(circumstances, 'run', 'x.yaml', '--quiet', '--module', path);
}

test.each<[what: string, exports: unknown]>([
  ['a module', { default: plain }],
  ['a list of modules', { default: [plain, defineModule({ name: 'other', register: () => undefined })] }],
  [
    'a module that replaces something',
    {
      default: defineModule({
        name: 'policy',
        register: c => replace(c, DEADLOCK_POLICY, { value: composePolicy({ detector: 'block', action: 'halt' }) }),
      }),
    },
  ],
])('%s is taken', async (_what, exports) => {
  expect(await runModule(exports)).toEqual({ code: 0, out: '', err: '' });
});

test.each<[what: string, exports: unknown, said: RegExp]>([
  ['no default export', { mine: plain }, /no default export\n {2}= it exports mine; add: export default mine;/],
  ['a class instead', { default: class RoundRobin {} }, /a function or class, not a module/],
  ['an object without register()', { default: { name: 'x' } }, /an object without register\(\)/],
  ['something else in the list', { default: [plain, 3] }, /item 1 of its default export is a number/],
  ['an empty list', { default: [] }, /an empty list/],
  ['a failure while loading', new TypeError('x is not a function'), /it failed while it was loaded: TypeError: x is not a function/],
  ['a name that is taken', { default: defineModule({ name: 'fair', register: () => undefined }) }, /module fair is in the list twice/],
])('%s ends with 3 and names what is wrong', async (_what, exports, said) => {
  const { code, out, err } = await runModule(exports);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(said);
  expect(err).not.toMatch(/^\s+at /m);
});

test('a path that leads nowhere', async () => {
  const { code, err } = await runModule({ default: plain }, './mein.js');
  expect(code).toBe(3);
  expect(err).toMatch(/module \.\/mein\.js: there is no such file/);
});

const failing = (error: Error): unknown => ({
  default: defineModule({
    name: 'failing',
    register: c =>
      add(c, TRACE_SINK, {
        value: {
          schedSwitch: () => {
            throw error;
          },
        },
      }),
  }),
});

test('a broken invariant ends with 4', async () => {
  const { code, err } = await runModule(failing(new InvariantViolation('K999', 'two tasks on one CPU')));
  expect(code).toBe(4);
  expect(err).toMatch(/an invariant of the simulator is broken: K999: two tasks on one CPU/);
});

test('an error of ours ends with 1; its stack is for those who ask', async () => {
  const { code, err } = await runModule(failing(new RangeError('oops')));
  expect(code).toBe(1);
  expect(err).toBe('error: RangeError: oops\n  = this is a bug of proxysched\n  = PROXYSCHED_DEBUG=1 shows where it happened\n');
  const modules = { 'mine.js': failing(new RangeError('oops')) };
  const debug = await world.runWith({ modules, env: { PROXYSCHED_DEBUG: '1' } }, 'run', 'x.yaml', '--quiet', '--module', './mine.js');
  expect(debug.err).toMatch(/^RangeError: oops\n\s+at /);
});
