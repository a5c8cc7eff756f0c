import type { Policy, Weight } from '@proxysched/core';

/**
 * Load weights (`fair-eevdf.md` 1). One nice level is about 10 % of CPU time, a factor of 1.25 in weight. Both tables are
 * data: no rounding rule reproduces `NICE_TO_WMULT` (meant to be 2^32 / weight).
 */

// prettier-ignore
export const NICE_TO_WEIGHT: readonly Weight[] = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
   9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,
   1024,   820,   655,   526,   423,   335,   272,   215,   172,   137,
    110,    87,    70,    56,    45,    36,    29,    23,    18,    15,
];

// prettier-ignore
export const NICE_TO_WMULT: readonly number[] = [
      48388,     59856,     76040,     92818,    118348,    147320,     184698,    229616,    287308,    360437,
     449829,    563644,    704093,    875809,   1099582,   1376151,    1717300,   2157191,   2708050,   3363326,
    4194304,   5237765,   6557202,   8165337,  10153587,  12820798,   15790321,  19976592,  24970740,  31350126,
   39045157,  49367440,  61356676,  76695844,  95443717, 119304647,  148102320, 186737708, 238609294, 286331153,
];

export const IDLE_WEIGHT: Weight = 3;
export const IDLE_WMULT = 1431655765;

/** `NICE_0_LOAD`: the weight of nice 0 as 64-bit kernels store it, 1024 times the table's. "Scaled" means this scale. */
export const NICE_0_LOAD = 1 << 20;

/** Scaled weight of a task by its policy. */
export function taskWeight(policy: Policy): Weight {
  return 1024 * (policy.kind === 'normal' || policy.kind === 'batch' ? NICE_TO_WEIGHT[policy.nice + 20]! : IDLE_WEIGHT);
}

/** `scale_load_down`: the table's scale again, at least 2. */
export function scaleDown(weight: Weight): Weight {
  return weight === 0 ? 0 : Math.max(2, Math.floor(weight / 1024));
}

/** ⌊(2^32 − 1) / weight⌋ of a weight in the table's scale: the reciprocal of whoever has none at hand. */
export function inverse(down: Weight): number {
  return Math.floor((2 ** 32 - 1) / down);
}

/** The reciprocal of a task's weight: from the table, whose entries are not what one would compute. */
export function wmult(weight: Weight): number {
  const down = weight / 1024;
  const nice = NICE_TO_WEIGHT.indexOf(down);
  return nice >= 0 ? NICE_TO_WMULT[nice]! : down === IDLE_WEIGHT ? IDLE_WMULT : computedInverse(weight);
}

/** That of a group's, which is any number: computed on demand. */
export function computedInverse(weight: Weight): number {
  return inverse(scaleDown(weight));
}
