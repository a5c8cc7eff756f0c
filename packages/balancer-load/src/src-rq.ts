import { capacityGreater, isReduced } from './capacity.js';
import type { MigrationType } from './src-group.js';

/** What the choice of a CPU knows of each. */
export interface SrcCpu {
  /** Fair tasks. */
  readonly hNrRunning: number;
  readonly capacity: number;
  readonly originalCapacity: number;
  readonly loadAvg: number;
  /** `cpu_util_cfs_boost`. */
  readonly utilBoost: number;
  readonly misfitLoad: number;
}

export interface SrcRqDomain {
  readonly imbalancePct: number;
  readonly asymCpuCapacity: boolean;
}

/**
 * Which CPU of the busiest group to pull from (`sched_balance_find_src_rq`; `pelt-and-balance.md` 6.5). Refilled for each pass: `begin`,
 * then `offer` each CPU in order; `found` is the first of the best, −1: none.
 */
export class SrcRq {
  found = -1;
  private sd!: SrcRqDomain;
  private type: MigrationType = 'migrate_task';
  private imbalance = 0;
  private dstCapacity = 0;
  private best = 0;
  private bestCapacity = 1;

  begin(sd: SrcRqDomain, type: MigrationType, imbalance: number, dstCapacity: number): void {
    this.sd = sd;
    this.type = type;
    this.imbalance = imbalance;
    this.dstCapacity = dstCapacity;
    this.found = -1;
    this.best = 0;
    this.bestCapacity = 1;
  }

  offer(cpu: number, c: SrcCpu): void {
    const { hNrRunning, capacity } = c;
    if (hNrRunning === 0) return;
    // Not what may end in moving the only task of a CPU to one that is no better.
    if (this.sd.asymCpuCapacity && hNrRunning === 1 && !capacityGreater(this.dstCapacity, capacity)) return;
    switch (this.type) {
      case 'migrate_load': {
        const load = c.loadAvg;
        if (hNrRunning === 1 && load > this.imbalance && !isReduced(capacity, c.originalCapacity, this.sd.imbalancePct)) return;
        if (load * this.bestCapacity <= this.best * capacity) return;
        this.bestCapacity = capacity;
        return this.take(cpu, load);
      }
      case 'migrate_util':
        if (hNrRunning > 1 && c.utilBoost > this.best) this.take(cpu, c.utilBoost);
        return;
      case 'migrate_task':
        if (hNrRunning > this.best) this.take(cpu, hNrRunning);
        return;
      case 'migrate_misfit':
        if (c.misfitLoad > this.best) this.take(cpu, c.misfitLoad);
    }
  }

  private take(cpu: number, measure: number): void {
    this.found = cpu;
    this.best = measure;
  }
}
