import { unsafeProduct } from './errors.js';

/**
 * Exact integer arithmetic on `number`. Everything is an integer below 2^53; where a product may leave that range the slow
 * road goes through BigInt, with the same result.
 */

/** ⌊a / b⌋, b > 0. Exact for safe integers: the quotient of two doubles may round up to an integer, which is mended. */
export function floorDiv(a: number, b: number): number {
  const q = Math.floor(a / b);
  const r = a - q * b;
  if (Number.isSafeInteger(q * b)) return r < 0 ? q - 1 : r >= b ? q + 1 : q;
  return Number(bigFloorDiv(BigInt(a), BigInt(b)));
}

/** ⌊a · b / c⌋, c > 0. */
export function mulDivFloor(a: number, b: number, c: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) return floorDiv(product, c);
  return Number(bigFloorDiv(BigInt(a) * BigInt(b), BigInt(c)));
}

/** a · b / c rounded towards zero (C's division), c > 0. */
export function mulDivTrunc(a: number, b: number, c: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) {
    return product >= 0 ? floorDiv(product, c) : -floorDiv(-product, c) + 0;
  }
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** Sign of a · b − c · d. */
export function compareProducts(a: number, b: number, c: number, d: number): number {
  const p = a * b;
  const q = c * d;
  if (Number.isSafeInteger(p) && Number.isSafeInteger(q)) return Math.sign(p - q);
  const x = BigInt(a) * BigInt(b);
  const y = BigInt(c) * BigInt(d);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** `value`, after making sure that it is an exact integer. */
export function safe(value: number, where: string): number {
  if (!Number.isSafeInteger(value)) throw unsafeProduct(where, value);
  return value;
}

function bigFloorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}
