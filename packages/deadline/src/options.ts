import type { OptionList } from '@proxysched/core';

/** Dials of the deadline class. */
export const deadlineOptions = {
  'deadline.admission': { default: true, about: 'Refuse a task set whose bandwidth exceeds the limit (`rt-and-deadline.md` 8).' },
  'deadline.limit': {
    default: 1_048_576,
    about: 'Bandwidth that deadline tasks may use per CPU, 2^20 = all of it (sched_rt_runtime_us / sched_rt_period_us).',
  },
  'deadline.exhaustion': {
    default: 'throttle',
    values: ['throttle', 'recharge'],
    about:
      'A budget that is used up waits for its next period, as in Linux; or is refilled at once with a later deadline (the original CBS).',
  },
  'deadline.wakeUp': {
    default: 'auto',
    values: ['auto', 'original', 'revised'],
    about:
      'A wake-up before the deadline with too much budget: a new deadline, or a smaller budget (revised). auto, as Linux: revised for deadlines shorter than the period.',
  },
  'deadline.serverRuntime': {
    default: 0,
    about: 'Budget of the deferrable server that keeps the fair class from starving, ns in each period on each CPU. 0: no server.',
  },
  'deadline.serverPeriod': { default: 1_000_000_000, about: 'Period and deadline of that server, ns.' },
  'deadline.serverIdle': {
    default: true,
    about: 'Idle time is charged to a server that waits, and one that only idling used up stops, as from 6.18 on. false: as 6.12.',
  },
} as const satisfies OptionList;
