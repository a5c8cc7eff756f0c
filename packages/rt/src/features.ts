import type { OptionList } from '@proxysched/core';

/** The dials of the real-time class; facts 4 (round robin) and 7 (throttling up to Linux 6.11). */
export const RT_OPTIONS = {
  'rt.rrTimeslice': {
    default: 100_000_000,
    about: 'Slice of a round-robin task, ns. With a tick it is counted in ticks, rounded up. 0 or less: the default (RR_TIMESLICE).',
  },
  'rt.runtime': {
    default: -1,
    about: 'Time real-time tasks may use of each `rt.period` on each CPU, ns (sched_rt_runtime_us up to 6.11: 950 ms). -1: no limit.',
  },
  'rt.period': {
    default: 1_000_000_000,
    about: 'Period of `rt.runtime`, ns (sched_rt_period_us).',
  },
} as const satisfies OptionList;
