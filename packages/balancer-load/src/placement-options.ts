import type { OptionList } from '@proxysched/core';

/** Dials of the placement of wake-ups, after `kernel/sched/features.h`. */
export const placementOptions = {
  'placement.waIdle': { default: true, about: 'Waker or last CPU: an idle one settles it (WA_IDLE).' },
  'placement.waWeight': { default: true, about: 'Waker or last CPU: else the less loaded one for its capacity (WA_WEIGHT).' },
  'placement.waBias': { default: true, about: 'That comparison favours the waker by half of the imbalance the domain allows (WA_BIAS).' },
  'placement.sisUtil': { default: true, about: 'The more of a cache is in use the fewer CPUs under it are looked at (SIS_UTIL).' },
} as const satisfies OptionList;
