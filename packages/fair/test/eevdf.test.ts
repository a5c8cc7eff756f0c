import fc from 'fast-check';
import { calcDeltaFair, sliceFactor, tickNsec } from '../src/eevdf.js';
import { calcDeltaFixedPoint } from '../src/fixed-point.js';
import { computedInverse, taskWeight, wmult } from '../src/weights.js';
import { golden } from './fake-kernel.js';

type DeltaCase = [number | 'idle', string, string];

const weightOf = (nice: number | 'idle'): number => taskWeight(nice === 'idle' ? { kind: 'idle', nice: 0 } : { kind: 'normal', nice });

test.each([
  ['unit-calc-delta-7', calcDeltaFair],
  ['unit-calc-delta-6.12', calcDeltaFixedPoint],
] as const)('%s: every virtual delta is the recorded one', (name, calcDelta) => {
  const { cases } = golden<{ cases: DeltaCase[] }>(name);
  for (const [nice, delta, virtual] of cases)
    expect([nice, delta, String(calcDelta(Number(delta), weightOf(nice), wmult(weightOf(nice))))]).toEqual([nice, delta, virtual]);
});

test('unit-calc-delta-group-6.12: weights that are in no table, by a reciprocal computed on demand', () => {
  const { cases } = golden<{ cases: [string, string, string, number][] }>('unit-calc-delta-group-6.12');
  for (const [weight, delta, virtual, reciprocal] of cases) {
    const inverse = computedInverse(Number(weight));
    expect([weight, inverse, String(calcDeltaFixedPoint(Number(delta), Number(weight), inverse))]).toEqual([weight, reciprocal, virtual]);
  }
});

test('unit-slice-scaling: factor and base slice', () => {
  const { cases } = golden<{ cases: [string, number, number, string][] }>('unit-slice-scaling');
  for (const [scaling, cpus, factor, slice] of cases) {
    expect([sliceFactor(scaling, cpus), String(700_000 * sliceFactor(scaling, cpus))]).toEqual([factor, slice]);
  }
});

test('a tick is 10^9 / HZ, rounded as the kernel does', () => {
  expect([1000, 300, 250, 100].map(tickNsec)).toEqual([1_000_000, 3_333_333, 4_000_000, 10_000_000]);
});

/** The five steps of `fair-eevdf.md` 2, in BigInt. */
function byTheBook(delta: number, weight: number): number {
  let factor = 1024n * BigInt(wmult(weight));
  let shift = 32n;
  for (; factor >= 1n << 32n; factor >>= 1n) shift--;
  return Number((BigInt(delta) * factor) >> shift);
}

test('the split product of 6.12 is the whole product', () => {
  const delta = fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 2 ** 38 }));
  fc.assert(
    fc.property(delta, fc.integer({ min: -20, max: 19 }), (d, nice) => {
      expect(calcDeltaFixedPoint(d, weightOf(nice), wmult(weightOf(nice)))).toBe(nice === 0 ? d : byTheBook(d, weightOf(nice)));
    }),
  );
});
