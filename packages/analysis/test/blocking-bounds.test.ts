import * as fc from 'fast-check';
import {
  bwiBudgets,
  bwiInterference,
  ceilingBlocking,
  ceilings,
  criticalSections,
  nppBlocking,
  pipBlocking,
  pipBlockingSimple,
  type LockUser,
} from '../src/index.js';
import { heaviestMatching } from '../src/heaviest-matching.js';
import { lockUsers } from './arbitraries.js';

const code = (c: string): Error => expect.objectContaining({ code: c }) as Error;

test('a section counts from lock to unlock, those within included', () => {
  expect(criticalSections([{ run: 1 }, { lock: 'a' }, { run: 2 }, { lock: 'b' }, { run: 3 }, { unlock: 'b' }, { unlock: 'a' }])).toEqual({
    wcet: 6,
    sections: [
      { lock: 'b', length: 3, outer: 'a' },
      { lock: 'a', length: 5 },
    ],
  });
  expect(criticalSections([{ lock: 'a' }, { run: 1 }, { lock: 'b' }, { unlock: 'a' }, { run: 1 }, { unlock: 'b' }]).sections).toEqual([
    { lock: 'a', length: 1 },
    { lock: 'b', length: 1, outer: 'a' },
  ]);
});

test.each<[string, Parameters<typeof criticalSections>[0]]>([
  ['taken while it is held', [{ lock: 'a' }, { lock: 'a' }]],
  ['not held', [{ unlock: 'a' }]],
  ['held at the end', [{ lock: 'a' }]],
])('locks pair up: %s', (_what, ops) => {
  expect(() => criticalSections(ops)).toThrow(code('A005'));
});

/** All ways to take at most one entry of each row and column. */
function everyMatching(table: readonly (readonly bigint[])[], used: readonly number[] = []): bigint {
  const [row, ...rest] = table;
  if (row === undefined) return 0n;
  return row.reduce(
    (best, entry, c) => {
      if (used.includes(c)) return best;
      const value = entry + everyMatching(rest, [...used, c]);
      return value > best ? value : best;
    },
    everyMatching(rest, used),
  );
}

test('the heaviest matching is the best of all', () => {
  const table = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
    );
  fc.assert(
    fc.property(table, t => expect(heaviestMatching(t)).toBe(everyMatching(t))),
    { numRuns: 500 },
  );
});

test('for all lock users: PCP <= PIP <= simple PIP, PCP <= NPP, nothing blocks the last', () => {
  fc.assert(
    fc.property(lockUsers, users => {
      const [pcp, pip, simple, npp] = [ceilingBlocking, pipBlocking, pipBlockingSimple, nppBlocking].map(f => f(users));
      users.forEach((_, i) => {
        expect(pcp![i]).toBeLessThanOrEqual(pip![i]!);
        expect(pip![i]).toBeLessThanOrEqual(simple![i]!);
        expect(pcp![i]).toBeLessThanOrEqual(npp![i]!);
      });
      if (users.length > 0) expect([pcp, pip, simple, npp].map(b => b!.at(-1))).toEqual([0, 0, 0, 0]);
    }),
  );
});

test('a lock of lower tasks alone blocks nobody above, except without preemption', () => {
  const on = (priority: number, ...locks: string[]): LockUser => ({ priority, sections: locks.map(lock => ({ lock, length: 5 })) });
  const users = [on(1), on(2, 'a'), on(3, 'a')];
  expect([pipBlocking(users), ceilingBlocking(users), nppBlocking(users)]).toEqual([
    [0, 5, 0],
    [0, 5, 0],
    [5, 5, 0],
  ]);
  expect([...ceilings(users)]).toEqual([['a', 2]]);
});

test('nested sections on shared locks: ceilings bound them, inheritance does not', () => {
  const inner = { lock: 'b', length: 2, outer: 'a' };
  const users: LockUser[] = [
    { priority: 1, sections: [{ lock: 'a', length: 1 }] },
    { priority: 2, sections: [inner, { lock: 'a', length: 4 }] },
    { priority: 3, sections: [{ lock: 'b', length: 9 }] },
  ];
  for (const bound of [pipBlocking, pipBlockingSimple, bwiInterference]) expect(() => bound(users)).toThrow(code('A004'));
  expect(ceilingBlocking(users)).toEqual([4, 9, 0]);
});

test('BWI: per access, one section of each other user', () => {
  const a = {
    wcet: 9,
    sections: [
      { lock: 'r', length: 2 },
      { lock: 'r', length: 3 },
    ],
  };
  const b = { wcet: 4, sections: [{ lock: 'r', length: 4 }] };
  const c = { wcet: 1, sections: [] };
  expect(bwiInterference([a, b, b, c])).toEqual([16, 7, 7, 0]);
  expect(bwiBudgets([a, b, b, c])).toEqual([25, 11, 11, 1]);
});
