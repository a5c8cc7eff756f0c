/** What a group is, weakest first: a stronger one is in greater need of losing tasks (`enum group_type`). */
export const GROUP_TYPES = ['has_spare', 'fully_busy', 'misfit_task', 'smt_balance', 'asym_packing', 'imbalanced', 'overloaded'] as const;

export const HAS_SPARE = 0;
export const FULLY_BUSY = 1;
export const MISFIT_TASK = 2;
export const SMT_BALANCE = 3;
export const ASYM_PACKING = 4;
export const IMBALANCED = 5;
export const OVERLOADED = 6;

/** Sums over the CPUs of a group, and what is known of it (`struct sg_lb_stats`; `pelt-and-balance.md` 6.2). Made once and refilled. */
export class GroupStats {
  /** Σ averages; load counts weights, the others 1024 per CPU in full use. */
  load = 0;
  util = 0;
  runnable = 0;
  /** Σ capacities, and the least and largest of a CPU. */
  capacity = 0;
  minCapacity = 0;
  maxCapacity = 0;
  /** Tasks of all classes, and those of the fair class. */
  nrRunning = 0;
  hNrRunning = 0;
  idleCpus = 0;
  /** CPUs, and cores. */
  weight = 0;
  cores = 0;
  /** The group is one core of several threads. */
  smt = false;
  /** The level below wants tasks on siblings rather than together. */
  preferSibling = false;
  /** The level below could not move what it should have, because of affinity. */
  imbalance = false;
  /** The pulling CPU is preferred to this group's. */
  asymPacking = false;
  /** Order of preference of its preferred CPU: smaller is preferred. */
  asymRank = 0;
  /** More than one task shares this core, and the pulling CPU is idle. */
  smtBalance = false;
  /** Largest load of a task that does not fit where it is, 0: none. */
  misfitLoad = 0;
  /** Of `HAS_SPARE` … `OVERLOADED`. */
  type = HAS_SPARE;
  /** Load per 1024 of capacity; computed where it is compared. */
  avgLoad = 0;

  /** Sums back to zero; what the group is stays. */
  clear(): void {
    this.load = this.util = this.runnable = 0;
    this.nrRunning = this.hNrRunning = this.idleCpus = 0;
    this.asymPacking = this.smtBalance = false;
    this.misfitLoad = 0;
    this.type = HAS_SPARE;
    this.avgLoad = 0;
  }

  computeAvgLoad(): void {
    this.avgLoad = Math.floor((this.load * 1024) / this.capacity);
  }
}
