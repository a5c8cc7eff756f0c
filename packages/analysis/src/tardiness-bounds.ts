import { byValue, exact, integer, max, min, type ExactTask } from './exact.js';
import { compare, minus, over, plus, ratio, sum, type Rational } from './rational.js';
import type { ImplicitTask } from './task-model.js';

/**
 * How late a job may finish under global EDF on `cpus` equal CPUs, D = T, no job dropped: for each task, in the order given,
 *
 *     C_i + (sum of the m - 1 largest C - C_min) / (m - sum of the m - 2 largest U),
 *
 * and 0 where each task can have a CPU of its own, or m = 1. For any pattern of releases. `unbounded` for all if U > m or some U_i > 1.
 *
 * U. Devi, J. Anderson, RTS 38(2), 2008; `oracles.md` 3.3. `cpus` is at least 1. A001 for parameters out of range.
 */
export function tardinessBounds(tasks: readonly ImplicitTask[], cpus: number): Rational[] | 'unbounded' {
  const set = tasks.map(exact);
  const m = Number(integer(cpus, 1, 'cpus'));
  if (!feasible(set, m)) return 'unbounded';
  if (m === 1 || set.length <= m) return set.map(() => ratio(0n));
  const longest = set
    .map(({ c }) => c)
    .sort(byValue)
    .reverse();
  const busiest = shares(set).sort(compare).reverse();
  const work = longest.slice(0, m - 1).reduce((w, c) => w + c, 0n) - longest.at(-1)!;
  const late = over(ratio(work), minus(ratio(BigInt(m)), sum(busiest.slice(0, m - 2))));
  return set.map(({ c }) => plus(ratio(c), late));
}

/**
 * The coarse form, one bound for all: ((m - 1) C_max - C_min) / (m - (m - 2) U_max) + C_max. As in the kernel's documentation of the
 * deadline class; `oracles.md` 3.3. Never below `tardinessBounds`. `unbounded` and A001 as there.
 */
export function coarseTardinessBound(tasks: readonly ImplicitTask[], cpus: number): Rational | 'unbounded' {
  const set = tasks.map(exact);
  const m = integer(cpus, 1, 'cpus');
  if (!feasible(set, Number(m))) return 'unbounded';
  if (m === 1n || set.length <= Number(m)) return ratio(0n);
  const cMax = set.map(({ c }) => c).reduce(max);
  const cMin = set.map(({ c }) => c).reduce(min);
  const uMax = shares(set).reduce((u, v) => (compare(v, u) > 0 ? v : u));
  const room = minus(ratio(m), ratio((m - 2n) * uMax.num, uMax.den));
  return plus(over(ratio((m - 1n) * cMax - cMin), room), ratio(cMax));
}

/** U <= m and all U_i <= 1: what any scheduler needs. Linux admits by a limit on U alone, which does not exclude misses. */
function feasible(set: readonly ExactTask[], m: number): boolean {
  return compare(sum(shares(set)), ratio(BigInt(m))) <= 0 && set.every(({ c, t }) => c <= t);
}

const shares = (set: readonly ExactTask[]): Rational[] => set.map(({ c, t }) => ratio(c, t));
