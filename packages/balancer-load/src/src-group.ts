import { adjustNumaImbalance } from './adjust-numa-imbalance.js';
import { capacityGreater } from './capacity.js';
import { ASYM_PACKING, FULLY_BUSY, HAS_SPARE, IMBALANCED, MISFIT_TASK, OVERLOADED, SMT_BALANCE, type GroupStats } from './group-stats.js';

/** In what an imbalance is counted: load, utilisation, tasks; or one task that is too big for its CPU. */
export type MigrationType = 'migrate_load' | 'migrate_util' | 'migrate_task' | 'migrate_misfit';

/** What the domain is, as far as the choice depends on it. */
export interface SrcDomain {
  readonly imbalancePct: number;
  /** Its CPUs share the last-level cache. */
  readonly shareLlc: boolean;
  readonly numa: boolean;
  readonly asymCpuCapacity: boolean;
  /** Tasks of the pulling group below which nodes may differ a little. */
  readonly imbNumaNr: number;
}

/**
 * Which group of a domain has most to give to the local one, and how much (`update_sd_pick_busiest`,
 * `sched_balance_find_src_group`, `calculate_imbalance`; `pelt-and-balance.md` 6.3, 6.4). Refilled for each pass: `begin`, then
 * `add` for each group in the order of the ring, the local one among them, then `decide`.
 */
export class SrcGroup {
  busiest: GroupStats | null = null;
  local: GroupStats | null = null;
  /** `null`: balanced. */
  migrationType: MigrationType | null = null;
  imbalance = 0;

  private sd!: SrcDomain;
  private idle = false;
  private dstCapacity = 0;
  private totalLoad = 0;
  private totalCapacity = 0;

  /** `idle`: the pulling CPU has nothing to run, newly or not; `dstCapacity`: its capacity. */
  begin(sd: SrcDomain, idle: boolean, dstCapacity: number): void {
    this.sd = sd;
    this.idle = idle;
    this.dstCapacity = dstCapacity;
    this.busiest = this.local = null;
    this.totalLoad = this.totalCapacity = 0;
  }

  /** A group, classified. */
  add(s: GroupStats, isLocal: boolean): void {
    if (isLocal) this.local = s;
    else if (this.isBusier(s)) this.busiest = s;
    this.totalLoad += s.load;
    this.totalCapacity += s.capacity;
  }

  /** Against the busiest so far. The first competes with a group of spare capacity and no end of idle CPUs. */
  private isBusier(s: GroupStats): boolean {
    const { busiest, sd } = this;
    if (s.hNrRunning === 0) return false;
    if (sd.asymCpuCapacity && s.type === MISFIT_TASK && !this.helpsMisfit(s)) return false;
    const type = busiest === null ? HAS_SPARE : busiest.type;
    if (s.type !== type) return s.type > type;
    if (!this.isBusierAlike(s, busiest)) return false;
    // At most one task per CPU, and these are better than ours: it would only lose.
    return !(sd.asymCpuCapacity && s.type <= FULLY_BUSY && capacityGreater(s.minCapacity, this.dstCapacity));
  }

  private helpsMisfit(s: GroupStats): boolean {
    return capacityGreater(this.dstCapacity, s.maxCapacity) && this.local?.type === HAS_SPARE;
  }

  private isBusierAlike(s: GroupStats, busiest: GroupStats | null): boolean {
    if (busiest === null) return true;
    switch (s.type) {
      case OVERLOADED:
        return s.avgLoad > busiest.avgLoad;
      case IMBALANCED:
        return false;
      case ASYM_PACKING:
        return busiest.asymRank < s.asymRank;
      case MISFIT_TASK:
        return s.misfitLoad > busiest.misfitLoad;
      case SMT_BALANCE:
        return s.idleCpus !== 0 || busiest.idleCpus !== 0 ? hasLessSpare(s, busiest) : !busiest.smt;
      case FULLY_BUSY:
        return !busiest.smt;
      default:
        if (s.smt !== busiest.smt) return !s.smt || s.hNrRunning > 1;
        return hasLessSpare(s, busiest);
    }
  }

  /** The group to pull from, `null`: balanced. With it `migrationType` and `imbalance`. */
  decide(): GroupStats | null {
    this.migrationType = null;
    this.imbalance = 0;
    const { busiest, local } = this;
    if (busiest === null || local === null || !this.isUnbalanced(local, busiest)) return null;
    this.calculate(local, busiest);
    if (this.imbalance > 0) return busiest;
    this.migrationType = null;
    return null;
  }

  private isUnbalanced(local: GroupStats, busiest: GroupStats): boolean {
    const { type } = busiest;
    if (type === MISFIT_TASK || type === ASYM_PACKING || type === IMBALANCED) return true;
    if (local.type > type) return false;
    if (local.type === OVERLOADED) {
      if (local.avgLoad >= busiest.avgLoad || local.avgLoad >= this.avgLoad()) return false;
      if (100 * busiest.avgLoad <= this.sd.imbalancePct * local.avgLoad) return false;
    }
    if (busiest.preferSibling && local.type === HAS_SPARE && this.siblingImbalance(local, busiest) > 1) return true;
    if (type === OVERLOADED) return true;
    if (!this.idle) return false;
    if (type === SMT_BALANCE && local.smt !== busiest.smt) return true;
    if (busiest.weight > 1 && local.idleCpus <= busiest.idleCpus + 1) return false;
    return busiest.hNrRunning !== 1;
  }

  /** Of the whole domain. */
  private avgLoad(): number {
    return Math.floor((this.totalLoad * 1024) / this.totalCapacity);
  }

  /** How many more tasks run there, per core. */
  private siblingImbalance(local: GroupStats, busiest: GroupStats): number {
    if (!this.idle || busiest.nrRunning === 0) return 0;
    const { cores: coresLocal } = local;
    const { cores: coresBusiest } = busiest;
    if (coresLocal === coresBusiest) return Math.max(0, busiest.nrRunning - local.nrRunning);
    const more = Math.max(0, coresLocal * busiest.nrRunning - coresBusiest * local.nrRunning);
    const cores = coresLocal + coresBusiest;
    const rounded = Math.floor((2 * more + cores) / cores);
    return rounded <= 1 && local.nrRunning === 0 && busiest.nrRunning > 1 ? 2 : rounded;
  }

  private calculate(local: GroupStats, busiest: GroupStats): void {
    const { sd } = this;
    switch (busiest.type) {
      case MISFIT_TASK:
        return sd.asymCpuCapacity ? this.move('migrate_misfit', 1) : this.move('migrate_load', busiest.misfitLoad);
      case ASYM_PACKING:
        return this.move('migrate_task', busiest.hNrRunning);
      case SMT_BALANCE:
      case IMBALANCED:
        return this.move('migrate_task', 1);
    }
    if (local.type === HAS_SPARE) this.fillSpare(local, busiest);
    else this.evenLoad(local, busiest);
  }

  private fillSpare(local: GroupStats, busiest: GroupStats): void {
    const { sd } = this;
    if (busiest.type > FULLY_BUSY && !sd.shareLlc) {
      const spare = Math.max(local.capacity, local.util) - local.util;
      // Moves leave a group's utilisation above what it can use: who is idle takes a task all the same.
      return this.idle && spare === 0 ? this.move('migrate_task', 1) : this.move('migrate_util', spare);
    }
    const tasks =
      busiest.weight === 1 || busiest.preferSibling
        ? this.siblingImbalance(local, busiest)
        : Math.max(0, local.idleCpus - busiest.idleCpus);
    const adjusted = sd.numa ? adjustNumaImbalance(tasks, local.nrRunning + 1, sd.imbNumaNr) : tasks;
    this.move('migrate_task', Math.floor(adjusted / 2));
  }

  /** As much as brings the busiest group down to the average, or the local one up to it, whichever is less. */
  private evenLoad(local: GroupStats, busiest: GroupStats): void {
    const avg = this.avgLoad();
    if (local.type < OVERLOADED) {
      local.computeAvgLoad();
      if (local.avgLoad >= busiest.avgLoad || local.avgLoad >= avg) return;
    }
    // In 64 bits without sign a difference below zero is huge.
    const give = busiest.avgLoad >= avg ? (busiest.avgLoad - avg) * busiest.capacity : Infinity;
    const take = (avg - local.avgLoad) * local.capacity;
    this.move('migrate_load', Math.floor(Math.min(give, take) / 1024));
  }

  private move(type: MigrationType, amount: number): void {
    this.migrationType = type;
    this.imbalance = amount;
  }
}

function hasLessSpare(s: GroupStats, busiest: GroupStats): boolean {
  return s.idleCpus < busiest.idleCpus || (s.idleCpus === busiest.idleCpus && s.nrRunning > busiest.nrRunning);
}
