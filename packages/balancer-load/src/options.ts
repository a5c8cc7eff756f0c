import type { OptionList } from '@proxysched/core';

/** Dials of the load balancer. */
export const loadOptions = {
  'balance.period': { default: 4_000_000, about: 'Time between two looks of a CPU at the others, ns. 0 or less: never.' },
  'balance.newIdle': { default: true, about: 'A CPU that runs out of work pulls one task before it idles.' },
} as const satisfies OptionList;
