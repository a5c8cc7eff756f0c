/** Exact on the whole range of safe integers: every function against BigInt. */
import fc from 'fast-check';
import { compareProducts, floorDiv, mulDivFloor, mulDivTrunc, safe } from '../src/index.js';

const int = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 52, 0));
const positive = int.map(n => Math.abs(n) + (n === 0 ? 1 : 0));
/** So that a · b / c is a safe integer. */
const fits = (n: bigint): boolean => n <= BigInt(Number.MAX_SAFE_INTEGER) && n >= -BigInt(Number.MAX_SAFE_INTEGER);
const floor = (a: bigint, b: bigint): bigint => (a % b < 0n ? a / b - 1n : a / b);
const same = (n: number, expected: bigint): void => expect(BigInt(n)).toBe(expected);
const config = { numRuns: 2000, seed: 1 };

test('floorDiv rounds down', () => {
  fc.assert(
    fc.property(int, positive, (a, b) => same(floorDiv(a, b), floor(BigInt(a), BigInt(b)))),
    config,
  );
});

test('floorDiv where the quotient of doubles rounds up to an integer', () => {
  expect(floorDiv(9007199254740991, 2)).toBe(4503599627370495);
  expect(floorDiv(9007199254740990, 9007199254740991)).toBe(0);
  expect(floorDiv(-1, 9007199254740991)).toBe(-1);
});

test('mulDivFloor and mulDivTrunc', () => {
  fc.assert(
    fc.property(int, int, positive, (a, b, c) => {
      const product = BigInt(a) * BigInt(b);
      fc.pre(fits(product / BigInt(c)));
      same(mulDivFloor(a, b, c), floor(product, BigInt(c)));
      same(mulDivTrunc(a, b, c), product / BigInt(c));
    }),
    config,
  );
});

test('compareProducts has the sign of the difference', () => {
  fc.assert(
    fc.property(int, int, int, int, (a, b, c, d) => {
      const difference = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
      expect(compareProducts(a, b, c, d) + 0).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
    }),
    config,
  );
  expect(compareProducts(94906267, 94906267, 94906266, 94906268)).toBe(1); // differ by 1 beyond 2^53
});

test('safe lets exact integers through and nothing else', () => {
  expect(safe(5, 'here')).toBe(5);
  expect(() => safe(2 ** 53, 'vruntime')).toThrow(/K102: vruntime/);
  expect(() => safe(0.5, 'x')).toThrow(/K102/);
});
