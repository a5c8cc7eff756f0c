import { mulDivFloor, type Weight } from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';
import type { FairGroup } from './fair-group.js';
import { NICE_0_LOAD, NICE_TO_WEIGHT, scaleDown } from './weights.js';

/** `MIN_SHARES`. */
const MIN_SHARES = 2;
/** Shares of a group as strong as a task at nice -20. */
const MAX_SHARES = 1024 * NICE_TO_WEIGHT[0]!;

/** How much of its shares a group puts on one CPU: a dial of 7.3 (`cgroup_mode`), earlier kernels know `smp` alone. */
export type GroupShares = 'concur' | 'up' | 'smp' | 'max' | 'tasks';

/**
 * Weight of the entity of group queue `q` (`calc_group_shares`), in a group on `cpus` CPUs.
 *
 * `up`: all the shares on every CPU. `smp`: the shares are divided among CPUs by load. The others divide a multiple of the shares:
 * by CPUs (`max`), by tasks (`tasks`), or by whichever is fewer (`concur`), so that on a CPU each of which the group has a task
 * it counts as one would.
 */
export function groupShares(mode: GroupShares, q: CfsRq, cpus: number): Weight {
  const group = q.group!;
  const { shares } = group;
  switch (mode) {
    case 'up':
      return shares;
    case 'smp':
      return byLoad(q, shares, shares);
    case 'max':
      return byLoad(q, cpus * shares, MAX_SHARES);
    case 'tasks':
      return byLoad(q, tasks(group) * shares, tasks(group) * shares);
    case 'concur': {
      const n = Math.min(tasks(group), cpus);
      return byLoad(q, n * shares, n * shares);
    }
  }
}

/** About how many tasks of the group want a CPU. */
function tasks(group: FairGroup): number {
  return Math.max(1, Math.floor(group.runnableAvg / 1024));
}

function byLoad(q: CfsRq, shares: Weight, most: Weight): Weight {
  return sharesByLoad(shares, most, q.load, q.avg.loadAvg, q.group!.loadAvg, q.tgLoadContrib);
}

/**
 * shares · load / total: the part of the group's load that is here. What is queued counts at once, before averages follow; the total is what
 * is published, with our own part as it is now.
 */
export function sharesByLoad(shares: Weight, most: Weight, queued: Weight, loadAvg: number, tgLoadAvg: number, contrib: number): Weight {
  const load = Math.max(scaleDown(queued), loadAvg);
  const total = tgLoadAvg - contrib + load;
  const part = total === 0 ? shares * load : mulDivFloor(shares, load, total);
  return Math.min(Math.max(part, MIN_SHARES), most);
}

/** One step of the flattened weight (`__calc_prop_weight`): `flat`, times what `load` is of its queue's; at the top of nice 0. */
export function flatten(flat: Weight, load: Weight, ofQueue: Weight | null): Weight {
  return Math.max(MIN_SHARES, mulDivFloor(flat, load, ofQueue ?? NICE_0_LOAD));
}
