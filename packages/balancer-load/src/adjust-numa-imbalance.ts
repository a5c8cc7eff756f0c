/** `adjust_numa_imbalance`: between nodes a pair of communicating tasks may stay together as long as few run there. */
export function adjustNumaImbalance(imbalance: number, nrRunning: number, allowed: number): number {
  if (nrRunning > allowed) return imbalance;
  return imbalance <= 2 ? 0 : imbalance;
}
