import type { Bound } from './bound.js';
import { compareLoad, fixedPoint } from './busy-period.js';
import { exact, time } from './exact.js';
import type { FixedPriorityTask, Interferer } from './task-model.js';

/** The task under study; who stands above it is the other argument, so its priority does not matter here. */
export type StudiedTask = Omit<FixedPriorityTask, 'priority'>;

/**
 * Response time of the first job after all are released together, under fixed priorities on one CPU. The window w is the smallest
 * fixed point, from w = C + B, of
 *
 *     w = C + B + sum over `interferers` of ceil((w + J_h) / T_h) C_h        and R = w + J,
 *
 * counted from the nominal release. R bounds every job if w <= T - J (so in any set that meets D <= T - J); it is attained if
 * B = J = 0. Beyond that a later job may fare worse: `worst-response-time.ts`. `unbounded` if the interferers fill the CPU.
 *
 * M. Joseph, P. Pandya, Computer Journal 29(5), 1986; N. Audsley and others, SEJ 8(5), 1993 (blocking, jitter); `oracles.md` 3.1.
 * A001 for parameters out of range.
 */
export function responseTime(task: StudiedTask, interferers: readonly Interferer[]): Bound {
  const own = exact(task);
  const above = interferers.map(exact);
  if (compareLoad(above) >= 0) return 'unbounded';
  return time(fixedPoint(above, own.c + own.b, own.c + own.b) + own.j, 'response time');
}
