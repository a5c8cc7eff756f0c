import { floorDiv, mulDivFloor, NEVER, type Nanos } from '@proxysched/core';
import { BW_UNIT, type RootDomain } from './admission.js';
import type { DlEntity } from './dl-entity.js';
import type { DlRunQueue } from './dl-run-queue.js';

/**
 * Greedy reclamation of unused bandwidth (`rt-and-deadline.md` 10): the budget of a reclaiming task falls at the rate
 * max(u, Umax − Uinact − Uextra) / Umax, in fixed point, 2^20 = as fast as time.
 */
export function depletionRate(e: DlEntity, queue: DlRunQueue, domain: RootDomain): number {
  const inactive = queue.thisBw - queue.runningBw;
  const rate = Math.max(e.dlBw, domain.limit - inactive - domain.extraBw);
  // 1 / Umax with eight fractional bits.
  const ratio = Math.floor(floorDiv(2 ** 40, domain.limit) / 2 ** 12);
  return mulDivFloor(rate, ratio, 256);
}

/** Budget that `delta` ns take at `rate`. */
export function consumed(delta: Nanos, rate: number): Nanos {
  return mulDivFloor(delta, rate, BW_UNIT);
}

/** The shortest time in which `budget` is used up at `rate`. */
export function lasts(budget: Nanos, rate: number): Nanos {
  if (rate <= 0) return NEVER;
  const time = mulDivFloor(budget, BW_UNIT, rate);
  return consumed(time, rate) < budget ? time + 1 : time;
}
