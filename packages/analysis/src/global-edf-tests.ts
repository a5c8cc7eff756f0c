import { constrained, integer, max, min } from './exact.js';
import { compare, largest, minus, ratio, sum, times, type Rational } from './rational.js';
import type { ImplicitTask, SporadicTask, Sufficient } from './task-model.js';
import { densityOf, share } from './utilization.js';

/**
 * Global EDF on `cpus` equal CPUs, D = T: no miss if U <= m - (m - 1) U_max. Sufficient only; on several CPUs a set just above U = 1
 * can miss (S. Dhall, C. Liu, 1978).
 *
 * J. Goossens, S. Funk, S. Baruah, RTS 25(2-3), 2003; `oracles.md` 3.3. `cpus` is at least 1. A001 for parameters out of range.
 */
export function gfbTest(tasks: readonly ImplicitTask[], cpus: number): Sufficient {
  return gfb(tasks.map(share), cpus);
}

/**
 * The same with densities C / min(D, T), for deadlines of any length. Sufficient only.
 * M. Bertogna, M. Cirinei, G. Lipari, ECRTS 2005; `oracles.md` 3.3. A001 for parameters out of range.
 */
export function gfbDensityTest(tasks: readonly SporadicTask[], cpus: number): Sufficient {
  return gfb(tasks.map(densityOf), cpus);
}

function gfb(loads: readonly Rational[], cpus: number): Sufficient {
  const m = integer(cpus, 1, 'cpus');
  const limit = minus(ratio(m), times(ratio(m - 1n), largest(loads)));
  return compare(sum(loads), limit) <= 0 && compare(largest(loads), ratio(1n)) <= 0 ? 'schedulable' : 'undecided';
}

/**
 * Global EDF on `cpus` equal CPUs, D <= T (A003 otherwise), by interference. To miss, a job of k must see all CPUs busy with others for
 * at least x = D_k - C_k + 1 of the D_k it has (time is integer, releases too). So k meets its deadline if
 *
 *     sum over i <> k of min(W_i, x)  <  m x,
 *
 * where W_i = n C_i + min(C_i, max(0, D_k - n T_i)), n = max(0, floor((D_k - D_i) / T_i) + 1), is the most that i executes in a window
 * of length D_k if its last deadline there is the window's end. Sufficient only. Neither this nor `gfbTest` accepts all that the
 * other does.
 *
 * M. Bertogna, M. Cirinei, G. Lipari, ECRTS 2005 (not in the fact sheets). A001 for parameters out of range.
 */
export function bclTest(tasks: readonly SporadicTask[], cpus: number): Sufficient {
  const m = integer(cpus, 1, 'cpus');
  const set = tasks.map(task => constrained(task, 'bclTest'));
  const meets = set.every((own, k) => {
    const x = own.d - own.c + 1n;
    const busy = set.reduce((w, { c, t, d }, i) => {
      if (i === k) return w;
      const n = own.d < d ? 0n : (own.d - d) / t + 1n;
      return w + min(n * c + min(c, max(0n, own.d - n * t)), x);
    }, 0n);
    return x > 0n && busy < m * x;
  });
  return meets ? 'schedulable' : 'undecided';
}
