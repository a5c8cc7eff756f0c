import { mulDivFloor, type Nanos, type Weight } from '@proxysched/core';
import { NICE_0_LOAD, inverse, scaleDown, wmult } from './weights.js';

/** 2^0 … 2^32. Shifts of quantities beyond 32 bits; `**` of variables is not exact in every engine. */
const POWERS: readonly number[] = Array.from({ length: 33 }, (_, bits) => (bits < 31 ? 1 << bits : (1 << 30) * (1 << (bits - 30))));

/**
 * delta · weight / total as kernels up to 6.12 compute it (`__calc_delta`), both weights scaled. The reciprocal of the total is that
 * on demand, also where the total happens to be in the table: a queue's weight has none at hand.
 *
 * @throws `RangeError` for a total of 0, of which nothing is a share.
 */
export function calcDelta(delta: Nanos, weight: Weight, total: Weight): number {
  if (total === 0) throw new RangeError('calcDelta: the total weight is 0');
  return multiplyShift(delta, scaleDown(weight) * inverse(scaleDown(total)));
}

/** 6.12 and before: delta · 1024 / weight, by the reciprocal that the weight's owner has at hand. */
export function calcDeltaFixedPoint(delta: Nanos, weight: Weight, reciprocal = wmult(weight)): number {
  return weight === NICE_0_LOAD ? delta : multiplyShift(delta, 1024 * reciprocal);
}

/**
 * ⌊delta · f / 2^sh⌋, where the factor f, a weight times a reciprocal and so a 32-bit fraction, is first cut to 32 bits, which drops
 * sh from 32 as far. The low bits are lost before the product, hence differences to a division in the last digit.
 *
 * The product has up to 69 bits. With delta = a·2^16 + b it is (a·f + b·f / 2^16) / 2^(sh−16), and inner floors do not change
 * the outer one as its divisor is an integer: both products stay below 2^53 for delta < 2^37 ns.
 */
function multiplyShift(delta: Nanos, product: number): number {
  let factor = product;
  let shift = 32;
  const high = Math.floor(factor / 2 ** 32);
  if (high > 0) {
    const bits = 32 - Math.clz32(high);
    factor = Math.floor(factor / POWERS[bits]!);
    shift -= bits;
  }
  if (delta >= 2 ** 37 || shift < 16) return mulDivFloor(delta, factor, POWERS[shift]!);
  const a = Math.floor(delta / 2 ** 16);
  const b = delta % 2 ** 16;
  return Math.floor((a * factor + Math.floor((b * factor) / 2 ** 16)) / POWERS[shift - 16]!);
}
