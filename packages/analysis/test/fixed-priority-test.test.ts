import * as fc from 'fast-check';
import {
  busyPeriod,
  deadlineMonotonic,
  fixedPriorityTest,
  hyperbolicTest,
  jobResponses,
  liuLaylandBound,
  liuLaylandTest,
  rateMonotonic,
  responseTime,
  worstResponseTime,
} from '../src/index.js';
import { constrainedSet, implicitSet, overload } from './arbitraries.js';
import { byListing, hyperperiodOf, simulate } from './simulate.js';

const split = <T>(tasks: readonly T[]): [T, T[]] => [tasks.at(-1)!, tasks.slice(0, -1)];
const number = (bound: number | 'unbounded'): number => (bound === 'unbounded' ? Infinity : bound);

test('a response is at least C + B + J, and grows with C, B, J and with every interferer', () => {
  const extra = fc.record({ c: fc.nat(3), b: fc.nat(5), j: fc.nat(5) });
  fc.assert(
    fc.property(implicitSet, extra, (tasks, { c, b, j }) => {
      const [own, above] = split(tasks);
      for (const analyse of [responseTime, worstResponseTime]) {
        const base = number(analyse(own, above));
        expect(base).toBeGreaterThanOrEqual(own.wcet);
        const more = number(analyse({ ...own, wcet: own.wcet + c, blocking: b, jitter: j }, above));
        expect(more).toBeGreaterThanOrEqual(Math.max(base, own.wcet + c + b + j));
        expect(base).toBeGreaterThanOrEqual(number(analyse(own, above.slice(1))));
        expect(
          number(
            analyse(
              own,
              above.map(t => ({ ...t, jitter: j })),
            ),
          ),
        ).toBeGreaterThanOrEqual(base);
      }
    }),
  );
});

test('the first job of a synchronous release attains the response time, the worst job of a hyperperiod the worst one', () => {
  fc.assert(
    fc.property(implicitSet, tasks => {
      fc.pre(!overload(tasks));
      const H = hyperperiodOf(tasks);
      const seen = simulate(tasks, { cpus: 1, key: byListing, until: H, drain: H });
      tasks.forEach((own, i) => {
        expect(worstResponseTime(own, tasks.slice(0, i))).toBe(seen[i]);
        const first = simulate(
          tasks.map((t, k) => (k === i ? { ...t, period: 1e6 } : t)),
          { cpus: 1, key: byListing, until: H, drain: H },
        );
        expect(responseTime(own, tasks.slice(0, i))).toBe(first[i]);
      });
    }),
  );
});

test('no release pattern exceeds it', () => {
  const offsets = fc.array(fc.nat(12), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(implicitSet, offsets, (tasks, at) => {
      fc.pre(!overload(tasks));
      const H = hyperperiodOf(tasks);
      const seen = simulate(
        tasks.map((t, i) => ({ ...t, offset: at[i]! })),
        { cpus: 1, key: byListing, until: 2 * H + 12, drain: H },
      );
      tasks.forEach((own, i) => expect(seen[i]).toBeLessThanOrEqual(number(worstResponseTime(own, tasks.slice(0, i)))));
    }),
  );
});

test('Liu and Layland imply hyperbolic, and that implies that every response is within the period', () => {
  let accepted = 0;
  fc.assert(
    fc.property(implicitSet, tasks => {
      const ranked = fixedPriorityTest(rateMonotonic(tasks));
      if (liuLaylandTest(tasks) === 'schedulable') expect(hyperbolicTest(tasks)).toBe('schedulable');
      if (hyperbolicTest(tasks) === 'undecided') return;
      accepted++;
      expect(ranked.every(v => v.meetsDeadline)).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(20);
});

test('deadline-monotonic priorities meet deadlines that any other order meets', () => {
  fc.assert(
    fc.property(constrainedSet, tasks => {
      const meets = (set: Parameters<typeof fixedPriorityTest>[0]): boolean => fixedPriorityTest(set).every(v => v.meetsDeadline);
      const asListed = tasks.map((t, i) => ({ ...t, priority: i + 1 }));
      if (meets(asListed)) expect(meets(deadlineMonotonic(tasks))).toBe(true);
    }),
  );
});

test('the bound of Liu and Layland as the fact sheet prints it', () => {
  expect([1, 2, 3, 4, 5].map(n => liuLaylandBound(n).toFixed(4))).toEqual(['1.0000', '0.8284', '0.7798', '0.7568', '0.7435']);
  expect(liuLaylandBound(1000)).toBeCloseTo(Math.LN2, 3);
  expect(liuLaylandTest([])).toBe('schedulable');
});

test('exactly at a bound counts as within: floats would not know', () => {
  expect(
    hyperbolicTest([
      { wcet: 1, period: 2 },
      { wcet: 1, period: 3 },
    ]),
  ).toBe('schedulable');
  expect(
    hyperbolicTest([
      { wcet: 1, period: 2 },
      { wcet: 333_333_333_333_334, period: 1_000_000_000_000_000 },
    ]),
  ).toBe('undecided');
  expect(liuLaylandTest([{ wcet: 7, period: 7 }])).toBe('schedulable');
});

test('equal priorities interfere both ways', () => {
  const equal = [1, 1].map(priority => ({ wcet: 2, period: 10, priority }));
  expect(fixedPriorityTest(equal).map(v => v.response)).toEqual([4, 4]);
});

describe('overload', () => {
  const full = { wcet: 5, period: 5 };

  test('interferers that fill the CPU leave no bound; an own overload leaves the first job one', () => {
    expect(responseTime({ wcet: 1, period: 9 }, [full])).toBe('unbounded');
    expect([...jobResponses({ wcet: 1, period: 9 }, [full])]).toEqual([]);
    expect(responseTime({ wcet: 3, period: 4 }, [{ wcet: 1, period: 2 }])).toBe(6);
    expect(worstResponseTime({ wcet: 3, period: 4 }, [{ wcet: 1, period: 2 }])).toBe('unbounded');
  });

  test('exactly full: the busy period is the hyperperiod, and with blocking has no end while responses have', () => {
    const set = [
      { wcet: 1, period: 2 },
      { wcet: 3, period: 6 },
    ];
    expect(busyPeriod(set)).toBe(6);
    expect(busyPeriod(set, 1)).toBe('unbounded');
    expect(busyPeriod([])).toBe(0);
    expect(worstResponseTime({ ...set[1]!, blocking: 1 }, [set[0]!])).toBe(8);
  });
});

test('what is not a time is refused', () => {
  for (const wcet of [0, -1, 0.5, NaN, 2 ** 53]) expect(() => responseTime({ wcet, period: 9 }, [])).toThrow('wcet: expected an integer');
  expect(() => responseTime({ wcet: 2 ** 53 - 1, period: 9 }, [{ wcet: 1, period: 2 }])).toThrow('coarser unit');
});

test('the types refuse what a theorem does not know', () => {
  const task = { wcet: 1, period: 4 };
  // @ts-expect-error a deadline of its own
  void liuLaylandTest([{ ...task, deadline: 3 }]);
  // @ts-expect-error blocking
  void hyperbolicTest([{ ...task, blocking: 3 }]);
  // @ts-expect-error no priority
  expect(() => fixedPriorityTest([task])).not.toThrow();
});
