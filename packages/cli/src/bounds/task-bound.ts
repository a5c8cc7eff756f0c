import { exceeds, toNumber, type Rational } from '@proxysched/analysis';
import type { Nanos } from '@proxysched/core';

/** What is bounded: release to end of a job; how late a job ends; what a fair task is owed, either way. */
export type Quantity = 'response' | 'tardiness' | 'lag';

/** What theory says of a task, or why it says nothing. */
export type TaskBound =
  | { readonly task: string; readonly quantity: Quantity; readonly bound: Nanos | Rational; readonly theorem: string }
  | { readonly task: string; readonly none: string };

/** The same beside what the run did. `at`: instant of the extreme, −1 where nothing was seen. */
export type CheckedBound = TaskBound & { readonly observed: Nanos; readonly at: Nanos; readonly exceeded: boolean };

export interface Extreme {
  readonly value: Nanos;
  readonly at: Nanos;
}

export function checkBound(bound: TaskBound, seen: Extreme): CheckedBound {
  return { ...bound, observed: seen.value, at: seen.at, exceeded: 'bound' in bound && seen.at >= 0 && exceeds(seen.value, bound.bound) };
}

/** For printing; decisions stay with `exceeds`. */
export const boundNs = (bound: Nanos | Rational): number => (typeof bound === 'number' ? bound : toNumber(bound));
