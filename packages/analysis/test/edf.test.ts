import * as fc from 'fast-check';
import {
  demand,
  demandLimit,
  density,
  edfDensityTest,
  edfResponseTime,
  edfUtilizationTest,
  firstDemandViolation,
  format,
  qpaTest,
  srpDemandTest,
  srpTest,
} from '../src/index.js';
import { constrainedSet, implicitSet, overload, sporadicSet } from './arbitraries.js';
import { byDeadline, hyperperiodOf, simulate } from './simulate.js';

/** Every length, not only deadlines; twice the hyperperiod and the longest deadline, not a horizon. */
function bruteForce(tasks: readonly { wcet: number; period: number; deadline: number }[]): number | 'none' {
  const end = 2 * hyperperiodOf(tasks) + Math.max(...tasks.map(t => t.deadline));
  for (let L = 1; L <= end; L++) {
    const g = tasks.reduce((sum, t) => sum + Math.max(0, Math.floor((L - t.deadline) / t.period) + 1) * t.wcet, 0);
    if (g > L) return L;
  }
  return 'none';
}

test('QPA, the demand test and a search through all lengths agree', () => {
  const verdicts = { schedulable: 0, unschedulable: 0 };
  fc.assert(
    fc.property(sporadicSet, tasks => {
      const brute = overload(tasks) ? undefined : bruteForce(tasks);
      const first = firstDemandViolation(tasks);
      const verdict = qpaTest(tasks);
      verdicts[verdict]++;
      expect(verdict).toBe(first === 'none' ? 'schedulable' : 'unschedulable');
      if (brute !== undefined) expect(first === 'none' ? first : first.length).toBe(brute);
      if (first !== 'none') expect(demand(tasks, first.length)).toBe(first.demand);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(...Object.values(verdicts))).toBeGreaterThan(100);
});

test('accepted sets meet all deadlines when released together; others miss', () => {
  fc.assert(
    fc.property(sporadicSet, tasks => {
      fc.pre(!overload(tasks));
      const H = hyperperiodOf(tasks);
      const seen = simulate(tasks, { cpus: 1, key: byDeadline, until: 2 * H, drain: 2 * H });
      expect(tasks.every((t, i) => seen[i]! <= t.deadline)).toBe(qpaTest(tasks) === 'schedulable');
    }),
  );
});

test('with D = T, utilization alone decides; density accepts no more than demand', () => {
  fc.assert(
    fc.property(implicitSet, constrainedSet, (tasks, constrained) => {
      expect(edfUtilizationTest(tasks)).toBe(qpaTest(tasks));
      if (edfDensityTest(constrained) === 'schedulable') expect(qpaTest(constrained)).toBe('schedulable');
    }),
  );
});

describe("Spuri's worst response", () => {
  const offsets = fc.array(fc.nat(12), { minLength: 5, maxLength: 5 });

  test('no offsets exceed it, and it is within all deadlines exactly for sets that are schedulable', () => {
    fc.assert(
      fc.property(constrainedSet, offsets, (tasks, at) => {
        fc.pre(!overload(tasks));
        const worst = tasks.map((_, i) => edfResponseTime(tasks, i));
        if (qpaTest(tasks) === 'schedulable') expect(tasks.every((t, i) => Number(worst[i]) <= t.deadline)).toBe(true);
        else expect(tasks.some((t, i) => Number(worst[i]) > t.deadline)).toBe(true);
        const H = hyperperiodOf(tasks);
        const seen = simulate(
          tasks.map((t, i) => ({ ...t, offset: at[i]! })),
          { cpus: 1, key: byDeadline, until: 2 * H + 12, drain: 2 * H },
        );
        seen.forEach((r, i) => expect(r).toBeLessThanOrEqual(Number(worst[i])));
      }),
    );
  });

  test('some release of the task under study, beside the others together, attains it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom([1, 3], [1, 4], [2, 4], [2, 6], [3, 12]), { minLength: 2, maxLength: 3 }), pairs => {
        const tasks = pairs.map(([wcet, period]) => ({ wcet: wcet!, period: period! }));
        fc.pre(!overload(tasks));
        const H = hyperperiodOf(tasks);
        // The last one loses ties, as the bound assumes.
        const at = tasks.length - 1;
        let worst = 0;
        for (let offset = 0; offset < tasks[at]!.period; offset++) {
          const moved = tasks.map((t, i) => (i === at ? { ...t, offset } : t));
          worst = Math.max(worst, simulate(moved, { cpus: 1, key: byDeadline, until: 2 * H, drain: H })[at]!);
        }
        expect(worst).toBe(edfResponseTime(tasks, at));
      }),
      { numRuns: 200 },
    );
  });

  test('overload has none, and an index must be one', () => {
    expect(edfResponseTime([{ wcet: 5, period: 4 }], 0)).toBe('unbounded');
    expect(() => edfResponseTime([], 0)).toThrow(expect.objectContaining({ code: 'A001' }));
  });
});

describe('with blocking', () => {
  const set = (b1: number): { wcet: number; period: number; blocking: number }[] => [
    { wcet: 2, period: 6, blocking: b1 },
    { wcet: 2, period: 8, blocking: 1 },
    { wcet: 3, period: 12, blocking: 0 },
  ];

  test("the fact sheet's example passes with B_1 = 2 and not with 5", () => {
    expect([2, 5].map(b => srpTest(set(b)))).toEqual(['schedulable', 'undecided']);
    expect([2, 5].map(b => srpDemandTest(set(b)))).toEqual(['schedulable', 'undecided']);
  });

  test('demand accepts whatever the sum accepts, more of it, and nothing that is unschedulable without blocking', () => {
    let more = 0;
    fc.assert(
      fc.property(constrainedSet, fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }), (tasks, b) => {
        const blocked = tasks.map((t, i) => ({ ...t, blocking: b[i]! }));
        const byDemand = srpDemandTest(blocked);
        if (srpTest(blocked) === 'schedulable') expect(byDemand).toBe('schedulable');
        else if (byDemand === 'schedulable') more++;
        if (byDemand === 'schedulable') expect(qpaTest(tasks)).toBe('schedulable');
        expect(srpDemandTest(tasks.map(t => ({ ...t, blocking: 0 }))) === 'schedulable').toBe(qpaTest(tasks) === 'schedulable');
      }),
      { numRuns: 1000 },
    );
    expect(more).toBeGreaterThan(10);
  });

  test('with a full CPU nothing may block the last', () => {
    expect(srpDemandTest([{ wcet: 2, period: 2, blocking: 1 }])).toBe('undecided');
    expect(srpDemandTest([{ wcet: 2, period: 2, blocking: 0 }])).toBe('schedulable');
    expect(srpDemandTest([])).toBe('schedulable');
    expect(() => srpTest([{ wcet: 1, period: 2, deadline: 3, blocking: 0 }])).toThrow(expect.objectContaining({ code: 'A003' }));
  });
});

test('limits: none at U = 1, and density counts the shorter of D and T', () => {
  expect(demandLimit([{ wcet: 1, period: 1 }])).toBe('unbounded');
  expect(
    format(
      density([
        { wcet: 1, period: 4, deadline: 2 },
        { wcet: 1, period: 4, deadline: 9 },
      ]),
    ),
  ).toBe('3/4');
  expect([firstDemandViolation([]), qpaTest([]), demand([], 5)]).toEqual(['none', 'schedulable', 0]);
});

test('times of nanoseconds with hyperperiods beyond 2^53 are decided exactly', () => {
  const tasks = [999_983, 1_000_003, 1_000_033].map(period => ({
    wcet: Math.floor(period / 3),
    period: period * 1000 + 1,
    deadline: period * 900,
  }));
  expect(qpaTest(tasks)).toBe('schedulable');
  expect(firstDemandViolation(tasks)).toBe('none');
});
