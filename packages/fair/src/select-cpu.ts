import { WAKE_FORK, type CpuId, type Kernel, type Task } from '@proxysched/core';

/**
 * Approximate (`select_task_rq_fair` looks at caches and loads): where it ran if that is idle, the first idle CPU, where
 * it ran; a new task goes to an idle CPU or to the shortest queue.
 */
export function selectFairCpu(kernel: Kernel, p: Task, prev: CpuId, flags: number): CpuId {
  const { idleCpus, rqs } = kernel;
  const { cpusAllowed } = p.exec;
  const fork = (flags & WAKE_FORK) !== 0;
  const stay = !fork && cpusAllowed.has(prev);
  if (stay && idleCpus.has(prev)) return prev;
  const idle = idleCpus.firstIn(cpusAllowed);
  if (idle >= 0) return idle as CpuId;
  if (stay) return prev;
  let best = cpusAllowed.first();
  for (let cpu = best; cpu >= 0; cpu = cpusAllowed.next(cpu)) {
    if (rqs[cpu]!.nrQueued < rqs[best]!.nrQueued) best = cpu;
  }
  return best as CpuId;
}
