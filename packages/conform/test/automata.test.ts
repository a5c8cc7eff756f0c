import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';
import { conformFile, monitorFor, readAutomaton, type RunMonitor } from '../src/index.js';
import { parseGuard } from '../src/automata/guard.js';

const FOLDER = join(import.meta.dirname, '..', 'data', 'rv');
const FILES = readdirSync(FOLDER).filter(name => name.endsWith('.json'));
const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

describe('the sequences of the files', () => {
  test.each(FILES)('%s', name => {
    expect(conformFile(name, text(name))).toMatchObject({ kind: 'rv', ok: true, failed: 0 });
  });

  // An accepted sequence called rejected, and the other way round, must be noticed.
  test.each(FILES.filter(name => !name.startsWith('rtapp')))('%s with its sequences exchanged falls short', name => {
    const file = JSON.parse(text(name)) as { traces: { accept: unknown[]; reject: unknown[] } };
    const { accept, reject } = file.traces;
    const result = conformFile(name, JSON.stringify({ ...file, traces: { accept: reject, reject: accept } }));
    expect(result.failed).toBe(accept.length + reject.length);
  });

  test('a formula that no step can break falls short', () => {
    const rule = { always: [{ implies: [{ var: 'A' }, { var: 'A' }] }] };
    expect(conformFile('x', JSON.stringify({ schema: 'rv-ltl/1', name: 'x', rule })).failed).toBe(1);
  });

  test('a formula runs over steps: until binds what comes later', () => {
    const rule = { always: [{ implies: [{ var: 'SLEEP' }, { until: [{ not: [{ var: 'WAKE' }] }, { var: 'FRIEND' }] }] }] };
    const traces = {
      accept: [
        [['SLEEP'], [], ['FRIEND', 'WAKE']],
        [['WAKE'], ['SLEEP'], []],
      ],
      reject: [[['SLEEP'], [], ['WAKE']]],
    };
    expect(conformFile('x', JSON.stringify({ schema: 'rv-ltl/1', name: 'x', rule, traces }))).toMatchObject({ failed: 0, compared: 5 });
  });

  test.each([
    [
      'two transitions for one event',
      {
        transitions: [
          { from: 'a', event: 'e', to: 'a' },
          { from: 'a', event: 'e', to: 'b' },
        ],
      },
      /two transitions from a on e/,
    ],
    ['a state that is not declared', { transitions: [{ from: 'a', event: 'e', to: 'c' }] }, /"c" is not among its states/],
    ['a bound without a value', { transitions: [], invariants: [{ state: 'a', clock: 'c', op: '<', bound: 'X' }] }, /no value for X/],
    ['a guard that cannot be read', { transitions: [{ from: 'a', event: 'e', to: 'b', guard: 'x ==' }] }, /a guard that cannot be read/],
  ])('%s makes the file invalid', (_what, change, said) => {
    const file = {
      schema: 'rv-automaton/1',
      name: 'x',
      type: 'hybrid',
      scope: 'per-task',
      states: ['a', 'b'],
      initial: 'a',
      events: ['e'],
      ...change,
    };
    expect(conformFile('x', JSON.stringify(file)).invalid).toMatch(said);
  });
});

test.each([
  ['a == 1', { a: 1 }, true],
  ['a == 1', {}, false],
  ['a != 1 && b >= 2', { b: 2 }, true],
  ['a == 1 || b == 1 && c == 1', { b: 1 }, false],
  ['(a == 1 || b == 1) && c == 1', { b: 1, c: 1 }, true],
  ['!(a < 3)', { a: 3 }, true],
  ['a', { a: 2 }, true],
  ['a > -1', {}, true],
])('guard %s with %j: %s', (guard, env, holds) => {
  expect(parseGuard(guard)(env as Record<string, number>)).toBe(holds);
});

describe('our own runs', () => {
  const SCENARIOS = join(import.meta.dirname, '..', '..', '..', 'scenarios');
  const names = readdirSync(SCENARIOS).filter(name => existsSync(join(SCENARIOS, name, 'scenario.yaml')));
  const taken = new Map<string, number>();
  afterAll(
    () =>
      void process.stdout.write(
        `automata over ${names.length} scenarios, events taken: ${[...taken].map(([n, c]) => `${n} ${c}`).join(', ')}\n`,
      ),
  );

  /** Those whose rule holds for any workload. `nomiss` and `stall` depend on the load. */
  const SAFE = ['sssw', 'wwnr', 'snroc', 'mutex_owner_word', 'grub_task_state', 'dl_server'];

  function run(name: string, generation: GenerationName, monitors: readonly RunMonitor[]): void {
    const file = join(SCENARIOS, name, 'scenario.yaml');
    const read = readWorkload(readFileSync(file, 'utf8'), { file });
    if (!read.ok) throw new Error(`${name}: ${read.diagnostics[0]!.message}`);
    const scenario = { ...read.scenario, options: { ...generationOptions(generation), ...read.scenario.options } };
    createSimulation(scenario, linux(generation), monitors).run();
  }

  const automaton = (name: string): ReturnType<typeof readAutomaton> => readAutomaton(name, JSON.parse(text(`${name}.json`)));

  describe.each(['off', '7.3'] as const)('proxy execution %s', generation => {
    test.each(names)('%s', name => {
      const monitors = SAFE.map(rule => monitorFor(automaton(rule))!);
      run(name, generation, monitors);
      expect(monitors.flatMap(m => m.violations)).toEqual([]);
      SAFE.forEach((rule, i) => taken.set(rule, (taken.get(rule) ?? 0) + monitors[i]!.taken));
    });
  });

  test('every rule took events', () => {
    for (const rule of ['sssw', 'wwnr', 'snroc', 'mutex_owner_word']) expect(taken.get(rule)).toBeGreaterThan(100);
  });

  test('sssw notices a donor that is taken for who executes', () => {
    const rule = monitorFor(automaton('sssw'))!;
    const mistaken: RunMonitor = Object.assign(Object.create(rule) as RunMonitor, {
      schedSwitch: (...[now, cpu, prev, , donor, preempted]: Parameters<NonNullable<RunMonitor['schedSwitch']>>) =>
        rule.schedSwitch!(now, cpu, prev, donor, donor, preempted),
      schedWakeup: rule.schedWakeup!.bind(rule),
    });
    run('chain-of-three', '7.3', [mistaken]);
    expect(rule.violations[0]).toMatchObject({ automaton: 'sssw', state: 'sleeping', event: 'sched_switch_in' });
  });

  function runText(yaml: string, monitor: RunMonitor): RunMonitor {
    const read = readWorkload(yaml, { file: 'x.yaml' });
    if (!read.ok) throw new Error(read.diagnostics[0]!.message);
    createSimulation({ ...read.scenario, options: { ...read.scenario.options, 'deadline.admission': false } }, linux('off'), [
      monitor,
    ]).run();
    return monitor;
  }
  const periodic = (name: string, policy: string, work: string, every: string): string =>
    `  - {name: ${name}, policy: ${policy}, program: [{repeat: {times: forever, do: [{run: ${work}}, {period: ${every}}]}}]}\n`;
  const machine = (tasks: string): string => `version: 1\nuntil: 400ms\nmachine: {cpus: 1, hz: exact}\ntasks:\n${tasks}`;

  test('nomiss: admitted reservations keep their deadlines, throttled or not; too many on one CPU do not', () => {
    const some = periodic('a', 'deadline 4ms/10ms', '4ms', '10ms') + periodic('b', 'deadline 9ms/20ms', '12ms', '20ms');
    const admitted = runText(machine(some), monitorFor(automaton('nomiss'))!);
    expect(admitted.violations).toEqual([]);
    expect(admitted.taken).toBeGreaterThan(100);
    const over = runText(machine(some + periodic('c', 'deadline 9ms/30ms', '9ms', '30ms')), monitorFor(automaton('nomiss'))!);
    expect(over.violations[0]).toMatchObject({ automaton: 'nomiss', event: expect.stringMatching(/^clk reached/) });
  });

  test('stall: a task behind a real-time hog waits beyond any threshold, at the instant at which it passes', () => {
    const fair = periodic('low', 'nice 0', '1ms', '10ms');
    const alone = runText(machine(fair), monitorFor(automaton('stall'), { stall: 100e6 })!);
    expect(alone.violations).toEqual([]);
    expect(alone.taken).toBeGreaterThan(50);
    const hog = '  - {name: hog, policy: fifo 1, start: 15ms, program: [{run: 1s}]}\n';
    const behind = runText(machine(fair + hog), monitorFor(automaton('stall'), { stall: 100e6 })!);
    expect(behind.violations).toEqual([
      { automaton: 'stall', instance: 'low', state: 'enqueued', event: 'clk reached 100000000', at: 120e6 },
    ]);
  });

  test('grub_task_state and dl_server: reservations that sleep before and after their 0-lag time, a server behind a hog', () => {
    const grub = runText(
      machine(periodic('a', 'deadline 4ms/10ms', '1ms', '10ms') + periodic('b', 'deadline 4ms/10ms', '4ms', '10ms')),
      monitorFor(automaton('grub_task_state'))!,
    );
    expect(grub.violations).toEqual([]);
    expect(grub.taken).toBeGreaterThan(50);
    const hog = '  - {name: hog, policy: fifo 1, program: [{run: 5s}]}\n  - {name: fair, policy: nice 0, program: [{run: 5s}]}\n';
    const options = 'options: {deadline.serverRuntime: 50ms}\n';
    const server = runText(`${options}${machine(hog).replace('400ms', '3s')}`, monitorFor(automaton('dl_server'))!);
    expect(server.violations).toEqual([]);
    // Started, at zero laxity at 950 ms, and from then on exhausted and replenished every second.
    expect(server.taken).toBeGreaterThanOrEqual(6);
  });
});
