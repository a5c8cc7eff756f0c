import { kernelPrio, type Kernel, type Mutex, type Op, type Policy, type SchedContext } from '@proxysched/core';

/** No user of a lock has a real-time priority: there is nothing to raise anyone to. */
const NO_CEILING = 99;

/**
 * Ceilings of the scenario's locks: the best real-time priority among the tasks whose programs name them, templates and later
 * policies (`setPolicy`) included. Deadline tasks have no fixed priority and fair ones none to inherit; neither counts.
 */
export class Ceilings {
  private readonly byMutex: readonly number[];
  private readonly ranks = new Map<number, SchedContext>();

  constructor(private readonly kernel: Kernel) {
    const { tasks, mutexes } = kernel.scenario;
    const best = mutexes.map(() => NO_CEILING);
    for (const { policy, program } of tasks) {
      const prio = Math.min(...[policy, ...program.ops.flatMap(policyOf)].map(realTimePrio));
      for (const op of program.ops) if (op.op === 'lock') best[op.mutex] = Math.min(best[op.mutex]!, prio);
    }
    this.byMutex = best;
  }

  /** Kernel priority 0 … 98; 99: no real-time task uses it. */
  of(m: Mutex): number {
    return this.byMutex[m.id]!;
  }

  /** A context of kernel priority `prio`, to be inherited; `null` for what is not real time. */
  rank(prio: number): SchedContext | null {
    if (prio < 0 || prio >= NO_CEILING) return null;
    let rank = this.ranks.get(prio);
    if (rank === undefined) {
      const policy: Policy = { kind: 'fifo', prio: 99 - prio };
      // Nobody's entity: what counts here is the priority.
      rank = { ...this.kernel.rqs[0]!.idle.sched, cls: this.kernel.classFor(policy), policy, prio };
      this.ranks.set(prio, rank);
    }
    return rank;
  }
}

function policyOf(op: Op): Policy[] {
  return op.op === 'setPolicy' ? [op.policy] : [];
}

function realTimePrio(policy: Policy): number {
  return policy.kind === 'fifo' || policy.kind === 'rr' ? kernelPrio(policy) : NO_CEILING;
}
