import * as fc from 'fast-check';
import { compare, exceeds, floor, format, lagBounds, ratio, requestLatenessBound, supplyBound, toNumber } from '../src/index.js';

const code = (c: string): Error => expect.objectContaining({ code: c }) as Error;

describe('fractions', () => {
  test('in lowest terms, the sign above', () => {
    expect(ratio(6n, -4n)).toEqual({ num: -3n, den: 2n });
    expect([ratio(0n, 5n), ratio(8n, 4n), ratio(11n, 12n)].map(format)).toEqual(['0', '2', '11/12']);
    expect(() => ratio(1n, 0n)).toThrow(code('A006'));
  });

  test('floor and order of fractions below zero', () => {
    expect([floor(ratio(-3n, 2n)), floor(ratio(3n, 2n)), floor(ratio(-4n, 2n))]).toEqual([-2n, 1n, -2n]);
    expect(compare(ratio(-1n, 2n), ratio(-1n, 3n))).toBeLessThan(0);
  });

  test('numbers for printing are as close as doubles get', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n }), fc.bigInt({ min: 1n, max: 2n ** 52n }), (num, den) => {
        const expected = Number(num) / Number(den);
        expect(Math.abs(toNumber(ratio(num, den)) - expected)).toBeLessThanOrEqual(Math.max(Math.abs(expected), 2 ** -10) * 2 ** -51);
      }),
    );
    expect(toNumber(ratio(10n ** 400n, 10n ** 399n))).toBe(10);
  });
});

test('an observation exceeds a bound only above it', () => {
  expect([exceeds(7, 7), exceeds(8, 7), exceeds(1e9, 'unbounded')]).toEqual([false, true, false]);
  expect([exceeds(116, ratio(233n, 2n)), exceeds(117, ratio(233n, 2n))]).toEqual([false, true]);
});

describe('supply of a server', () => {
  const server = { budget: 3, period: 10 };

  test('nothing for 2 (P - Q), then Q in every P', () => {
    expect([0, 14, 15, 17, 24, 25, 27].map(t => supplyBound(server, t))).toEqual([0, 0, 1, 3, 3, 4, 6]);
    expect(supplyBound({ budget: 10, period: 10 }, 33)).toBe(33);
    expect(supplyBound({ budget: 0, period: 10 }, 33)).toBe(0);
    expect(() => supplyBound({ budget: 11, period: 10 }, 33)).toThrow(code('A001'));
  });

  test('it is the least over all places of the budget in each period', () => {
    const places = fc.record({
      q: fc.integer({ min: 1, max: 5 }),
      slack: fc.nat(5),
      at: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(places, ({ q, slack, at }) => {
        const p = q + slack;
        const busy = at.flatMap(a => Array.from({ length: p }, (_, t) => t >= Math.min(a, slack) && t < Math.min(a, slack) + q));
        for (let from = 0; from < busy.length; from++)
          for (let to = from; to <= busy.length; to++)
            expect(busy.slice(from, to).filter(Boolean).length).toBeGreaterThanOrEqual(supplyBound({ budget: q, period: p }, to - from));
      }),
      { numRuns: 50 },
    );
    // early in one period, late in the next
    expect(supplyBound(server, 14)).toBe(0);
  });
});

test('lag: a request below, the longer of request and quantum above', () => {
  expect(lagBounds(2, 1)).toEqual({ below: 2, above: 2 });
  expect(lagBounds(1, 3)).toEqual({ below: 1, above: 3 });
  expect(lagBounds(3, 1, 4)).toEqual({ below: 7, above: 7 });
  expect([requestLatenessBound(1), requestLatenessBound(1, 4)]).toEqual([1, 5]);
  expect(() => lagBounds(0, 1)).toThrow(code('A001'));
});

describe('EEVDF in exact halves and thirds stays within the bounds', () => {
  /** One quantum at a time, all there from the start: the eligible client of the earliest virtual deadline. */
  const clients = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 4 }), request: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 4,
  });

  test('lags of whole quanta', () => {
    fc.assert(
      fc.property(clients, set => {
        const total = set.reduce((sum, c) => sum + c.weight, 0);
        const scale = 12 * total; // V = t / total; deadlines are multiples of 1 / weight, and weights divide 12
        const state = set.map(c => ({ ...c, ve: 0, vd: (c.request * scale) / c.weight, used: 0, served: 0 }));
        for (let t = 0; t < 200; t++) {
          const V = (t * scale) / total;
          for (const c of state) {
            const lag = (c.weight * t) / total - c.served;
            const { below, above } = lagBounds(c.request, 1);
            expect(lag > -below && lag < above).toBe(true);
          }
          const next = state.filter(c => c.ve <= V).reduce((a, b) => (b.vd < a.vd ? b : a));
          next.served++;
          if (++next.used < next.request) continue;
          next.used = 0;
          next.ve = next.vd;
          next.vd += (next.request * scale) / next.weight;
        }
      }),
    );
  });
});
