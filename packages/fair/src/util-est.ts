/** `UTIL_EST_MARGIN`: differences below 1 % are not followed. */
const MARGIN = 10;

/**
 * What a task is expected to use when it comes back (`util_est_update`): at the end of an activation its utilisation, which
 * a longer sleep would make forget. It rises at once and falls by a quarter of the difference.
 *
 * Not where that would mislead: the CPU was slower than the task, or the task had to wait for its CPU and so shows less than
 * it wants. `null`: nothing was learned, the next update may try again; else the estimate, which may be the old one.
 */
export function nextUtilEst(estimate: number, util: number, runnable: number, capacity: number): number | null {
  if (estimate <= util) return util;
  const diff = estimate - util;
  if (diff < MARGIN) return estimate;
  if (util > capacity) return null;
  if (util + MARGIN < runnable) return estimate;
  return Math.floor((4 * estimate - diff) / 4);
}
