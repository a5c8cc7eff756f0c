import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkload, renderDiagnostic } from '../src/index.js';
import { describeWith, RT_APP } from './data.js';
import { codes, ops, places, read, scenarioOf } from './helpers.js';

const one = (task: string, more = ''): string => `{"tasks":{"a":{${task}}}${more}}`;

describe('events', () => {
  test.each([
    ['"run":3', 'run(3000)'],
    ['"runtime":3', 'runFor(3000)'],
    ['"sleep":0,"run1":1', 'sleep(0) run(1000)'],
    ['"lock":"m","run":1,"unlock":"m"', 'lock(0) run(1000) unlock(0)'],
    ['"lock":"m","wait":{"ref":"c","mutex":"m"},"unlock":"m"', 'lock(0) wait(0,0) lock(0) unlock(0)'],
    ['"lock":"m","sync":{"ref":"c","mutex":"m"},"unlock":"m"', 'lock(0) signal(0) wait(0,0) lock(0) unlock(0)'],
    ['"suspend":"a"', 'lock(0) wait(0,0) lock(0) unlock(0)'],
    ['"run":1,"resume":"a","suspend":"a"', 'run(1000) lock(0) broadcast(0) unlock(0) lock(0) wait(0,0) lock(0) unlock(0)'],
    ['"run":1,"signal":"c","broad":"c"', 'run(1000) signal(0) broadcast(0)'],
    ['"run":1,"barrier":"b","sem_post":"s","sem_wait":"s","yield":""', 'run(1000) barrier(0) semPost(0) semWait(0) yield'],
    ['"timer":{"ref":"unique","period":5,"mode":"absolute"}', 'timer(0,5000,absolute)'],
    ['"timer":{"ref":"t","period":5},"timer2":{"ref":"t","period":6,"mode":"absolute"}', 'timer(0,5000,absolute) timer(0,6000,absolute)'],
    ['"mem":10000,"iorun":20000,"memrun":{"type":"chase","count":20}', 'run(1000) run(2000) run(2000)'],
  ])('%s', (task, compiled) => {
    expect(ops(scenarioOf(one(`"loop":1,${task}`)))).toBe(compiled);
  });

  test('a key is an event by its prefix, runtime before run, memrun before mem', () => {
    expect(ops(scenarioOf(one('"loop":1,"run_b":1,"runtime0":2')))).toBe('run(1000) runFor(2000)');
    expect(codes(read(one('"runner":1')))).toContain('W016');
  });

  test('the source of an operation is its event, and its place the key', () => {
    const result = read('{"tasks":{"a":{\n"run":1,\n  "suspend":"a"}}}');
    expect(result.ok && result.scenario.tasks[0]!.program.ops.map(op => op.src)).toEqual([0, 1, 1, 1, 1, undefined]);
    expect(result.ok && result.places[0]!.slice(0, 2)).toEqual([
      { line: 2, column: 1 },
      { line: 3, column: 3 },
    ]);
  });
});

describe('loops', () => {
  test('without phases: for ever, or so many times', () => {
    expect(ops(scenarioOf(one('"run":1')))).toBe('run(1000) jump(0,-1)');
    expect(ops(scenarioOf(one('"loop":3,"run":1')))).toBe('run(1000) jump(0,2)');
    expect(ops(scenarioOf(one('"loop":-1,"run":1')))).toBe('run(1000) jump(0,-1)');
  });

  test('with phases: of a phase, and of them all', () => {
    const text = one('"phases":{"p":{"loop":2,"run":1},"q":{"run":2}},"loop":5');
    expect(ops(scenarioOf(text))).toBe('run(1000) jump(0,1) run(2000) jump(0,4)');
    expect(ops(scenarioOf(one('"phases":{"p":{"run":1}}')))).toBe('run(1000) jump(0,-1)');
  });
});

describe('repeated keys', () => {
  const text = one('"loop":1,"run":1,"sleep":2,"run":3');
  test('are all kept, in order', () => {
    expect(ops(scenarioOf(text))).toBe('run(1000) sleep(2000) run(3000)');
    expect(codes(read(text))).toContain('W014');
  });
  test('or the last at the place of the first, as rt-app has it', () => {
    expect(ops(scenarioOf(text, { duplicates: 'last' }))).toBe('run(3000) sleep(2000)');
  });
  test('also tasks and phases; an attribute counts once', () => {
    const scenario = scenarioOf('{"tasks":{"a":{"run":1,"loop":1},"a":{"run":2,"loop":1,"loop":2}}}');
    expect(scenario.tasks.map(t => t.comm)).toEqual(['a-0', 'a-1']);
    expect(ops(scenario, 1)).toBe('run(2000) jump(0,1)');
  });
  test('look like this', () => {
    const lines = '{"tasks":{"a":{\n  "run" : 15,\n  "run" :  7\n}}, "global":{"duration":1}}';
    const [d] = read(lines).diagnostics;
    expect(renderDiagnostic(d!, lines, { color: false })).toBe(
      [
        'warning[W014]: repeated key "run" in task "a"',
        ' --> x.json:3:3',
        '   |',
        ' 2 |   "run" : 15,',
        '   |   ----- first here',
        ' 3 |   "run" :  7',
        "   |   ^^^^^ rt-app itself would keep only this one (7), at the first one's place",
        "   = kept all, in order (as workgen does). To get rt-app's behaviour: --duplicates last",
      ].join('\n'),
    );
  });
});

describe('attributes', () => {
  const policy = (task: string, more = ''): unknown => scenarioOf(one(`"run":1,${task}`, more)).tasks[0]!.policy;
  test.each([
    ['"priority":-5', { kind: 'normal', nice: -5 }],
    ['"policy":"SCHED_FIFO"', { kind: 'fifo', prio: 10 }],
    ['"policy":"SCHED_RR","priority":7', { kind: 'rr', prio: 7 }],
    ['"policy":"SCHED_IDLE"', { kind: 'idle', nice: 0 }],
    ['"dl-runtime":50', { kind: 'normal', nice: 0, slice: 100_000 }],
    ['"policy":"SCHED_DEADLINE","dl-runtime":5', { kind: 'deadline', runtime: 5000, deadline: 5000, period: 5000 }],
    ['"policy":"SCHED_DEADLINE","dl-runtime":5,"dl-period":9', { kind: 'deadline', runtime: 5000, deadline: 9000, period: 9000 }],
    ['"policy":"SCHED_DEADLINE","dl-runtime":5,"period":9,"deadline":8', { kind: 'deadline', runtime: 5000, deadline: 8000, period: 9000 }],
  ])('%s', (task, expected) => {
    expect(policy(task)).toEqual(expected);
  });

  test('the default policy', () => {
    expect(policy('"loop":1', ',"global":{"default_policy":"SCHED_FIFO"}')).toEqual({ kind: 'fifo', prio: 10 });
  });

  test.each([
    ['"priority":20', 'E019'],
    ['"policy":"SCHED_FIFO","priority":100', 'E019'],
    ['"policy":"SCHED_FIFO","priority":0', 'E019'],
    ['"policy":"SCHED_FIF0"', 'E018'],
    ['"policy":"SCHED_DEADLINE"', 'E020'],
    ['"policy":"SCHED_DEADLINE","dl-runtime":9,"dl-deadline":5,"dl-period":10', 'E020'],
    ['"policy":"SCHED_FIFO","taskgroup":"/g"', 'E037'],
    ['"taskgroup":"g"', 'E038'],
    ['"cpus":[]', 'E021'],
    ['"cpus":[-1]', 'E021'],
  ])('%s: %s', (task, code) => {
    expect(codes(read(one(`"run":1,${task}`)))).toContain(code);
  });

  test('change with the phases: CPUs fall back to the task, policy and group stay', () => {
    const text = one(
      '"cpus":[1],"phases":{"p":{"run":1,"cpus":[0]},"q":{"run":1,"policy":"SCHED_FIFO"},"r":{"run":1,"policy":"SCHED_OTHER","taskgroup":"/g/h"}},"loop":1',
    );
    const scenario = scenarioOf(text);
    expect(scenario.tasks[0]).toMatchObject({ cpus: [0], policy: { kind: 'normal' }, group: 0 });
    expect(ops(scenario)).toBe(
      'run(1000) setAffinity([1]) setPolicy({"kind":"fifo","prio":10}) run(1000) setPolicy({"kind":"normal","nice":0}) setGroup(2) run(1000)',
    );
    expect(scenario.groups).toEqual([
      { name: '/', weight: 1024, parent: 0 },
      { name: '/g', weight: 1024, parent: 0 },
      { name: '/g/h', weight: 1024, parent: 1 },
    ]);
  });

  test('CPUs: four, or as many as are named, or as many as are said', () => {
    expect(scenarioOf(one('"run":1')).machine.cpus).toBe(4);
    expect(scenarioOf(one('"run":1,"cpus":[6]')).machine.cpus).toBe(7);
    expect(places(read(one('"run":1,"cpus":[6]'), { cpus: 2 }))).toContain('E021 1:31');
  });
});

test('instances have names of their own, of 15 characters', () => {
  const scenario = scenarioOf('{"tasks":{"x":{"run":1},"a name of sixteen":{"instance":2,"delay":7,"run":1}}}');
  expect(scenario.tasks.map(t => [t.comm, t.start])).toEqual([
    ['x-0', 0],
    ['a_name_of_six-1', 7000],
    ['a_name_of_six-2', 7000],
  ]);
});

test('a unique timer is one per thread, any other is shared', () => {
  const text = one('"instance":2,"timer":{"ref":"unique1","period":1},"timer_g":{"ref":"g","period":1}');
  expect(scenarioOf(text).timers.map(t => t.name)).toEqual(['a-0.unique1', 'g', 'a-1.unique1']);
  expect(codes(read(text))).toContain('W028');
});

test('barriers count uses, weighted by instances', () => {
  const text = '{"tasks":{"a":{"instance":3,"run":1,"barrier":"b"},"c":{"run":1,"barrier":"b"}}}';
  expect(scenarioOf(text).barriers).toEqual([{ name: 'b', count: 4 }]);
});

test('a forked task has a template behind all others', () => {
  const scenario = scenarioOf(
    '{"tasks":{"t":{"instance":0,"loop":1,"run":1},"a":{"loop":1,"fork":"t","fork1":"a2"},"a2":{"loop":1,"run":1}}}',
  );
  expect(scenario.tasks.map(t => [t.comm, t.template])).toEqual([
    ['a-0', undefined],
    ['a2-1', undefined],
    ['t', true],
    ['a2', true],
  ]);
  expect(ops(scenario)).toBe('fork(2) fork(3)');
});

test('duration: said, estimated, or a second', () => {
  expect(scenarioOf(one('"run":1', ',"global":{"duration":6}')).until).toBe(6e9);
  expect(scenarioOf(one('"run":1')).until).toBe(1e9);
  expect(scenarioOf(one('"run":1000000,"loop":3')).until).toBe(7e9);
  expect(scenarioOf(one('"run":1'), { until: 5 }).until).toBe(5);
});

describe('suspend', () => {
  const text = '{"tasks":{"a":{"run":1,"suspend":"x"},"b":{"run":1,"resume":"x"}}}';
  test('goes by the string where it differs, and says so', () => {
    expect(codes(read(text))).toContain('N030');
    expect(codes(read(text))).not.toContain('E031');
    expect(scenarioOf(text).conditions).toEqual([{ name: 'x' }]);
  });
  test("goes by the task's name on demand", () => {
    expect(codes(read(text, { suspend: 'own-name' }))).toContain('E031');
    const own = '{"tasks":{"a":{"run":1,"suspend":"x"},"b":{"run":1,"resume":"a"}}}';
    expect(scenarioOf(own, { suspend: 'own-name' }).conditions).toEqual([{ name: 'a' }]);
    expect(codes(read(own))).toContain('W031');
  });
  test('may have no string', () => {
    const result = read('{"tasks":{"a":{"run":1,"suspend",},"b":{"run":1,"resume":"a"}}}');
    expect([result.ok, codes(result).includes('W044')]).toEqual([true, true]);
  });
});

test.each([
  ['"unlock":"m","run":1', 'E022'],
  ['"lock":"m","lock1":"m","run":1', 'E023'],
  ['"lock":"m","run":1,"loop":1', 'E025'],
  ['"lock":"m","run":1', 'W024'],
  ['"wait":{"ref":"c","mutex":"m"},"unlock":"m"', 'W026'],
  ['"lock":"m","wait":{"ref":"c"},"unlock":"m"', 'W046'],
  ['"run":1,"signal":"c"', 'W027'],
  ['"run":1,"resume":"nobody"', 'W031'],
  ['"run":1,"fork":"nobody"', 'E032'],
  ['"run":1,"prioriti":1', 'W015'],
  ['"run":"1"', 'E010'],
  ['"run":1e3', 'E013'],
  ['"run":-1', 'E048'],
  ['"run":9999999999', 'W036'],
  ['"run":1,"instance":-1', 'E051'],
  ['"yield":""', 'E049'],
  ['"instance":0,"run":1', 'W042'],
  ['"instance":0,"run":1', 'E043'],
  ['"phases":{}', 'E017'],
  ['"phases":{"p":{"loop":1}}', 'E017'],
  ['"run":1,"phases":{"p":{"run":1}}', 'W045'],
  ['"instance":2000000000,"run":1', 'E050'],
  ['"exec":1,"lock_order":["m"]', 'E011'],
  ['', 'E017'],
])('{%s}: %s', (task, code) => {
  expect(codes(read(one(task)))).toContain(code);
});

test('unknown keys are met with the nearest known', () => {
  expect(read(one('"run":1,"prioriti":1')).diagnostics.find(d => d.code === 'W015')?.help).toEqual(['help: did you mean "priority"?']);
});

test('the rates of memory and I/O are settings', () => {
  const text = one('"loop":1,"mem":1000');
  expect(ops(scenarioOf(text, { overrides: { 'rtapp.memBytesPerUs': '100' } }))).toBe('run(10000)');
  expect(codes(read(text, { overrides: { 'rtapp.memBytesPerUs': '0' } }))).toContain('E091');
});

describeWith(RT_APP, "rt-app's own examples", () => {
  const files = readdirSync(RT_APP, { recursive: true, encoding: 'utf8' })
    .filter(f => f.endsWith('.json'))
    .sort();
  test.each(files)('%s', file => {
    const result = readWorkload(readFileSync(join(RT_APP, file), 'utf8'), { file });
    const errors = result.diagnostics.filter(d => d.severity === 'error').map(d => d.code);
    const old = file.startsWith('merge/');
    expect(result.ok).toBe(!old);
    expect(errors).toEqual(old ? [file.includes('thread') ? 'E011' : 'E012'] : []);
    for (const d of result.diagnostics) expect(d.line > 0 || d.severity === 'note').toBe(true);
  });
});
