import * as fc from 'fast-check';
import {
  bclTest,
  coarseTardinessBound,
  compare,
  exceeds,
  gfbDensityTest,
  gfbTest,
  qpaTest,
  tardinessBounds,
  toNumber,
} from '../src/index.js';
import { constrainedSet, implicitSet } from './arbitraries.js';
import { byDeadline, hyperperiodOf, simulate } from './simulate.js';

const cpus = fc.integer({ min: 1, max: 3 });
const offsets = fc.array(fc.nat(12), { minLength: 5, maxLength: 5 });

test('what a test accepts misses no deadline, whatever the offsets', () => {
  const accepted = { gfb: 0, density: 0, bcl: 0 };
  fc.assert(
    fc.property(constrainedSet, implicitSet, cpus, offsets, (constrained, implicit, m, at) => {
      const meets = (tasks: readonly { wcet: number; period: number; deadline?: number }[]): boolean => {
        const H = hyperperiodOf(tasks);
        const moved = tasks.map((t, i) => ({ ...t, offset: at[i]! }));
        const seen = simulate(moved, { cpus: m, key: byDeadline, until: 2 * H + 12, drain: H });
        return tasks.every((t, i) => seen[i]! <= (t.deadline ?? t.period));
      };
      const gfb = gfbTest(implicit, m) === 'schedulable';
      const density = gfbDensityTest(constrained, m) === 'schedulable';
      const bcl = bclTest(constrained, m) === 'schedulable';
      if (gfb) expect(meets(implicit)).toBe(true);
      if (density || bcl) expect(meets(constrained)).toBe(true);
      accepted.gfb += Number(gfb);
      accepted.density += Number(density);
      accepted.bcl += Number(bcl);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(...Object.values(accepted))).toBeGreaterThan(20);
});

test('on one CPU none accepts what EDF cannot do', () => {
  fc.assert(
    fc.property(constrainedSet, tasks => {
      for (const accept of [gfbDensityTest, bclTest]) if (accept(tasks, 1) === 'schedulable') expect(qpaTest(tasks)).toBe('schedulable');
    }),
  );
});

test('neither of the two accepts all that the other does', () => {
  const light = [
    { wcet: 4, period: 10 },
    { wcet: 1, period: 3 },
    { wcet: 3, period: 8 },
  ];
  expect([gfbTest(light, 2), bclTest(light, 2)]).toEqual(['schedulable', 'undecided']);
  const heavy = [
    { wcet: 9, period: 10 },
    { wcet: 9, period: 10 },
  ];
  expect([gfbTest(heavy, 2), bclTest(heavy, 2)]).toEqual(['undecided', 'schedulable']);
  expect(() => bclTest([{ wcet: 1, period: 2, deadline: 3 }], 2)).toThrow(expect.objectContaining({ code: 'A003' }));
});

test('no job is later than its tardiness bound, nor is that above the coarse one', () => {
  fc.assert(
    fc.property(implicitSet, cpus, offsets, (tasks, m, at) => {
      const bounds = tardinessBounds(tasks, m);
      const coarse = coarseTardinessBound(tasks, m);
      if (bounds === 'unbounded' || coarse === 'unbounded') return expect(bounds).toBe(coarse);
      const H = hyperperiodOf(tasks);
      const seen = simulate(
        tasks.map((t, i) => ({ ...t, offset: at[i]! })),
        { cpus: m, key: byDeadline, until: 3 * H, drain: 3 * H },
      );
      tasks.forEach((t, i) => expect(exceeds(Math.max(0, seen[i]! - t.period), bounds[i]!)).toBe(false));
      for (const bound of bounds) expect(compare(bound, coarse)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 300 },
  );
});

test('three CPUs: the two longest, less the shortest once, over what the busiest leaves', () => {
  const tasks = [6, 5, 4, 3].map(wcet => ({ wcet, period: 6 }));
  const bounds = tardinessBounds(tasks, 3);
  expect(bounds === 'unbounded' ? bounds : bounds.map(toNumber)).toEqual([10, 9, 8, 7]); // (6 + 5 - 3) / (3 - 1) = 4
});

test('too much for the CPUs is unbounded, a CPU for each is never late', () => {
  const task = { wcet: 3, period: 4 };
  expect(tardinessBounds([task, task, task], 2)).toBe('unbounded');
  expect(tardinessBounds([{ wcet: 5, period: 4 }], 2)).toBe('unbounded');
  expect(tardinessBounds([task, task], 2)).toEqual([
    { num: 0n, den: 1n },
    { num: 0n, den: 1n },
  ]);
  expect(() => gfbTest([task], 0)).toThrow(expect.objectContaining({ code: 'A001' }));
});
