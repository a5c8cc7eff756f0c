import { exact, min } from './exact.js';
import { ratio, sum, type Rational } from './rational.js';
import type { Interferer, SporadicTask } from './task-model.js';

/** C / T of one task: the share of a CPU it asks for in the long run. A001 for parameters out of range. */
export function share(task: Interferer): Rational {
  const { c, t } = exact(task);
  return ratio(c, t);
}

/** Sum of C / T. A server counts with its budget and period. `oracles.md` 3. */
export function utilization(tasks: readonly Interferer[]): Rational {
  return sum(tasks.map(share));
}

/** C / min(D, T) of one task. */
export function densityOf(task: SporadicTask): Rational {
  const { c, t, d } = exact(task);
  return ratio(c, min(d, t));
}

/** Sum of C / min(D, T); equals the utilization if no deadline is shorter than its period. `oracles.md` 3.2. */
export function density(tasks: readonly SporadicTask[]): Rational {
  return sum(tasks.map(densityOf));
}
