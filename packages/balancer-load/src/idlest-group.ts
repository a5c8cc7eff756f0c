import { adjustNumaImbalance } from './adjust-numa-imbalance.js';
import { FULLY_BUSY, HAS_SPARE, MISFIT_TASK, OVERLOADED, type GroupStats } from './group-stats.js';

/** Load of one task of nice 0 that always runs. */
const NICE_0 = 1024;

/** `update_pick_idlest`: whether `s` is a better place for one more task than `best`, `null`: there is none yet. */
export function isIdler(best: GroupStats | null, s: GroupStats): boolean {
  // The first one has to be no worse than the most loaded there can be.
  if (best === null) return true;
  if (s.type !== best.type) return s.type < best.type;
  switch (s.type) {
    case OVERLOADED:
    case FULLY_BUSY:
      return s.avgLoad < best.avgLoad;
    case MISFIT_TASK:
      return s.maxCapacity > best.maxCapacity;
    case HAS_SPARE:
      return s.idleCpus > best.idleCpus || (s.idleCpus === best.idleCpus && s.util < best.util);
    default:
      return false;
  }
}

/** What the comparison of two groups has to know of their domain. */
export interface GroupRivals {
  readonly numa: boolean;
  readonly imbalancePct: number;
  /** Running tasks that one side may have more, at most the CPUs of the local group that the task may use. */
  readonly imbNumaNr: number;
}

/** The rest of `find_idlest_group`: whether a new task leaves the group it would start in for the idlest of the others. */
export function leavesLocal(local: GroupStats, idlest: GroupStats, sd: GroupRivals): boolean {
  if (local.type !== idlest.type) return local.type > idlest.type;
  switch (local.type) {
    case OVERLOADED:
    case FULLY_BUSY:
      return isLessLoaded(local.avgLoad, idlest.avgLoad, sd);
    case MISFIT_TASK:
      return local.maxCapacity < idlest.maxCapacity;
    case HAS_SPARE:
      return hasMoreIdle(local, idlest, sd);
    default:
      return false;
  }
}

/** By more than a part of one task's load; from node to node by as much more again. */
function isLessLoaded(local: number, idlest: number, { numa, imbalancePct }: GroupRivals): boolean {
  const imbalance = Math.floor((NICE_0 * (imbalancePct - 100)) / 100);
  if (numa && idlest + imbalance >= local) return false;
  if (idlest >= local + imbalance) return false;
  return 100 * local > imbalancePct * idlest;
}

function hasMoreIdle(local: GroupStats, idlest: GroupStats, { numa, imbNumaNr }: GroupRivals): boolean {
  const difference = Math.abs(local.idleCpus - idlest.idleCpus);
  if (numa && adjustNumaImbalance(difference, local.nrRunning + 1, imbNumaNr) === 0) return false;
  return local.idleCpus < idlest.idleCpus;
}
