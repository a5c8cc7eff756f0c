import type { DeadlockPolicy } from '@proxysched/core';
import { DEADLOCK_POLICY, defineModule, replace, type SimModule } from '@proxysched/kit';
import { composePolicy, type PolicySpec } from './compose-policy.js';

/** A module with one policy in it, by the name `deadlock-…`. The last such module of a list is the one in force. */
export function deadlockModule(policy: DeadlockPolicy): SimModule {
  return defineModule({
    name: `deadlock-${policy.name}`,
    register: c => {
      replace(c, DEADLOCK_POLICY, { value: policy });
    },
  });
}

/** Policies that have a short name on the command line. */
export const SHORT_NAMES = {
  /** Halt at the instant a cycle closes; the cycle is the result. */
  halt: { detector: 'block', action: 'halt' },
  /** The idea of the June 2023 mail: off the queue with the blocked tasks, the wait lists of their locks wake them. */
  dequeue: { detector: 'marks', action: 'dequeue' },
  /** As wait/wound locks do it: the youngest of a cycle is refused its lock and begins its section again. */
  wound: { detector: 'block', action: 'wound' },
  /** As rt_mutexes and PI futexes tell user space: the call that would close the cycle fails. */
  edeadlk: { detector: 'block', action: 'edeadlk' },
  /** Its debug build: more than 50 re-picks in one pass are a deadlock. */
  repicks: { detector: 'repicks', limit: 50, action: 'halt' },
} as const satisfies Readonly<Record<string, PolicySpec>>;

const named = (name: keyof typeof SHORT_NAMES): SimModule => deadlockModule({ ...composePolicy(SHORT_NAMES[name]), name });

export const haltOnDeadlock = named('halt');
export const dequeueOnDeadlock = named('dequeue');
export const woundOnDeadlock = named('wound');
export const refuseDeadlock = named('edeadlk');
export const haltAfter50Repicks = named('repicks');
