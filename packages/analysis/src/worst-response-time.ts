import type { Bound } from './bound.js';
import { compareLoad, fixedPoint } from './busy-period.js';
import { exact, hyperperiod, time } from './exact.js';
import type { StudiedTask } from './response-time.js';
import type { Interferer, Time } from './task-model.js';

/**
 * Worst response of any job under fixed priorities on one CPU, for deadlines of any length; jobs of one task run in order. The q-th
 * job of a busy window, q = 1, 2, ..., ends at the smallest fixed point of
 *
 *     w_q = q C + B + sum over `interferers` of ceil((w_q + J_h) / T_h) C_h,   so   R_q = w_q - (q - 1) T + J,
 *
 * and R = max R_q. The window ends with the first w_q <= q T - J. At U = 1 it may never end; but then w_(q + H/T) = w_q + H with
 * H the hyperperiod, so that the first H / T jobs have shown all there is. `unbounded` if U > 1.
 *
 * J. Lehoczky, RTSS 1990; K. Tindell, A. Burns, A. Wellings, RTS 6(2), 1994 (jitter); `oracles.md` 3.1.
 * A001 for parameters out of range. Time: as many windows as jobs; hurts at U = 1 with periods that share no factor.
 */
export function worstResponseTime(task: StudiedTask, interferers: readonly Interferer[]): Bound {
  if (compareLoad([task, ...interferers].map(exact)) > 0) return 'unbounded';
  let worst = 0;
  for (const response of jobResponses(task, interferers)) worst = Math.max(worst, response);
  return worst;
}

/**
 * R_1, R_2, ... of `worstResponseTime`, for the jobs of one busy window. Without end if U > 1: take what you need. Yields nothing if
 * the interferers alone fill the CPU, as no job ever completes then.
 */
export function* jobResponses(task: StudiedTask, interferers: readonly Interferer[]): Generator<Time, void> {
  const own = exact(task);
  const above = interferers.map(exact);
  if (compareLoad(above) >= 0) return;
  const all = [own, ...above];
  const jobs = compareLoad(all) === 0 ? hyperperiod(all) / own.t : undefined;
  let w = own.b;
  for (let q = 1n; ; q++) {
    w = fixedPoint(above, q * own.c + own.b, w + own.c); // w_q >= w_(q-1) + C
    yield time(w - (q - 1n) * own.t + own.j, 'response time');
    if (w <= q * own.t - own.j || q === jobs) return;
  }
}
