import { zeroDenominator } from './errors.js';
import { gcd } from './exact.js';

/** An exact fraction in lowest terms; `den` > 0, and 0 is 0/1. Made by `ratio` only. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

/** num / den in lowest terms; A006 if `den` is 0. */
export function ratio(num: bigint, den: bigint = 1n): Rational {
  if (den === 0n) throw zeroDenominator();
  const sign = den < 0n ? -1n : 1n;
  const g = gcd(num < 0n ? -num : num, den * sign);
  return { num: (num / g) * sign, den: (den / g) * sign };
}

export const plus = (a: Rational, b: Rational): Rational => ratio(a.num * b.den + b.num * a.den, a.den * b.den);
export const minus = (a: Rational, b: Rational): Rational => ratio(a.num * b.den - b.num * a.den, a.den * b.den);
export const times = (a: Rational, b: Rational): Rational => ratio(a.num * b.num, a.den * b.den);
/** a / b; A006 if b is 0. */
export const over = (a: Rational, b: Rational): Rational => ratio(a.num * b.den, a.den * b.num);

export const sum = (parts: readonly Rational[]): Rational => parts.reduce(plus, ratio(0n));

/** Negative, 0 or positive as a is below, equal to or above b. */
export function compare(a: Rational, b: Rational): number {
  const x = a.num * b.den;
  const y = b.num * a.den;
  return x < y ? -1 : x > y ? 1 : 0;
}

export const largest = (parts: readonly Rational[]): Rational => parts.reduce((m, r) => (compare(r, m) > 0 ? r : m), ratio(0n));

/** The largest integer not above it. */
export const floor = ({ num, den }: Rational): bigint => (num < 0n ? (num - den + 1n) / den : num / den);

/** For printing: within two units in the last place of a double. Decisions stay with `compare`. */
export function toNumber({ num, den }: Rational): number {
  const size = num < 0n ? -num : num;
  const whole = size / den;
  // 2^64ths of the rest: exact as integers, so only the two conversions round.
  const rest = ((size % den) << 64n) / den;
  const value = Number(whole) + Number(rest) / 2 ** 64;
  return num < 0n ? -value : value;
}

/** `11/12`, or `2` for an integer: as the files of expected results write it. */
export const format = ({ num, den }: Rational): string => (den === 1n ? `${num}` : `${num}/${den}`);
