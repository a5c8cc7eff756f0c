/** Steps of scenarios about locks that can be refused: transactions, attempts, signals. */
import { codes, ops, read, scenarioOf } from './helpers.js';

const scenario = (program: unknown[], more: object = {}): object => ({
  version: 1,
  until: '1s',
  mutexes: ['M', { name: 'W{0..1}', kind: 'wound-wait' }, { name: 'O', kind: 'mutex' }],
  tasks: [
    { name: 'a', program },
    { name: 'b', program: [] },
  ],
  ...more,
});

test('mutexes have kinds; the ordinary one is not said', () => {
  expect(scenarioOf(scenario([])).mutexes).toEqual([
    { name: 'M' },
    { name: 'W0', kind: 'wound-wait' },
    { name: 'W1', kind: 'wound-wait' },
    { name: 'O' },
  ]);
});

test('a transaction begins a context and ends it; its wait/wound locks know the way to its back-off, which stands behind the end', () => {
  const w = (m: number) => [{ lock: `W${m}` }, { run: '1us' }, { unlock: `W${m}` }];
  const program = [{ transaction: [{ lock: 'M' }, { unlock: 'M' }, ...w(0)] }, { run: '1us' }, { transaction: w(1) }];
  expect(ops(scenarioOf(scenario(program)))).toBe(
    'wbegin lock(0) unlock(0) lock(1,14) run(1000) unlock(1) wend run(1000) wbegin lock(2,15) run(1000) unlock(2) wend exit ' +
      'wbackoff(1,true) wbackoff(9,true)',
  );
});

test('an attempt goes on elsewhere, with and without steps for that', () => {
  const attempt = { lock: 'M', timeout: '2us', do: [{ run: '1us' }, { unlock: 'M' }], else: [{ sleep: '1us' }] };
  expect(ops(scenarioOf(scenario([{ try: attempt }, 'yield'])))).toBe('lock(0,2000,4) run(1000) unlock(0) jump(5,-1) sleep(1000) yield');
  const { else: _, timeout: __, ...bare } = { ...attempt, interruptible: true };
  expect(ops(scenarioOf(scenario([{ try: bare }, 'yield'])))).toBe('lock(0,true,3) run(1000) unlock(0) yield');
});

test('a semaphore is taken to read or to write', () => {
  const program = [{ readLock: 'S' }, { unlock: 'S' }, { lock: 'S' }, { unlock: 'S' }];
  expect(ops(scenarioOf(scenario(program, { mutexes: [{ name: 'S', kind: 'rwsem' }] })))).toBe('lock(0,true) unlock(0) lock(0) unlock(0)');
  expect(codes(read(scenario([{ readLock: 'M' }, { unlock: 'M' }])))).toEqual(['E063']);
});

test('a signal goes to a task', () => {
  expect(ops(scenarioOf(scenario([{ kill: 'b' }])))).toBe('kill(1)');
});

test.each<[string, unknown[], string[]]>([
  ['a transaction in another', [{ transaction: [{ transaction: [{ run: '1us' }] }] }], ['E061']],
  ['an attempt at a wait/wound mutex in a transaction', [{ transaction: [{ try: { lock: 'W0', do: [{ unlock: 'W0' }] } }] }], ['E061']],
  ['a lock kept at the end of an attempt', [{ try: { lock: 'M', do: [{ run: '1us' }] } }], ['E025']],
  ['an unlock without the lock in the way out', [{ try: { lock: 'M', do: [{ unlock: 'M' }], else: [{ unlock: 'M' }] } }], ['E022']],
  ['a plain mutex kept over a back-off', [{ transaction: [{ lock: 'M' }, { lock: 'W0' }, { unlock: 'W0' }, { unlock: 'M' }] }], ['E023']],
  ['a signal to nobody', [{ kill: 'c' }], ['E075']],
])('%s', (_, program, expected) => {
  expect(codes(read(scenario(program)))).toEqual(expected);
});

test('holding a wait/wound mutex over a loop of the transaction is no mistake: the context holds it', () => {
  const program = [{ transaction: [{ lock: 'W0' }, { run: '1us' }, { lock: 'W1' }, { unlock: 'W1' }, { unlock: 'W0' }] }];
  expect(codes(read(scenario(program)))).toEqual([]);
});
