import type { CpuId, CpuSet, Kernel, LoadView } from '@proxysched/core';

/**
 * CPUs that a wakee need not share: idle ones, and those where only SCHED_IDLE waits and runs (`available_idle_cpu`, `sched_idle_cpu`).
 * Searches go by words of sets and stop at the first.
 */
export class IdleCpus {
  /** Of the class that wakes; `null`: it tells nothing. */
  load: LoadView | null = null;

  constructor(private readonly kernel: Kernel) {}

  isIdle(cpu: CpuId): boolean {
    return this.kernel.idleCpus.has(cpu);
  }

  /** Somebody runs there, and everybody there is of SCHED_IDLE. */
  isSchedIdle(cpu: CpuId): boolean {
    const nr = this.load === null ? 0 : this.load.nrIdlePolicy(cpu);
    return nr > 0 && nr === this.kernel.rqs[cpu]!.nrQueued;
  }

  isFree(cpu: CpuId): boolean {
    return this.isIdle(cpu) || this.isSchedIdle(cpu);
  }

  /** The first free one of `cpus` after `target`, wrapping round to `target` itself, among the first `nr` of them; −1: none. */
  scan(cpus: CpuSet, target: CpuId, nr: number): CpuId | -1 {
    const idle = cpus.nextWrap(target, this.kernel.idleCpus);
    const found = this.earlier(cpus, target, idle, this.nextSchedIdle(cpus, target));
    if (found < 0 || nr >= cpus.size) return found;
    return placeAfter(cpus, target, found) < nr ? found : -1;
  }

  private nextSchedIdle(cpus: CpuSet, target: CpuId): CpuId | -1 {
    const some = this.load?.withIdlePolicy;
    if (some === undefined || some.size === 0) return -1;
    for (let cpu = some.nextIn(target, cpus); cpu >= 0; cpu = some.nextIn(cpu, cpus)) if (this.isSchedIdle(cpu as CpuId)) return cpu;
    for (let cpu = some.nextIn(-1, cpus); cpu >= 0 && cpu <= target; cpu = some.nextIn(cpu, cpus))
      if (this.isSchedIdle(cpu as CpuId)) return cpu;
    return -1;
  }

  private earlier(cpus: CpuSet, target: CpuId, a: CpuId | -1, b: CpuId | -1): CpuId | -1 {
    if (a < 0 || b < 0) return a < 0 ? b : a;
    return placeAfter(cpus, target, a) <= placeAfter(cpus, target, b) ? a : b;
  }
}

/** How many of `cpus` come before `cpu` on the way round from `target` + 1. */
function placeAfter(cpus: CpuSet, target: number, cpu: number): number {
  const skipped = cpus.countBelow(target + 1);
  return cpu > target ? cpus.countBelow(cpu) - skipped : cpus.size - skipped + cpus.countBelow(cpu);
}
