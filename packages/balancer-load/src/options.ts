import type { OptionList } from '@proxysched/core';

/** Dials of the load balancer. */
export const loadOptions = {
  'balance.domains': {
    default: true,
    about: 'A class that tracks load is balanced by it, over scheduling domains, as Linux does. Off: by number of contexts, in one domain.',
  },
  'balance.periodic': { default: true, about: 'CPUs look at the others now and then, as often as their domains say.' },
  'balance.newIdle': { default: true, about: 'A CPU that runs out of work pulls one task before it idles.' },
  'balance.nohz': { default: true, about: 'An idle CPU has no tick; a busy one asks one of them to look on behalf of all.' },
  'balance.active': { default: true, about: 'Where nothing that waits can be moved, the running task may be pushed.' },
  'balance.period': {
    default: 4_000_000,
    about:
      'Time between two looks of a CPU at the others, ns, where it does not depend on ticks: with exact timers, and for classes that do not track load. 0 or less: never.',
  },
  'balance.busyFactor': {
    default: 16,
    about:
      'How many times less often a CPU that has work looks at the others, for classes that do not track load; elsewhere domains say it. 1 or less: as often.',
  },
  'balance.migrationCost': {
    default: 500_000,
    about: 'Who ran within this time, ns, has a warm cache and stays at first. 0: nobody. Also limits how short idling is averaged.',
  },
  'balance.nrMigrate': { default: 32, about: 'Tasks that a CPU looks at in one pass, to move them.' },
  'balance.newIdleCost': {
    default: 0,
    about:
      'What it costs to look at one domain before idling, ns: a CPU that is not expected to idle for longer does not look. No time passes.',
  },
  'balance.newIdleRandom': {
    default: false,
    about:
      'Look before idling only as often as it has paid lately, by dice (NI_RANDOM). The dice come from the seed, so no run is the kernel’s.',
  },
} as const satisfies OptionList;
