import type { CpuSet } from './cpu-set.js';
import type { CpuId } from './types.js';

/** `SD_*`: what a domain is asked for, and what its CPUs have in common. */
export const SD_BALANCE_NEWIDLE = 1;
export const SD_BALANCE_EXEC = 2;
export const SD_BALANCE_FORK = 4;
/** A wake-up may be drawn to the waker's CPU within. */
export const SD_WAKE_AFFINE = 8;
/** Some of its CPUs are bigger than others; with FULL all sizes of the machine are there. */
export const SD_ASYM_CPUCAPACITY = 16;
export const SD_ASYM_CPUCAPACITY_FULL = 32;
/** SMT: what one uses the other lacks. */
export const SD_SHARE_CPUCAPACITY = 64;
export const SD_CLUSTER = 128;
export const SD_SHARE_LLC = 256;
/** One at a time balances, system-wide. */
export const SD_SERIALIZE = 512;
/** Tasks are spread over its sibling groups before they are doubled up in one. */
export const SD_PREFER_SIBLING = 1024;
export const SD_NUMA = 2048;

export type DomainLevel = 'SMT' | 'CLS' | 'MC' | 'PKG' | 'NUMA';

/** What the CPUs under one cache know together (`sched_domain_shared`). Written by whoever balances. */
export interface SharedDomain {
  /** CPUs the idle scan of a wake-up may look at (`SIS_UTIL`); all of them until somebody balances. */
  nrIdleScan: number;
  /** A core with all threads idle was seen, as before a run; cleared by a search in vain. */
  hasIdleCores: boolean;
}

/** Capacity of a group, which all domains that have the group see alike (`sched_group_capacity`). Written by whoever balances. */
export interface GroupCapacity {
  /** Sum of what its CPUs have left for fair tasks, smallest and largest of them. */
  capacity: number;
  minCapacity: number;
  maxCapacity: number;
  /** Tasks could not be moved within for their affinity. */
  imbalance: boolean;
}

/** CPUs that a domain balances as one: a child domain, or one CPU at the bottom. */
export interface SchedGroup {
  /** Dense, from 0: to keep state by. */
  readonly id: number;
  /** Round the ring, back to where it began. */
  next: SchedGroup;
  readonly span: CpuSet;
  /** CPUs in `span`, and cores. */
  readonly weight: number;
  readonly cores: number;
  /** `SD_*` of the child domain it is; 0: a single CPU. */
  flags: number;
  /** CPUs that may balance for the group. */
  readonly balanceMask: CpuSet;
  readonly sgc: GroupCapacity;
}

/**
 * A CPU's view of one level of the machine (`sched_domain`). Its groups are a ring that begins with the one this CPU is in;
 * `for (let sg = sd.groups; ; )` … `if ((sg = sg.next) === sd.groups) break` sees each once.
 */
export interface SchedDomain {
  /** Dense, from 0, each CPU's own: to keep state by. */
  readonly id: number;
  readonly cpu: CpuId;
  readonly level: DomainLevel;
  readonly span: CpuSet;
  readonly weight: number;
  parent: SchedDomain | null;
  child: SchedDomain | null;
  groups: SchedGroup;
  flags: number;
  /** By how many percent the busier side must exceed the other, 100 = equal. */
  readonly imbalancePct: number;
  /** Failed attempts after which tasks move whose cache is warm. */
  readonly cacheNiceTries: number;
  /** Between two periodic balances, ms; a busy CPU waits `busyFactor` times as long. */
  readonly minInterval: number;
  readonly maxInterval: number;
  readonly busyFactor: number;
  /** Tasks that one side of a NUMA domain may have more (`imb_numa_nr`). */
  imbNumaNr: number;
  /** Domains whose CPUs share a cache; else null. */
  readonly shared: SharedDomain | null;
}

/** Whether the domain `sd` has all of `flags`. */
export function sdHas(sd: SchedDomain, flags: number): boolean {
  return (sd.flags & flags) === flags;
}
