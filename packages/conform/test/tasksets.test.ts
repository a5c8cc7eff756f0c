import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformFile } from '../src/index.js';

const FOLDER = join(import.meta.dirname, '..', 'data', 'tasksets');
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.json'));
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Files that fall short, with how many of their values; `docs/fidelity.md` says why. One that no longer does must leave the list. */
const SHORT: Readonly<Record<string, number>> = {
};

let compared = 0;
afterAll(() => void process.stdout.write(`tasksets: ${compared} values in ${NAMES.length} files\n`));

test.each(NAMES)('%s', name => {
  const result = conformFile(name, read(name));
  compared += result.compared;
  expect(result.kind).toBe('taskset');
  expect({ first: result.first, failed: result.failed, ok: result.ok }).toEqual(
    name in SHORT ? { first: result.first, failed: SHORT[name], ok: false } : { first: undefined, failed: 0, ok: true },
  );
});

/** Keys whose numbers are judged one by one. */
const JUDGED = [
  'schedule',
  'completions',
  'finish',
  'misses',
  'miss',
  'first_miss',
  'response_time_bounds',
  'wcrt',
  'server_events',
  'lock_events',
  'blocking',
  'makespan_3cpu',
  'makespan_4cpu',
  'schedule_3cpu',
];

/** A copy of `value` for each number in it, with that number larger by one. */
function* larger(value: unknown): Generator<unknown> {
  if (typeof value === 'number') yield value + 1;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    for (const other of larger(inner)) yield Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
}

// A judge that would pass anything is worse than none: every number that is judged is made wrong once.
test.each(NAMES.filter(name => !(name in SHORT)))('%s with a wrong number in it falls short', name => {
  const file = JSON.parse(read(name)) as { expect: Record<string, unknown> };
  let tried = 0;
  for (const key of JUDGED.filter(k => k in file.expect)) {
    for (const wrong of [...larger(file.expect[key])].slice(0, 12)) {
      tried++;
      const result = conformFile(name, JSON.stringify({ ...file, expect: { ...file.expect, [key]: wrong } }));
      if (result.failed === 0) throw new Error(`${key} as ${JSON.stringify(wrong)} passed`);
    }
  }
  if (JUDGED.some(key => key in file.expect && JSON.stringify(file.expect[key]) !== '[]')) expect(tried).toBeGreaterThan(0);
});

const made = (change: object): string =>
  JSON.stringify({ schema: 'taskset/1', id: 'x', title: 'x', time_unit: 'abstract', platform: { cpus: 1 }, ...change });

describe('forms beyond the files here', () => {
  const wakeUp = (q: number, d: number): object => ({
    t: 10,
    event: d === 15 ? 'revised_budget' : 'new_deadline',
    server: 's',
    budget: q,
    deadline: d,
  });

  test('both wake-up rules of one set: a new deadline, or what the share leaves until the old one', () => {
    const file = made({
      policy: 'EDF; hard CBS',
      tasks: [
        { name: 't1', C: 2, T: 8 },
        {
          name: 't2',
          server: { Q: 5, T: 15 },
          arrivals: [
            { t: 0, work: 3 },
            { t: 10, work: 1 },
          ],
        },
      ],
      expect: {
        original: { server_events: [{ t: 0, event: 'new_deadline', server: 's', budget: 5, deadline: 15 }, wakeUp(5, 25)] },
        revised: { server_events: [wakeUp(1.66667, 15)] },
      },
    });
    expect(conformFile('x', file)).toMatchObject({ ok: true, compared: 3 });
  });

  test('EDF with deadlines beyond the period, and jobs that cannot meet theirs', () => {
    const tasks = [
      { name: 'a', C: 3, T: 4, D: 9 },
      { name: 'b', C: 2, T: 9, D: 1 },
    ];
    const schedule = [
      { start: 0, end: 2, task: 'b' },
      { start: 2, end: 9, task: 'a' },
      { start: 9, end: 11, task: 'b' },
    ];
    const misses = [
      { task: 'b', job: 0, deadline: 1, finish: 2 },
      { task: 'b', job: 1, deadline: 10, finish: 11 },
    ];
    const file = made({ policy: 'EDF preemptive', tasks, expect: { schedule_until: 11, schedule, misses } });
    expect(conformFile('x', file)).toMatchObject({ ok: true, failed: 0 });
  });

  test('single jobs under EDF, by their relative deadlines', () => {
    const tasks = [
      { name: 'a', release: 0, C: 4, D: 10 },
      { name: 'b', release: 1, C: 2, D: 5 },
    ];
    const expect_ = {
      schedule: [
        { start: 0, end: 1, task: 'a' },
        { start: 1, end: 3, task: 'b' },
        { start: 3, end: 6, task: 'a' },
      ],
      completions: { a: 6, b: 3 },
    };
    expect(conformFile('x', made({ policy: 'EDF preemptive', tasks, expect: expect_ }))).toMatchObject({ ok: true, failed: 0 });
  });

  test('periodic jobs with locks under fixed priorities', () => {
    const body = [{ lock: 'R' }, { run: 1 }, { unlock: 'R' }];
    const tasks = [
      { name: 'hi', T: 5, prio: 1, release: 1, ops: body },
      { name: 'lo', T: 10, prio: 2, ops: [{ lock: 'R' }, { run: 3 }, { unlock: 'R' }] },
    ];
    const schedule = [
      { start: 0, end: 3, task: 'lo' },
      { start: 3, end: 4, task: 'hi' },
      { start: 6, end: 7, task: 'hi' },
    ];
    const file = made({ policy: 'FP preemptive', tasks, expect: { utilization: '1/2', PIP: { schedule_until: 8, schedule } } });
    expect(conformFile('x', file)).toMatchObject({ ok: true, failed: 0 });
  });
});

describe('what is not judged is named', () => {
  const set = (change: object): string =>
    JSON.stringify({
      schema: 'taskset/1',
      id: 'x',
      title: 'x',
      time_unit: 'ms',
      platform: { cpus: 1 },
      policy: 'FP preemptive',
      tasks: [
        { name: 'a', C: 1, T: 4 },
        { name: 'b', C: 2, T: 8 },
      ],
      expect: { utilization: '1/2', response_time_bounds: { a: 1, b: 3 } },
      ...change,
    });

  test('a key that nobody knows', () => {
    const result = conformFile('x', set({ expect: { utilization: '1/2', mystery: 3 } }));
    expect(result).toMatchObject({ ok: true, compared: 1, notJudged: ['mystery'] });
  });

  test('a judged key without a model is a shortfall, not a note', () => {
    const result = conformFile('x', set({ tasks: [{ name: 'a', C: 5, T: 4, server: { Q: 5, T: 4 } }], expect: { schedule: [] } }));
    expect(result).toMatchObject({ ok: false, failed: 1 });
    expect(result.first).toMatch(/^schedule: not modelled, a reservation of/);
  });

  test('a file that is not as the schema says is invalid, with every place', () => {
    const result = conformFile('x', set({ tasks: [{ name: 'a', C: -1 }, { T: 3 }] }));
    expect(result.invalid).toMatch(/tasks\.0\.C: .*; tasks\.1\.name: /);
  });

  test.each([
    ['us', 1],
    ['ms', 1],
    ['s', 1],
    ['abstract', 1],
    ['quantum q=1', 1],
  ])('time unit %s', (unit, bound) => {
    const result = conformFile('x', set({ time_unit: unit, expect: { response_time_bounds: { a: bound, b: 3 } } }));
    expect(result).toMatchObject({ ok: true });
  });
});
