import { compare, ratio, type Rational } from './rational.js';
import type { Time } from './task-model.js';

/** What an observation may reach but not exceed. `unbounded`: the theory promises nothing, as under overload. */
export type Bound = Time | 'unbounded';

/** Whether an observation refutes a bound. Nothing refutes `unbounded`. */
export function exceeds(observed: Time, bound: Bound | Rational): boolean {
  if (bound === 'unbounded') return false;
  if (typeof bound === 'number') return observed > bound;
  return compare(ratio(BigInt(observed)), bound) > 0;
}
