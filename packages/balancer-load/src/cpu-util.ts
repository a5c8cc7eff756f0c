import type { CpuId, LoadView, Topology } from '@proxysched/core';

/** `cpu_util_cfs`: how much of `cpu` its tasks use, or are expected to, 0 … its capacity. */
export function cpuUtil(load: LoadView, topology: Topology, cpu: CpuId): number {
  return Math.min(Math.max(load.utilAvg(cpu), load.utilEst(cpu)), topology.capacity[cpu]!);
}

/** `cpu_util_cfs_boost`: also by who waits there. */
export function cpuUtilBoost(load: LoadView, topology: Topology, cpu: CpuId): number {
  return Math.min(Math.max(load.utilAvg(cpu), load.utilEst(cpu), load.runnableAvg(cpu)), topology.capacity[cpu]!);
}
