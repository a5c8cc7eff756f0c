/**
 * How many CPUs under a cache a wake-up may look at in search of an idle one (`update_idle_cpu_scan`, SIS_UTIL): all of them while the
 * cache's CPUs are idle, fewer by the square of their utilisation, none from about 85 %.
 *
 * @param weight CPUs under the cache.
 * @param sumUtil their utilisation together, 1024 for each that is in use all the time.
 * @param imbalancePct of the cache's domain.
 */
export function nrIdleScan(weight: number, sumUtil: number, imbalancePct: number): number {
  const mean = Math.floor(sumUtil / weight);
  const used = Math.min(1024, Math.floor((mean * mean * imbalancePct * imbalancePct) / (10_000 * 1024)));
  return Math.floor(((1024 - used) * weight) / 1024);
}
