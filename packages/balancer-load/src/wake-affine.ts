/** What the two tests of `wake_affine` say: to the waker's CPU, to the CPU the task was last on, or nothing. */
export type Affinity = 'this' | 'prev' | null;

/** One of the two CPUs. */
export interface AffineCpu {
  /** `available_idle_cpu`. */
  readonly idle: boolean;
  /** Load average of its queue, and what capacity it has left. */
  readonly load: number;
  readonly capacity: number;
}

/**
 * `wake_affine_idle`: an idle CPU is better than any weighing. The waker's counts where it shares the cache, since an interrupt may have
 * come in on any; or where the waker says that it is about to sleep (`sync`) and is alone: `nrRunning`, without delayed ones.
 */
export function wakeAffineIdle(current: AffineCpu, prev: AffineCpu, sameLlc: boolean, sync: boolean, nrRunning: number): Affinity {
  if (current.idle && sameLlc) return prev.idle ? 'prev' : 'this';
  if (sync && nrRunning === 1) return 'this';
  return prev.idle ? 'prev' : null;
}

/**
 * `wake_affine_weight`: the waker's CPU, were the task there and, if `sync`, the waker not, has less load for its capacity than the other
 * without the task, by half of the domain's imbalance.
 *
 * @param currentLoad, taskLoad the waker's and the task's part of its CPU's load (`task_h_load`).
 * @param bias `WA_BIAS`: the half of the imbalance counts.
 */
export function wakeAffineWeight(
  current: AffineCpu,
  prev: AffineCpu,
  sync: boolean,
  currentLoad: number,
  taskLoad: number,
  imbalancePct: number,
  bias = true,
): Affinity {
  if (sync && currentLoad > current.load) return 'this';
  const there = (current.load - (sync ? currentLoad : 0) + taskLoad) * (bias ? 100 : 1) * prev.capacity;
  const here = (prev.load - taskLoad) * (bias ? 100 + Math.trunc((imbalancePct - 100) / 2) : 1) * current.capacity;
  return there < here + (sync ? 1 : 0) ? 'this' : null;
}
