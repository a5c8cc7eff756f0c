import type { Bound } from './bound.js';
import { compareLoad, exactBusyPeriod } from './busy-period.js';
import { notInRange } from './errors.js';
import { byValue, ceilDiv, exact, max, min, time, type ExactTask } from './exact.js';
import type { SporadicTask } from './task-model.js';

/**
 * Worst response of any job of `tasks[at]` under EDF on one CPU, over all release patterns. The worst one is in general **not** the
 * synchronous release of all tasks: the others are released together, and the job under study a later, within their busy period L.
 * For each a >= 0 at which its deadline a + D_i meets a deadline of another task or of its own,
 *
 *     w = (floor(a / T_i) + 1) C_i + sum over j <> i with D_j <= a + D_i of min(ceil(w / T_j), floor((a + D_i - D_j) / T_j) + 1) C_j,
 *
 * and R = max(C_i, max over a of w(a) - a). Equal deadlines count against the job. `unbounded` if U > 1.
 *
 * M. Spuri, INRIA RR-2772, 1996; `oracles.md` 3.2. `at` is an index of `tasks`. A001 for parameters out of range.
 * Time: a fixed point per deadline within L; hurts when U is near 1.
 */
export function edfResponseTime(tasks: readonly SporadicTask[], at: number): Bound {
  const set = tasks.map(exact);
  const own = set[at];
  if (own === undefined) throw notInRange(`index of one of ${set.length} tasks`, 0, at);
  if (compareLoad(set) > 0) return 'unbounded';
  const others = set.filter((_, j) => j !== at);
  const busy = exactBusyPeriod(set, 0n)!;
  let worst = own.c;
  for (const a of offsets(set, own, busy)) worst = max(worst, window(own, others, a) - a);
  return time(worst, 'response time');
}

/** Releases a < `busy` of the job under study that may be the worst, growing. */
function offsets(set: readonly ExactTask[], own: ExactTask, busy: bigint): bigint[] {
  const found = new Set<bigint>();
  for (const { t, d } of set) {
    const first = d - own.d; // the first a >= 0 in first + k t
    for (let a = first >= 0n ? first : first + ceilDiv(-first, t) * t; a < busy; a += t) found.add(a);
  }
  return [...found].sort(byValue);
}

/** End of the busy window of the job released at a, counted from the release of the others. */
function window(own: ExactTask, others: readonly ExactTask[], a: bigint): bigint {
  const due = a + own.d;
  const ahead = others.filter(({ d }) => d <= due);
  const mine = (a / own.t + 1n) * own.c;
  for (let w = mine; ;) {
    const next = mine + ahead.reduce((sum, { c, t, d }) => sum + min(ceilDiv(w, t), (due - d) / t + 1n) * c, 0n);
    if (next === w) return w;
    w = next;
  }
}
