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
  ['patience without a wait', [{ try: { lock: 'M', wait: false, timeout: '1ms', do: [{ unlock: 'M' }] } }], ['E061']],
  ['more locks than there are', [{ lockAll: { mutexes: ['W{0..1}'], some: 3, do: [] } }], ['E061']],
  ['the same lock twice in a list', [{ lockAll: { mutexes: ['M', 'M'], do: [] } }], ['E023']],
  ['a list that cannot be read', [{ lockAll: { mutexes: ['W{1..0}'], do: [] } }], ['E079']],
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

test('an attempt that does not wait; in a transaction it may also be refused, and the program says what then', () => {
  const attempt = { lock: 'W0', wait: false, do: [{ unlock: 'W0' }] };
  expect(ops(scenarioOf(scenario([{ try: attempt }])))).toBe('lock(1,true,2) unlock(1)');
  const program = [{ transaction: [{ lock: 'W0' }, { try: { lock: 'W1', do: [{ unlock: 'W1' }] } }, { unlock: 'W0' }] }];
  expect(codes(read(scenario(program)))).toEqual([]);
  // What it holds it does not get once more, so that the unlock in between is the only one.
  const twice = [{ lock: 'M' }, { try: { lock: 'M', wait: false, do: [{ unlock: 'M' }] } }, { unlock: 'M' }];
  expect(codes(read(scenario(twice)))).toEqual([]);
});

describe('several locks at once', () => {
  const program = (more: object): object =>
    scenario([{ lockAll: { mutexes: ['L{0..9}'], do: [{ run: '1us' }], ...more } }], { mutexes: ['L{0..9}'] });
  const taken = (text: string): number[] => [...text.matchAll(/\block\((\d+)\)/g)].map(m => Number(m[1]));
  const given = (text: string): number[] => [...text.matchAll(/unlock\((\d+)\)/g)].map(m => Number(m[1]));

  test('are taken as they are listed, and given back the other way round', () => {
    const text = ops(scenarioOf(program({})));
    expect(taken(text)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(given(text)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('in an order, or a choice, that the seed draws', () => {
    const drawn = taken(ops(scenarioOf(program({ order: 'drawn' }))));
    expect([...drawn].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(drawn).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(taken(ops(scenarioOf({ ...program({ order: 'drawn' }), seed: 2 })))).not.toEqual(drawn);
    const some = taken(ops(scenarioOf(program({ some: 4 }))));
    expect(some).toHaveLength(4);
    expect(some).toEqual([...some].sort((a, b) => a - b));
  });

  test('by names that compute with the instance', () => {
    const task = { name: 't', instances: 2, program: [{ lockAll: { mutexes: ['L{i}', 'L{i+1}'], do: [] } }] };
    const { tasks, mutexes } = scenarioOf({ version: 1, until: '1s', tasks: [task] });
    const names = (i: number): (string | undefined)[] =>
      tasks[i]!.program.ops.flatMap(op => (op.op === 'lock' ? [mutexes[op.mutex]!.name] : []));
    expect([names(0), names(1)]).toEqual([
      ['L0', 'L1'],
      ['L1', 'L2'],
    ]);
  });
});

describe('what is done from outside', () => {
  const event = (more: object): object => scenario([], { outside: [{ at: '5ms', tasks: '*', ...more }], machine: { cpus: 4 } });

  test('to every task whose name fits', () => {
    expect(scenarioOf(event({ setCpus: ['1-2'] })).outside).toEqual([
      { at: 5_000_000, task: 0, act: 'setAffinity', cpus: [1, 2] },
      { at: 5_000_000, task: 1, act: 'setAffinity', cpus: [1, 2] },
    ]);
    expect(scenarioOf(event({ tasks: 'b', setPolicy: 'fifo 3' })).outside).toEqual([
      { at: 5_000_000, task: 1, act: 'setPolicy', policy: { kind: 'fifo', prio: 3 } },
    ]);
  });

  test('to CPUs, and other things to tasks', () => {
    const groups = [{ name: 'g' }];
    const events = [{ at: '1ms', unplug: 3 }, { at: '2ms', plug: 3 }, { at: '3ms', tasks: 'a', kill: true }, { at: '4ms', tasks: 'b', setGroup: 'g' }];
    expect(scenarioOf(scenario([], { groups, outside: events, machine: { cpus: 4 } })).outside).toEqual([
      { at: 1_000_000, act: 'unplug', cpu: 3 },
      { at: 2_000_000, act: 'plug', cpu: 3 },
      { at: 3_000_000, task: 0, act: 'kill' },
      { at: 4_000_000, task: 1, act: 'setGroup', group: 1 },
    ]);
  });

  test('and a lock that is waited for as for I/O', () => {
    expect(scenarioOf(scenario([{ lockIo: 'M' }, { unlock: 'M' }])).tasks[0]!.program.ops[0]).toMatchObject({ op: 'lock', io: true });
  });

  test.each<[string, object, string[]]>([
    ['nothing', {}, ['E061']],
    ['two things', { setCpus: [0], setPolicy: 'fifo 3' }, ['E061']],
    ['to nobody', { tasks: 'c*', setCpus: [0] }, ['E075']],
    ['a CPU that is not there', { setCpus: [4] }, ['E021']],
    ['a CPU, of tasks', { unplug: 1 }, ['E061']],
    ['tasks, without saying which', { tasks: undefined, kill: true }, ['E061']],
    ['another CPU that is not there', { tasks: undefined, plug: 4 }, ['E021']],
  ])('%s', (_, more, expected) => {
    expect(codes(read(event(more)))).toEqual(expected);
  });
});
