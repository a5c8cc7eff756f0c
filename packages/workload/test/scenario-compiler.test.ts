import { codes, ops, places, read, scenarioOf } from './helpers.js';

const head = 'version: 1\nuntil: 10ms\n';
const program = (steps: string): string => `${head}tasks:\n  - name: a\n    program: ${steps}\n`;

test('a whole scenario', () => {
  const text = `
version: 1
name: inversion
about: low keeps high waiting
seed: 7
until: 16ms
proxy: 7.3
machine: { cpus: 2, hz: 1000, hrtick: true, tickPhase: 250us, costs: { contextSwitch: 4us } }
options: { fair.slice: 3ms, fair.runToParity: false, x.mode: fast }
groups: [{ name: g, weight: 512 }, { name: h, parent: g }]
mutexes: [M]
tasks:
  - name: low
    policy: fifo 10
    cpus: [0-1]
    cpu: 1
    group: h
    program: [{ lock: M }, { run: 4ms }, { unlock: M }]
  - name: high
    policy: { deadline: { runtime: 1ms, period: 5ms } }
    start: 2ms
    deadline: 10ms
    program:
      - repeat: { times: 3, do: [{ lock: M }, { run: 1ms }, { unlock: M }, { period: 10ms }] }
      - exit
`;
  const result = read(text);
  expect(result).toMatchObject({ ok: true, source: 'scenario', proxy: '7.3', diagnostics: [] });
  const scenario = scenarioOf(text);
  expect(scenario).toMatchObject({
    name: 'inversion',
    seed: 7,
    until: 16_000_000,
    machine: { cpus: 2, hz: 1000, hrtick: true, tickPhase: 250_000, costs: { contextSwitch: 4000, lockOp: 0 } },
    options: { 'fair.slice': 3_000_000, 'fair.runToParity': false, 'x.mode': 'fast' },
    groups: [{ name: '/' }, { name: 'g', weight: 512, parent: 0 }, { name: 'h', weight: 1024, parent: 1 }],
    tasks: [
      { comm: 'low', policy: { kind: 'fifo', prio: 10 }, start: 0, cpus: [0, 1], cpu: 1, group: 2 },
      { comm: 'high', policy: { kind: 'deadline', runtime: 1e6, deadline: 5e6, period: 5e6 }, start: 2e6, deadline: 1e7, group: 0 },
    ],
  });
  expect(ops(scenario, 1)).toBe('lock(0) run(1000000) unlock(0) timer(0,10000000,absolute) jump(0,2) exit');
  expect(result.ok && result.places[1]![1]).toEqual({ line: 24, column: 49 });
});

test.each([
  ['[{ run: 1ms }, { busy: 1us }, { sleep: 2ns }]', 'run(1000000) runFor(1000) sleep(2)'],
  ['[{ lock: M }, { wait: { cond: c, mutex: M } }, { unlock: M }]', 'lock(0) wait(0,0) lock(0) unlock(0)'],
  [
    '[{ signal: c }, { broadcast: c }, { barrier: b }, { post: s }, { await: s }]',
    'signal(0) broadcast(0) barrier(0) semPost(0) semWait(0)',
  ],
  ['[{ period: { every: 1us, timer: t, mode: relative } }, { period: 2us }]', 'timer(0,1000,relative) timer(1,2000,absolute)'],
  ['[{ setPolicy: nice 5 }, { setCpus: [0] }, yield, exit]', 'setPolicy({"kind":"normal","nice":5}) setAffinity([0]) yield exit'],
  [
    '[{ repeat: { times: 2, do: [{ run: 1ns }, { repeat: { times: forever, do: [{ run: 2ns }] } }] } }]',
    'run(1) run(2) jump(1,-1) jump(0,1)',
  ],
  ['[{ repeat: { times: 0, do: [{ run: 1ns }] } }, { repeat: { times: 1, do: [{ run: 2ns }] } }]', 'run(2)'],
  ['[]', ''],
])('%s', (steps, compiled) => {
  expect(ops(scenarioOf(program(steps)))).toBe(compiled);
});

test('fork names a template', () => {
  const text = `${head}tasks: [{name: a, program: [{fork: t}]}, {name: t, template: true, program: [{run: 1ms}]}]`;
  expect(ops(scenarioOf(text))).toBe('fork(1)');
});

describe('instances', () => {
  test('number names, locks and CPUs', () => {
    const text = `
version: 1
until: 1s
machine: { cpus: 256 }
mutexes: ['M{0..256}']
tasks:
  - name: boot-{i}
    instances: 256
    cpus: ['{i}']
    program: [{ lock: 'M{i}' }, { lock: 'M{i+1}' }, { run: 1ms }, { unlock: 'M{i+1}' }, { unlock: 'M{i}' }]
`;
    const scenario = scenarioOf(text);
    expect(scenario.tasks).toHaveLength(256);
    expect(scenario.tasks[255]).toMatchObject({ comm: 'boot-255', cpus: [255] });
    expect(ops(scenario, 7)).toBe('lock(7) lock(8) run(1000000) unlock(8) unlock(7)');
  });

  test('get a number when the name has none; barriers wait for them all', () => {
    const scenario = scenarioOf(`${head}tasks: [{name: w, instances: 3, program: [{barrier: b}]}]`);
    expect(scenario.tasks.map(t => t.comm)).toEqual(['w-0', 'w-1', 'w-2']);
    expect(scenario.barriers).toEqual([{ name: 'b', count: 3 }]);
  });

  test('what cannot be computed is said', () => {
    expect(codes(read(program("[{ lock: 'M{i}' }]")))).toEqual(['E079']);
    expect(codes(read(`${head}tasks: [{name: w, instances: 2, program: [{post: 's{i-1}'}]}]`))).toEqual(['E079']);
  });
});

describe('chance', () => {
  const text = (extra = ''): string =>
    `${head}tasks: [${extra}{name: a, instances: 2, program: [{run: {uniform: [1ms, 3ms]}}, {sleep: {oneOf: [1us, 2us]}}]}]`;
  const draws = (t: string, seed: number): unknown =>
    scenarioOf(t, { seed })
      .tasks.filter(x => x.comm.startsWith('a-'))
      .map(x => x.program.ops);
  test('follows from the seed and the place alone', () => {
    expect(draws(text(), 1)).toEqual(draws(text(), 1));
    expect(draws(text(), 1)).not.toEqual(draws(text(), 2));
    expect(draws(text('{name: b, program: [{run: {uniform: [1ms, 3ms]}}]},'), 1)).toEqual(draws(text(), 1));
    const [first, second] = scenarioOf(text()).tasks;
    expect(first!.program.ops[0]).not.toEqual(second!.program.ops[0]);
  });
  test('has its bounds in order', () => {
    expect(codes(read(program('[{run: {uniform: [3ms, 1ms]}}]')))).toEqual(['E082']);
  });
});

test('says all that is wrong at once, each at its place', () => {
  const text = `version: 1
until: 16
machine: { cpu: 1, hz: fast }
expcet: []
tasks:
  - name: low
    polcy: fifo 10
    program: [{ lok: M }, { run: 4 }, { unlock: M, run: 1ms }, { run: -3ms }, {}, yeld]
`;
  expect(places(read(text))).toEqual([
    'E074 2:8', 'E073 3:12', 'E072 3:24', 'E073 4:1', 'E073 7:5', 'E073 8:17', 'E074 8:34', 'E080 8:41', 'E074 8:71', 'E080 8:79', 'E072 8:83',
  ]); // prettier-ignore
  expect(read(text).diagnostics.map(d => d.help?.[0] ?? '')).toEqual(
    expect.arrayContaining(['help: did you mean "cpus"?', 'help: did you mean "policy"?', 'help: did you mean "lock"?']),
  );
});

test.each([
  [`until: 10ms\ntasks: [{name: a, program: []}]`, 'E070'],
  ['version: 2\ntasks: []', 'E071'],
  ['version: 1.5\nuntil: 1ms\ntasks: [{name: a, program: []}]', 'E072'],
  [`version: 1\n${head}tasks: [{name: a, program: []}]`, 'E009'],
  [`${head}tasks: []`, 'E072'],
  [`${head}tasks: [{name: a, program: []}, {name: a, program: []}]`, 'E076'],
  [`${head}tasks: [{name: a b, program: []}]`, 'E077'],
  [`${head}tasks: [{name: abcdefghijklmnop, program: []}]`, 'E077'],
  [`${head}tasks: [{name: a, cpus: [3], program: []}]`, 'E021'],
  [`${head}tasks: [{name: a, cpus: [], program: []}]`, 'E072'],
  [`${head}machine: {cpus: 0}\ntasks: [{name: a, program: []}]`, 'E072'],
  [`${head}tasks: [{name: a, group: x, program: []}]`, 'E075'],
  [`${head}tasks: [{name: a, policy: fifo, program: []}]`, 'E078'],
  [`${head}tasks: [{name: a, policy: fifo 100, program: []}]`, 'E019'],
  [`${head}tasks: [{name: a, policy: deadline 3ms/2ms, program: []}]`, 'E020'],
  [`${head}tasks: [{name: a, policy: {fifo: 3, rr: 4}, program: []}]`, 'E078'],
  [`${head}tasks: [{name: a, template: true, program: []}]`, 'E043'],
  [`${head}groups: [{name: a, parent: b}, {name: b}]\ntasks: [{name: a, program: []}]`, 'E081'],
  [`${head}mutexes: [Mutex]\ntasks: [{name: a, program: [{lock: Mutx}]}]`, 'E075'],
  [`${head}conditions: []\ntasks: [{name: a, program: [{signal: c}]}]`, 'E075'],
  [program('[{fork: t}]'), 'E075'],
  [program('[{unlock: M}]'), 'E022'],
  [program('[{lock: M}, {lock: M}]'), 'E023'],
  [program('[{lock: M}]'), 'E025'],
  [program('[{wait: {cond: c, mutex: M}}]'), 'E026'],
  [program('[{repeat: {times: forever, do: [yield]}}]'), 'E049'],
  [program('[{repeat: {times: 1000000000, do: [yield]}}]'), 'E049'],
])('%j: %s', (text, code) => {
  expect(codes(read(text))).toEqual([code]);
});

test('a name that is not there is met with the nearest', () => {
  const [d] = read(`${head}mutexes: [Mutex]\ntasks: [{name: a, program: [{lock: Mutx}, {run: 1ms}, {unlock: Mutex}]}]`).diagnostics;
  expect(d).toMatchObject({ message: 'no mutex "Mutx"', help: ['help: did you mean "Mutex"?', 'there is "Mutex"'], line: 4, column: 36 });
});

test('a deadline policy may reclaim, and tell when its budget ends; what is false is not there', () => {
  const policy = (flags: string): unknown =>
    scenarioOf(`${head}tasks: [{name: a, policy: {deadline: {runtime: 1ms, period: 5ms${flags}}}, program: []}]`).tasks[0]!.policy;
  const plain = { kind: 'deadline', runtime: 1e6, deadline: 5e6, period: 5e6 };
  expect(policy(', reclaim: true')).toEqual({ ...plain, reclaim: true });
  expect(policy(', overrun: true, reclaim: false')).toStrictEqual({ ...plain, overrun: true });
  expect(codes(read(`${head}tasks: [{name: a, policy: {deadline: {runtime: 1ms, period: 5ms, reclaim: 1}}, program: []}]`))).toHaveLength(
    1,
  );
});
