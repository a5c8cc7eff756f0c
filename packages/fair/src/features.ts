import type { OptionList } from '@proxysched/core';

/** The dials of the fair class, after `kernel/sched/features.h` and its debugfs files (`fair-eevdf.md` 7, 17). */
export const fairOptions = {
  'fair.version': {
    default: '7.3',
    values: ['7.3', '7.2', '6.12', '6.1'],
    about:
      'Which kernel: how a slice is protected, how lag is limited, who may preempt whom, whether groups have timelines of their own. 6.1 is classic CFS, without lag and deadlines.',
  },
  'fair.placeLag': { default: true, about: 'Keep the lag over a sleep: who was owed service when it left is owed it when it comes back.' },
  'fair.placeDeadlineInitial': {
    default: true,
    about: 'A new task gets half a slice first, so that it starts as one of many and not as a newcomer.',
  },
  'fair.placeRelDeadline': {
    default: true,
    about: 'A move that is no sleep (migration, change of weight) keeps what was left until the deadline.',
  },
  'fair.runToParity': {
    default: true,
    about: 'Protect the running entity until a shortest slice is used, instead of switching at the first better deadline.',
  },
  'fair.preemptShort': { default: true, about: 'A wakee with a shorter slice may break that protection.' },
  'fair.nextBuddy': { default: false, about: 'Prefer the task woken last.' },
  'fair.pickBuddy': { default: true, about: 'Honour that preference (and that of short wakees) in the pick, while the buddy is eligible.' },
  'fair.delayDequeue': {
    default: true,
    about: 'A sleeper that had more than its share stays queued, not runnable, until its debt has decayed.',
  },
  'fair.delayZero': { default: true, about: 'Such a sleeper leaves, or wakes, with a lag of zero at best.' },
  'fair.wakeupPreemption': { default: true, about: 'A wake-up may preempt at all.' },
  'fair.baseSlice': { default: 700_000, about: 'Normalised base slice, ns: what a task without a slice of its own asks for on one CPU.' },
  'fair.tunableScaling': {
    default: 'log',
    values: ['none', 'log', 'linear'],
    about: 'How the base slice grows with the number of CPUs: 1, 1 + log2 n, or n; n at most 8.',
  },
  'fair.slice': { default: 0, about: 'Effective base slice, ns, as recordings state it; 0: computed from the two above.' },
  'fair.groupShares': {
    default: 'concur',
    values: ['concur', 'up', 'smp', 'max', 'tasks'],
    about:
      'Weight of a group on one CPU, in 7.3: `up` all its shares; `smp` the part of its load that is there; `max`, `tasks`, `concur` that part of as many times the shares as it has CPUs, tasks, or the fewer of both. Earlier kernels: always `smp`.',
  },
  'fair.loadTracking': {
    default: 'auto',
    values: ['auto', 'on', 'off'],
    about:
      'Keep load averages (PELT): `auto` if there are several CPUs, which are balanced by them, or groups, whose weights depend on them.',
  },
  'fair.utilEst': { default: true, about: 'Remember what a task used before it slept.' },
  'fair.cpuCapacity': {
    default: 1024,
    about: 'Capacity of the CPUs, 1024 = full: how fast the clock of load averages advances on a busy one.',
  },
} as const satisfies OptionList;
