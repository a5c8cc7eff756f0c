import { CpuRotor, CpuSet, type CpuId } from '@proxysched/core';

/** Levels: 0 for nothing real-time queued, 1 … 99 for the user priority of the best. */
const NR_LEVELS = 100;

/**
 * How urgent the best real-time context of each CPU is, and per level the set of its CPUs (`rt-and-deadline.md` 5): a search goes
 * through levels, not through CPUs, and most searches end at level 0.
 */
export class CpuPriorities {
  private readonly levels: Uint8Array;
  private readonly sets: readonly CpuSet[];
  private readonly rotor: CpuRotor;
  private readonly candidates: CpuSet;

  constructor(nrCpus: number) {
    this.levels = new Uint8Array(nrCpus);
    this.sets = Array.from({ length: NR_LEVELS }, (_, level) => (level === 0 ? CpuSet.all(nrCpus) : new CpuSet(nrCpus)));
    this.rotor = new CpuRotor(nrCpus);
    this.candidates = new CpuSet(nrCpus);
  }

  level(cpu: CpuId): number {
    return this.levels[cpu]!;
  }

  set(cpu: CpuId, level: number): void {
    const before = this.levels[cpu]!;
    if (before === level) return;
    this.sets[before]!.delete(cpu);
    this.sets[level]!.add(cpu);
    this.levels[cpu] = level;
  }

  /**
   * A CPU of the lowest level below `level` that is `allowed` and `free` (of anything more urgent), −1: none. Among equals `last`,
   * then `here`, then one after the other.
   */
  find(level: number, allowed: CpuSet, last: CpuId, here: CpuId, free: (cpu: CpuId) => boolean): CpuId | -1 {
    for (let l = 0; l < level; l++) {
      const set = this.sets[l]!;
      if (set.size === 0 || set.firstIn(allowed) < 0) continue;
      if (set.has(last) && allowed.has(last) && free(last)) return last;
      if (set.has(here) && allowed.has(here) && free(here)) return here;
      const { candidates } = this;
      candidates.clear();
      for (let cpu = set.firstIn(allowed); cpu >= 0; cpu = set.nextIn(cpu, allowed)) if (free(cpu as CpuId)) candidates.add(cpu as CpuId);
      const cpu = this.rotor.pick(candidates, allowed, here);
      if (cpu >= 0) return cpu;
    }
    return -1;
  }
}
