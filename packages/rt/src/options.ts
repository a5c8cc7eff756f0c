import type { OptionList } from '@proxysched/core';

/** Dials of the real-time class. */
export const rtOptions = {
  'rt.rrTimeslice': { default: 100_000_000, about: 'Slice of a RR task in ns; on a machine with a tick it is rounded down to whole ticks, at least one.' },
} as const satisfies OptionList;
