import type { Costs, MachineSpec, Nanos, TurnsSpec } from '@proxysched/core';

/**
 * What the machine of the kernel recordings spends on itself: one model for all of them, each number a mean of measurements on
 * recordings whose tasks are all pinned to one CPU (`node scripts/measure-costs.mjs DIR` prints them, and the same for our own
 * runs). The machine is emulated, one nanosecond per instruction, so the spread is small: a standard deviation below 1 us.
 *
 * | from | to | measured | is here |
 * |---|---|---|---|
 * | a timer is due | `waking`, then the queue | 1.0 us, about 0.5 more | `timer` |
 * | `waking` by a timer | switch, from idle or over another | 5.2, 4.9 (RT) us; 6.6 fair over fair, 4.4 RT over fair, 3.8 RT over RT | `wakeUp` + `schedule` |
 * | a tick | switch it asks for | 7.0 us | `timer` + `tick` + `schedule` |
 * | end of a fair slice, pick to pick | | 1404.4 us for a slice of 1400 | 2 · `timer` + `schedule` |
 * | the same, from a pick that left idle, for one who came later | | 1401.5 us | the slice counts from the wake-up |
 * | a request, lock taken by another | switch | 3.3 us | `lockOp` + `schedule` |
 * | a sleep is reached | switch | 3.2 us | `sysCall` + `schedule` |
 * | switch | first mark of who wakes | 4.3 us | `contextSwitch` + `sysReturn` + `mark` |
 * | switch | lock had, by a waiter | 4.1 us | `contextSwitch`, then half of `lockReturn` |
 * | a release | the next, at once | 3.9 us | `sysReturn` + `mark` + `lockOp` |
 * | a release | wake-up of the waiter | 1.2 us | the mark of a release is made `lockOp` earlier than we say |
 * | a lock had, t us of work | the release | 5.2 us + t | rest of `lockReturn` + `overrun` + `mark` |
 * | the same with an interruption | | 7 to 10 us more | the pick (`timer`, `wakeUp`, `schedule`), then `contextSwitch` + `preemption` |
 *
 * The kernel reads its clock when a pick begins; the switch is traced 0.8 us later, time that is charged to whoever comes (an interrupt at
 * the end of a slice costs 0.9 us more work than lies between its due time and the switch). Ours is traced at the clock, so that accounts
 * are right and every switch is 0.8 us early: `contextSwitch` has what the table's switches lack. A sleeper is placed about 1.5 us after
 * its timer is due, which `timer` is nearer to than to `waking`.
 *
 * Picks and wake-ups cost more in the fair class (`RECORDED_CLASS_COSTS`): the pick in the class of whoever is switched out, the
 * wake-up in that of who wakes.
 * Moving a task costs the emulated processors nothing: they have no caches.
 */
export const RECORDED_MACHINE_COSTS: Costs = {
  contextSwitch: 2200,
  preemption: 1000,
  schedule: 900,
  mark: 1600,
  lockOp: 1000,
  sysCall: 1000,
  sysReturn: 1300,
  lockReturn: 5000,
  overrun: 1200,
  timer: 1400,
  wakeUp: 1600,
  tick: 3200,
  migration: 0,
};

/**
 * The same where the tasks leave no trace marks (`qlock`, `qunlock`): a call for a lock takes 0.42 us from clock to clock, and a loop of 15 us
 * of work and two such calls 19.53 us, ticks included.
 */
export const RECORDED_UNMARKED_COSTS: Costs = { ...RECORDED_MACHINE_COSTS, mark: 0, lockOp: 420, lockReturn: 640, sysReturn: 640 };

/**
 * Phase of the timer that nobody listens to, by the CPUs the kernel had, ns. What is due on a CPU that stands still is late by what is left
 * to the next timer, over the CPUs: of a slice that ends on the second of two at 400 us of a millisecond the switch comes 51 + 3 us late, at 659
 * us 171 + 4 us: (505 - 400) / 2, (1000 - 659) / 2.
 */
export const recordedBeat = (cpus: number): NonNullable<TurnsSpec['beat']> => ({ first: cpus === 4 ? 467_000 : 504_500, every: 1_000_001 });

/** A fair context costs more to put back, to pick and to wake; leaving idle is in between. */
export const RECORDED_CLASS_COSTS: NonNullable<MachineSpec['classCosts']> = {
  fair: { schedule: 1600, wakeUp: 3800 },
  idle: { schedule: 1400, wakeUp: 1600 },
};

/** A thread of the deadline class is a fair one until so long before its start: it wakes, takes its policy, and sleeps again. */
export const RECORDED_DEADLINE_LEAD: Nanos = 3_000_000;
