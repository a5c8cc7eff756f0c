import { mulDivFloor, type CpuId, type Task, type Weight } from '@proxysched/core';
import { NICE_0_LOAD, taskWeight } from './weights.js';

/** A group on one CPU: what is queued in it, its own subgroups that have something included. */
class GroupQueue {
  load: Weight = 0;
  nrQueued = 0;
}

/**
 * Task groups, flat (7.3; `fair-eevdf.md` 15). Tasks of all groups share one timeline; a group only lends weight. A group's
 * entity weighs its shares and is divided among what is queued in the group, so a task's flattened weight is
 *
 *     w · Π over its groups g of  shares(g) / load(g)          load(g) = Σ weights queued in g on this CPU
 *
 * computed bottom-up from 2^20, floored and at least 2 at each level: h ← h · w / load; at the top level load is 2^20.
 *
 * How much of its shares a group puts on one CPU is `shares()` alone: with "up", all. The kernel's other modes read load
 * averages there.
 */
export class Groups {
  /** By CPU, by group id. */
  private readonly queues: GroupQueue[][] = [];

  initCpu(cpu: CpuId): void {
    this.queues[cpu] = [];
  }

  /** `p`, of weight `own`, is queued: it counts in its group, and the group in its parent if it was empty. */
  enqueue(cpu: CpuId, p: Task, own: Weight): void {
    let weight = own;
    for (let g = p.sched.group; g.parent !== null; g = g.parent) {
      const queue = this.at(cpu, g.id);
      queue.load += weight;
      if (queue.nrQueued++ > 0) return;
      weight = shares(g.weight);
    }
  }

  dequeue(cpu: CpuId, p: Task, own: Weight): void {
    let weight = own;
    for (let g = p.sched.group; g.parent !== null; g = g.parent) {
      const queue = this.at(cpu, g.id);
      queue.load -= weight;
      if (--queue.nrQueued > 0) return;
      weight = shares(g.weight);
    }
  }

  /** Scaled weight of `p` on the common timeline. It must be queued. */
  flatWeight(cpu: CpuId, p: Task): Weight {
    let weight = taskWeight(p.sched.policy);
    let flat: Weight = NICE_0_LOAD;
    for (let g = p.sched.group; g.parent !== null; g = g.parent) {
      flat = Math.max(2, mulDivFloor(flat, weight, this.at(cpu, g.id).load));
      weight = shares(g.weight);
    }
    return flat === NICE_0_LOAD ? Math.max(2, weight) : Math.max(2, mulDivFloor(flat, weight, NICE_0_LOAD));
  }

  private at(cpu: CpuId, id: number): GroupQueue {
    return (this.queues[cpu]![id] ??= new GroupQueue());
  }
}

/** Shares 2 … 2^18, scaled. */
function shares(weight: Weight): Weight {
  return 1024 * Math.min(Math.max(weight, 2), 1 << 18);
}
