import { renderDiagnostic } from '../src/index.js';
import { codes, places, read } from './helpers.js';

describe('a scenario', () => {
  const head = 'version: 1\nuntil: 10ms\n';
  const task = (program: string, more = ''): string =>
    `${head}tasks: [{name: a, ${more}program: ${program}}, {name: z, program: [{unlock: M}]}]`;

  test('what has the wrong shape does not hide what means nothing', () => {
    const text = `version: 1
until: 10ms
nmae: x
machine: { cpus: 0 }
mutexes: [Mutex]
tasks:
  - name: a
    program: [{ run: -3ms }]
  - name: b
    policy: fivo 30
    program: [{ run: 1ms }]
  - name: c
    program: [{ lock: Mutx }, { unlock: Mutx }]
  - name: d
    program: [{ sleep: 5 }, { unlock: Mutex }]
`;
    const result = read(text);
    expect(places(result)).toEqual([
      'E073 3:1',
      'E072 4:18',
      'E074 8:22',
      'E078 10:13',
      'E075 13:23',
      'E075 13:41',
      'E074 15:24',
      'E022 15:31',
    ]);
    for (const d of result.diagnostics) expect(renderDiagnostic(d, text, { color: false })).toMatch(/\^/);
    expect(result.diagnostics.flatMap(d => d.help?.[0] ?? [])).toEqual(
      expect.arrayContaining(['help: did you mean "name"?', 'help: did you mean "Mutex"?', 'only the owner may release a mutex']),
    );
  });

  test('no version, no end, a repeated key and a wrong setting come along', () => {
    const text = 'name: x\nname: y\ntasks: [{name: a, policy: fivo 30, program: [{unlock: M}]}]';
    expect(codes(read(text, { overrides: { seed: 'x' }, cpus: 0 }))).toEqual(['E091', 'E092', 'E070', 'E074', 'E009', 'E078', 'E022']);
  });

  test('what is wrong throughout is refused, whatever its size', () => {
    const many = (n: number): string =>
      JSON.stringify({ version: 1, until: '1s', tasks: [{ name: 'a', program: Array<object>(n).fill({ run: 1 }) }] });
    expect(read(many(1000)).diagnostics.at(-1)).toMatchObject({ code: 'N099', message: 'and 900 more' });
    expect(codes(read(many(300_000)))).toEqual(['E083']);
  });

  test('another version is another format', () => {
    expect(codes(read('version: 2\nuntil: 5\ntasks: [{name: a, program: [{unlock: M}]}]'))).toEqual(['E071']);
  });

  // Each is one mistake, and the unlock of the other task: nothing follows from the mistake.
  test.each([
    ['[{lok: M}, {run: 1ms}, {unlock: M}]', 'E073'],
    ['[{lock: [M]}, {run: 1ms}, {unlock: M}]', 'E072'],
    ['[{lock: M}, {unlock: M, run: 1ms}]', 'E080'],
    ['[{lock: M}, {unlok: M}]', 'E073'],
    ['[{lock: M}, exti]', 'E072'],
    ['[{lock: M}, {repeat: {times: foreve, do: [{run: 1ms}]}}]', 'E072'],
    ['[{repeat: {times: 2, do: [{lock: 1}, {run: 1ms}, {unlock: M}]}}]', 'E072'],
    ['[{repeat: {times: forever, do: [{run: -1ms}]}}]', 'E074'],
    ['[{repeat: {times: forever, do: [{period: {every: 1}}]}}]', 'E074'],
    ['[{repeat: {times: forever, do: [{await: 1}]}}]', 'E072'],
    ['[{repeat: {times: forever, do: 5}}]', 'E072'],
    ['[{lock: M, lock: M}, {run: 1ms}, {unlock: M}]', 'E009'],
    ['5', 'E072'],
  ])('%s: %s, and no more', (program, code) => {
    expect(codes(read(task(program)))).toEqual([code, 'E022']);
  });

  test.each([
    ['machine: {cpus: many}', 'cpus: [3]', '[]', 'E072'],
    ['machine: {cpu: 4}', 'cpus: [3]', '[]', 'E073'],
    ['machin: {cpus: 4}', 'cpus: [3]', '[]', 'E073'],
    ['machine: 4', 'cpus: [3]', '[]', 'E072'],
    ['machine: {costs: {lockOp: 4}}', '', '[{repeat: {times: forever, do: [{lock: M}, {unlock: M}]}}]', 'E074'],
    ['machine: {hz: fast, tickPhase: 1s}', '', '[]', 'E072'],
    ['groups: [{name: g, weight: 1}]', 'group: g', '[]', 'E072'],
    ['groups: [{nme: g}, {name: h, parent: g}]', 'group: g', '[]', 'E073 E072'],
    ['grups: [{name: g}]', 'group: g', '[{setGroup: g}]', 'E073'],
    ['mutexes: [L, 5]', '', '[{lock: N}, {unlock: N}]', 'E072'],
    ["mutexes: ['{', M]", '', '[{lock: N}, {unlock: N}]', 'E079'],
    ['conditions: L', '', '[{signal: c}]', 'E072'],
    ['barriers: [{name: b, count: 0}]', '', '[{barrier: b}]', 'E072'],
    ['semaphores: [{initial: 0}]', '', '[{post: s}]', 'E072'],
    ['options: {a.b: [1]}', '', '[]', 'E072'],
    ['proxy: []', '', '[]', 'E072'],
    ['', 'instances: 0', "[{lock: 'M{i}'}, {unlock: 'M{i}'}]", 'E072'],
    ['', 'instance: 2', "[{lock: 'M{i}'}, {unlock: 'M{i}'}]", 'E073'],
    ['', 'policy: {fifo: 100}', '[]', 'E072'],
    ['mutexes: [M]', 'group: "g{i}"', '[{lock: "M{i}"}]', 'E079 E079'],
  ])('%s with %s and %s: %s, and no more', (top, more, program, wanted) => {
    expect(codes(read(`${top}\n${task(program, more === '' ? '' : `${more}, `)}`)).sort()).toEqual([...wanted.split(' '), 'E022'].sort());
  });

  test.each([
    ['{name: 5, template: true, program: []}', 'E072'],
    ['{nam: t, template: true, program: []}', 'E073 E072'],
    ['{name: t, templat: true, program: []}', 'E073'],
    ['{name: t, template: yes, program: []}', 'E072'],
    ['t', 'E072'],
  ])('a fork may mean %s', (template, wanted) => {
    const text = `${head}tasks: [${template}, {name: a, program: [{fork: t}, {unlock: M}]}]`;
    expect(codes(read(text)).sort()).toEqual([...wanted.split(' '), 'E022'].sort());
  });

  test.each([
    ['tasks: 5', 'E072'],
    ['tasks: []', 'E072'],
    ['tsks: []', 'E073 E072'],
  ])('without tasks the rest is looked at: %s', (tasks, wanted) => {
    expect(codes(read(`${head}mutexes: [M, M]\n${tasks}`)).sort()).toEqual([...wanted.split(' '), 'E076'].sort());
  });

  test('a task is checked as far as it goes', () => {
    const text = `${head}groups: [{name: g}]\ntasks: [{name: a, prio: 3, group: h, cpus: [1], program: [{lok: M}, {setPolicy: fivo}, {unlock: M}]}]`;
    expect(codes(read(text)).sort()).toEqual(['E021', 'E073', 'E073', 'E075', 'E078']);
  });
});

describe('an rt-app workload', () => {
  const tasks = (a: string): string => `{"tasks":{"a":${a},"z":{"run":1,"unlock":"m"}},"global":{"duration":1}}`;

  test('a time does not hide a lock, nor a policy', () => {
    const text = tasks('{"run":-1,"sleep":"x","unlock":"m","priority":30}');
    expect(codes(read(text))).toEqual(['E048', 'E010', 'E022', 'E019', 'E022']);
  });

  test.each([
    ['{"lock":5,"run":1,"unlock":"m"}', 'E010'],
    ['{"lock":"m","wait":{"ref":"c","mutex":4},"run":1,"unlock":"m"}', 'E010'],
    ['{"lock":"m","run":1,"loop":"x"}', 'E010'],
    ['{"yield":"","timer":5}', 'E010'],
    ['{"timer":5}', 'E010'],
    ['{"run":1,"timer":{"ref":"unique","period":-5}}', 'E048'],
    ['{"run":1,"priority":"high","policy":"SCHED_FIFO"}', 'E010'],
    ['{"run":1,"priority":50,"policy":"SCHED_FIF0"}', 'E018'],
    ['{"run":1,"dl-runtime":1.5,"policy":"SCHED_DEADLINE"}', 'E013'],
    ['{"run":1,"taskgroup":5}', 'E010'],
    ['{"run":1,"taskgroup":"/g","policy":5}', 'E010'],
    ['{"run":1,"resume":"x","suspend":5}', 'E010'],
    ['{"run":1,"fork":5}', 'E010'],
    ['{"run":1,"fork":"b"},"b":5', 'E010'],
    ['{"run":1,"instance":-1}', 'E051'],
    ['{"phases":5}', 'E010'],
    ['{"phases":{"p":{"run":1,"lock":"m"},"q":5}}', 'E010'],
  ])('%s: %s, and no more', (a, code) => {
    expect(codes(read(tasks(a)))).toEqual([code, 'E022']);
  });

  test('an unknown default policy has no range', () => {
    const text = '{"global":{"duration":1,"default_policy":"FIFO"},"tasks":{"a":{"priority":50,"run":1,"unlock":"m"}}}';
    expect(codes(read(text))).toEqual(['E018', 'E022']);
  });
});

describe('a recording', () => {
  const recording = (task: object, config: object = {}, cgroups: unknown = []): object => ({
    machine: { config: { hz: 1000, cpus: 2, ...config } },
    duration_us: 400,
    cgroups,
    tasks: [
      { name: 'T', policy: 'fair', ops: [['run', 1]], ...task },
      { name: 'Z', policy: 'fair', ops: [['unlock', 0]] },
    ],
    events: [],
  });

  test('says everything', () => {
    const ops = [['run', -1], ['lock', 1], ['unlock', 0]]; // prettier-ignore
    expect(codes(read(recording({ ops, cpus: [7], nice: 20 }))).sort()).toEqual(['E021', 'E022', 'E022', 'E072', 'E072']);
  });

  test.each<[object, object, unknown, string]>([
    [{ ops: [['lock', -1], ['unlock', 1]] }, {}, [], 'E072'], // prettier-ignore
    [{ ops: [['lokc', 1], ['unlock', 1]] }, {}, [], 'E062'], // prettier-ignore
    [{ ops: [['lock', 10_000]] }, {}, [], 'E060'],
    [{ ops: [['lock', 1]], loops: 'x' }, {}, [], 'E072'],
    [{ ops: 5 }, {}, [], 'E072'],
    [{ policy: 'fifo', prio: 100 }, {}, [], 'E072'],
    [{ policy: 'dl', runtime_us: -1, period_us: 5 }, {}, [], 'E072'],
    [{ name: '' }, {}, [], 'E072'],
    [{ cpus: [7] }, { cpus: 0 }, [], 'E072'],
    [{}, { hz: 'x', tick_phase_us: 5_000_000 }, [], 'E072'],
    [{ cgroup: 'g' }, {}, [{ name: 'g', weight: 0 }], 'E072'],
    [{ cgroup: 'g' }, {}, [{ nme: 'g', weight: 1 }], 'E072'],
    [{ cgroup: 'g' }, {}, 5, 'E072'],
  ])('%j %j %j: %s, and no more', (task, config, cgroups, code) => {
    expect(codes(read(recording(task, config, cgroups)))).toEqual([code, 'E022']);
  });

  test('without tasks or machine the rest is looked at', () => {
    const broken = { machine: 5, events: [], duration_us: -1, tasks: 5, cgroups: 5 };
    expect(codes(read(broken))).toEqual(['E072', 'E072', 'E072', 'E072']);
    expect(codes(read({ ...broken, tasks: [5, { name: 'T', policy: 'fair', ops: [['unlock', 0]] }] }))).toContain('E022');
  });
});
