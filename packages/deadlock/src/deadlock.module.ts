import { DEADLOCK_POLICY, defineModule, replace, type SimModule } from '@proxysched/kit';
import { DequeuePolicy } from './dequeue.js';
import { HaltPolicy } from './halt.js';

/** Halt and report the cycle. */
export const haltOnDeadlock: SimModule = defineModule({
  name: 'deadlock-halt',
  register: c => {
    replace(c, DEADLOCK_POLICY, { value: new HaltPolicy() });
  },
});

/** Off the queue with the blocked tasks; the rest goes on. */
export const dequeueOnDeadlock: SimModule = defineModule({
  name: 'deadlock-dequeue',
  register: c => {
    replace(c, DEADLOCK_POLICY, { value: new DequeuePolicy() });
  },
});

/** Policies by the name they have on the command line. */
export const DEADLOCK_POLICIES: Readonly<Record<string, SimModule>> = { halt: haltOnDeadlock, dequeue: dequeueOnDeadlock };
