import type { OptionList } from './options.js';

/** Dials of the kernel itself, beside those of the plug-ins. */
export const coreOptions = {
  'mutex.spin': {
    default: 'auto',
    values: ['auto', 'on', 'off'],
    about:
      'Who cannot take a mutex spins while its owner is on a CPU. auto: on a machine with a tick; not with exact timers, which are for published schedules.',
  },
  'mutex.woundClears': {
    default: true,
    about: 'Who is told to back off from wait/wound mutexes is blocked on nothing from then on, so that no walk follows it in a circle.',
  },
  'proxy.charge': {
    default: 'split',
    values: ['split', 'donor', 'runner'],
    about:
      "Who pays while a task runs in another's name: the donor is charged and the runner has executed, as since 2023; both are the donor's; or both are the runner's, so that a donor which others wait behind costs nothing and goes on for ever.",
  },
} as const satisfies OptionList;
