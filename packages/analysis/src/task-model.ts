/**
 * What the theorems speak about: tasks that release a job at least `period` apart, each asking for at most `wcet` of a CPU.
 * All results assume no overhead, preemption at once, and that no job asks for more than its `wcet`.
 *
 * Each theorem takes the narrowest of these types, so that a task with something the theorem does not know (a deadline, blocking,
 * jitter) is refused by the compiler rather than analysed without it.
 */

/** A span of time in any unit, the same for all arguments of a call: a safe integer. Results come in the same unit. */
export type Time = number;

/** Its deadline is its period. */
export interface ImplicitTask {
  /** Longest execution of a job; at least 1. */
  readonly wcet: Time;
  /** Shortest time between two releases; at least 1. */
  readonly period: Time;
  readonly deadline?: never;
  readonly blocking?: never;
  readonly jitter?: never;
}

/** Any relative deadline: shorter than the period, equal to it (the default) or longer. */
export interface SporadicTask {
  readonly wcet: Time;
  readonly period: Time;
  /** From release to deadline; at least 1. Default: the period. */
  readonly deadline?: Time;
  readonly blocking?: never;
  readonly jitter?: never;
}

/** With the longest time for which tasks of less urgency may hold it up, from `blocking-bounds.ts`. */
export interface BlockedTask {
  readonly wcet: Time;
  readonly period: Time;
  readonly deadline?: Time;
  /** At least 0; counts once per busy window. */
  readonly blocking: Time;
  readonly jitter?: never;
}

/** A task that interferes by its releases alone. */
export interface Interferer {
  readonly wcet: Time;
  readonly period: Time;
  /** Longest delay from the nominal release to the moment the job is ready; at least 0, default 0. */
  readonly jitter?: Time;
}

/** A task under fixed priorities. */
export interface FixedPriorityTask extends Interferer {
  readonly deadline?: Time;
  readonly blocking?: Time;
  /** 1 is the most important, as in the kernel's `prio`. Equal priorities interfere both ways, which covers FIFO and round robin. */
  readonly priority: number;
}

/** The answer of an exact test. */
export type Exact = 'schedulable' | 'unschedulable';

/** The answer of a test that is only sufficient: a set it does not accept may still meet every deadline. */
export type Sufficient = 'schedulable' | 'undecided';
