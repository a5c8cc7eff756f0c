import type { OptionList } from '@proxysched/core';

/** Dials of the protocols. */
export const inheritOptions = {
  'pip.release': {
    default: 'handOver',
    values: ['handOver', 'free'],
    about: 'A lock released under pip belongs to the most urgent waiter at once, or is left free for whoever runs first (`locking.md` 6).',
  },
} as const satisfies OptionList;
