import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformFile } from '../src/index.js';

const FOLDER = join(import.meta.dirname, '..', 'data', 'tasksets');
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.json'));
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Files that fall short, with how many of their values; `docs/fidelity.md` says why. One that no longer does must leave the list. */
const SHORT: Readonly<Record<string, number>> = {
  'buttazzo-cbs.json': 6,
  'fair-server-rt-hog.json': 4,
  'linux-doc-grub.json': 2,
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
