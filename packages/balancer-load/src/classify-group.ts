import { ASYM_PACKING, FULLY_BUSY, HAS_SPARE, IMBALANCED, MISFIT_TASK, OVERLOADED, SMT_BALANCE, type GroupStats } from './group-stats.js';

/** `group_classify`: the first that holds, strongest first (`pelt-and-balance.md` 6.2). `pct`: the domain's `imbalance_pct`. */
export function classifyGroup(s: GroupStats, pct: number): number {
  if (isOverloaded(s, pct)) return OVERLOADED;
  if (s.imbalance) return IMBALANCED;
  if (s.asymPacking) return ASYM_PACKING;
  if (s.smtBalance) return SMT_BALANCE;
  if (s.misfitLoad > 0) return MISFIT_TASK;
  return hasCapacity(s, pct) ? HAS_SPARE : FULLY_BUSY;
}

/** More tasks than CPUs, and they want more than there is. */
function isOverloaded(s: GroupStats, pct: number): boolean {
  if (s.nrRunning <= s.weight) return false;
  return s.capacity * 100 < s.util * pct || s.capacity * pct < s.runnable * 100;
}

function hasCapacity(s: GroupStats, pct: number): boolean {
  if (s.nrRunning < s.weight) return true;
  return s.capacity * pct >= s.runnable * 100 && s.capacity * 100 > s.util * pct;
}
