import { mulDivFloor, type Nanos } from '@proxysched/core';
import type { FairEntity } from './fair-entity.js';
import type { FairQueue } from './fair-queue.js';
import { NICE_0_LOAD } from './weights.js';

/**
 * Service until `e` reaches its deadline, w · (d − v) / w_0: the hrtick of 7.x. The kernel rounds down and is late by
 * microseconds anyway; here the timer comes on time, so it is the first nanosecond that, once charged, takes v to d. At least 1, even
 * where a rescaled deadline is already reached: a timer for this instant would charge nothing and end no slice.
 */
export function wallFor(q: FairQueue, e: FairEntity): Nanos {
  const left = e.deadline - e.vruntime;
  // The weight the conversion works with: 6.12 has the reciprocal of the table's.
  const weight = q.rules.version.name === '6.12' ? 1024 * e.sumWeight : e.weight;
  let wall = Math.max(1, mulDivFloor(weight, left, NICE_0_LOAD));
  // Both conversions round down, so a nanosecond is missing; in 6.12, whose reciprocals are short, up to a hundred thousandth.
  for (let short = left - q.calcDelta(wall, e); short > 0; short = left - q.calcDelta(wall, e)) {
    wall += Math.max(1, mulDivFloor(weight, short - 1, NICE_0_LOAD));
  }
  return wall;
}
