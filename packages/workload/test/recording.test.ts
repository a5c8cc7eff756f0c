import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkload, RECORDED_CLASS_COSTS, RECORDED_MACHINE_COSTS, recordedBeat } from '../src/index.js';
import { describeWith, RECORDINGS } from './data.js';
import { codes, ops, read, scenarioOf } from './helpers.js';

const recording = (task: object, more: object = {}): object => ({
  id: 'r',
  about: 'one task',
  machine: { config: { proxy_exec: true, hz: 1000, hrtick: true, cpus: 2, base_slice_ns: 1400000, tick_phase_us: 3 } },
  duration_us: 400,
  cgroups: [{ name: 'g', weight: 50 }],
  tasks: [{ name: 'T', policy: 'fair', nice: 1, slice_us: 0, cpus: [], start_us: 2, loops: -1, ops: [['run', 1]], ...task }],
  events: [['nonsense']],
  ...more,
});

test('takes the machine, the groups and the tasks', () => {
  const result = read(recording({ cgroup: 'g', cpus: [1], slice_us: 300 }));
  expect(result).toMatchObject({ ok: true, source: 'recording', proxy: '7.3' });
  expect(result.ok && result.scenario).toMatchObject({
    name: 'r',
    until: 400_000,
    machine: {
      cpus: 2,
      hz: 1000,
      hrtick: true,
      tickPhase: 3000,
      costs: RECORDED_MACHINE_COSTS,
      classCosts: RECORDED_CLASS_COSTS,
      turns: { beat: recordedBeat(2) },
    },
    options: { 'fair.slice': 1_400_000 },
    groups: [{ name: '/' }, { name: 'g', weight: 512, parent: 0 }],
    tasks: [{ comm: 'T', policy: { kind: 'normal', nice: 1, slice: 300_000 }, start: 2000, cpus: [1], group: 1 }],
  });
});

test('compiles the operations; the source is their index', () => {
  const list = [
    ['lock', 1],
    ['run', 2],
    ['unlock', 1],
    ['sleep', 3],
    ['period', 9],
    ['yield', 0],
    ['period', 8],
  ];
  const scenario = scenarioOf(recording({ ops: list, loops: 3 }));
  expect(ops(scenario)).toBe('lock(1) run(2000) unlock(1) sleep(3000) timer(0,9000,absolute) yield timer(0,8000,absolute) jump(0,2)');
  expect(scenario.tasks[0]!.program.ops.map(op => op.src)).toEqual([0, 1, 2, 3, 4, 5, 6, undefined]);
  expect(scenario.mutexes).toHaveLength(2);
});

test.each([
  [
    { policy: 'fifo', prio: 5 },
    { kind: 'fifo', prio: 5 },
  ],
  [
    { policy: 'rr', prio: 6 },
    { kind: 'rr', prio: 6 },
  ],
  [{ policy: 'batch' }, { kind: 'batch', nice: 1 }],
  [{ policy: 'idle' }, { kind: 'idle', nice: 1 }],
  [
    { policy: 'dl', runtime_us: 1, deadline_us: 2, period_us: 3 },
    { kind: 'deadline', runtime: 1000, deadline: 2000, period: 3000 },
  ],
])('%j', (task, policy) => {
  expect(scenarioOf(recording(task)).tasks[0]!.policy).toEqual(policy);
});

test('a deadline task that starts 3 ms in or later is a fair one until then, and sleeps to its first release as a deadline task', () => {
  const task = {
    policy: 'dl',
    runtime_us: 1,
    deadline_us: 2,
    period_us: 3,
    ops: [
      ['run', 2],
      ['period', 9],
    ],
    loops: -1,
  };
  const late = scenarioOf(recording({ ...task, start_us: 4000 }));
  expect(late.tasks[0]).toMatchObject({ policy: { kind: 'normal', nice: 0 }, start: 1_000_000 });
  expect(late.tasks[0]!.program.ops).toMatchObject([
    { op: 'setPolicy', policy: { kind: 'deadline', runtime: 1000, deadline: 2000, period: 3000 } },
    { op: 'timer', timer: 0, period: 3_000_000 },
    { op: 'run', src: 0 },
    { op: 'timer', timer: 0, period: 9000, src: 1 },
    { op: 'jump', to: 2 },
  ]);
  expect(scenarioOf(recording({ ...task, start_us: 2999 })).tasks[0]).toMatchObject({ policy: { kind: 'deadline' }, start: 2_999_000 });
});

test.each([
  [{ ops: [['wbegin', 0]] }, 'E061'],
  [{ ops: [['wbegin', 2]] }, 'E061'],
  [{ ops: [['wlock', 0]] }, 'E061'],
  [{ ops: [['wend', 0]] }, 'E061'],
  [{ ops: [['lokc', 0]] }, 'E062'],
  [{ ops: [['run', -1]] }, 'E072'],
  [{ policy: 'fifo' }, 'E060'],
  [{ policy: 'ext' }, 'E072'],
  [{ cpus: [2] }, 'E021'],
  [{ cgroup: 'x' }, 'E075'],
  [{ policy: 'dl' }, 'E020'],
  [{ ops: [['unlock', 0]] }, 'E022'],
])('%j: %s', (task, code) => {
  expect(codes(read(recording(task)))).toEqual([code]);
});

test('a context: its kind decides whose locks they are, and each has its back-off behind the end', () => {
  const list = [
    ['wbegin', 1],
    ['wlock', 0],
    ['run', 3],
    ['wlock', 1],
    ['wunlock', 1],
    ['wunlock', 0],
    ['wend', 0],
    ['wbegin', 0],
    ['wlock', 0],
    ['wunlock', 0],
    ['wend', 0],
    ['lock', 0],
    ['unlock', 0],
  ] as [string, number][];
  const scenario = scenarioOf(recording({ ops: list, loops: -1 }));
  expect(scenario.mutexes).toEqual([
    { name: 'd0', kind: 'wait-die' },
    { name: 'd1', kind: 'wait-die' },
    { name: 'w0', kind: 'wound-wait' },
    { name: 'm0' },
  ]);
  const { ops: program } = scenario.tasks[0]!.program;
  expect(program.slice(13).map(({ src: _, ...op }) => op)).toEqual([
    { op: 'jump', to: 0, times: -1 },
    { op: 'exit' },
    { op: 'wbackoff', to: 1, slow: false },
    { op: 'wbackoff', to: 8, slow: false },
  ]);
  expect(program.flatMap(op => (op.op === 'lock' ? [op.orElse] : []))).toEqual([15, 15, 16, undefined]);
});

test('says which generation it asks for', () => {
  const off = recording({}, { machine: { config: { proxy_exec: false, hz: 100, cpus: 1 } } });
  expect(read(off)).toMatchObject({ ok: true, proxy: 'off' });
  expect(read(off, { overrides: { proxy: 'v4' } })).toMatchObject({ ok: true, proxy: 'v4' });
});

describeWith(RECORDINGS, 'every recording', () => {
  const files = readdirSync(RECORDINGS).filter(f => f.endsWith('.json'));
  test.each(files)('%s', file => {
    const result = readWorkload(readFileSync(join(RECORDINGS, file), 'utf8'), { file });
    expect([result.ok, codes(result)]).toEqual([true, []]);
  });
});
