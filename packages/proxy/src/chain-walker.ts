import type { ChainOutcome, Mutex, RunQueue, Task } from '@proxysched/core';

/** What the walk itself depends on; the rest of the options decide what is done with its answer. */
export interface WalkRules {
  readonly freeLock: string;
  readonly elsewhereFirst: boolean;
  readonly ownerElsewhere: string;
  readonly ownerAsleep: string;
  readonly comeBack: string;
}

/**
 * Follows a blocked pick to whoever can run for it (`proxy-execution.md` 7; the order of the checks is that of 24):
 *
 *     donor ──blockedOn──> mutex ──owner──> task ──blockedOn──> mutex ──owner──> task that can run
 *       ^                                   │ ^                                  │
 *       └───────────blockedDonor────────────┘ └───────────blockedDonor───────────┘
 *
 * It decides only. The one thing it writes is the back link, which says for whom an owner runs and which a migration
 * follows; and its stamp, by which it knows a place it has been to.
 */
export class ChainWalker {
  private stamp = 0;

  constructor(private readonly rules: WalkRules) {}

  walk(rq: RunQueue, donor: Task): ChainOutcome {
    const { rules } = this;
    const stamp = ++this.stamp;
    let currInChain = false;
    let depth = 0;
    let p = donor;
    while (p.isBlocked) {
      const m: Mutex | null = p.blockedOn;
      const isCurr = p === rq.curr;
      // Nothing to wait for any more: its wake-up has been (`forced`), or is coming and will find it off the queue.
      if (m === null) return isCurr ? { kind: 'retake', task: p, depth } : this.leave(p, 'noLock');
      p.walkStamp = stamp;
      if (isCurr) currInChain = true;

      const owner: Task | null = m.owner;
      if (owner === null) {
        if (isCurr || this.mayRetake(rq, p)) return { kind: 'retake', task: p, depth };
        return rules.freeLock === 'home' ? { kind: 'wake', task: p } : this.leave(p, 'noOwner');
      }
      // It has been named, and its wake-up is on the way.
      if (owner === p) return { kind: 'idle', why: 'handOffPending' };

      const asleep = owner.onRq === 'no' || owner.schedDelayed;
      const elsewhere = owner.cpu !== rq.cpu;
      if (asleep && !(rules.elsewhereFirst && elsewhere && owner.state !== 'dead')) {
        if (currInChain && rules.ownerAsleep !== 'deactivate') return IDLE_CURR;
        if (currInChain && rules.ownerElsewhere !== 'deactivate') return IDLE_CURR;
        return rules.ownerAsleep === 'deactivate' ? { kind: 'deactivate', task: p, why: 'ownerAsleep' } : { kind: 'park', task: p, owner };
      }
      if (elsewhere) {
        if (rules.ownerElsewhere === 'deactivate') return { kind: 'deactivate', task: p, why: 'ownerElsewhere' };
        // Current cannot be moved while it is on its CPU: let idle take over first.
        return currInChain ? IDLE_CURR : { kind: 'migrate', task: p, to: owner.cpu };
      }
      if (owner.onRq === 'migrating') return { kind: 'idle', why: 'ownerMigrating' };
      if (owner.walkStamp === stamp) return { kind: 'deadlock', cycle: cycleFrom(owner) };

      owner.blockedDonor = p;
      p = owner;
      depth++;
    }
    return { kind: 'run', task: p, depth };
  }

  /** The lock of `p`, which is queued here and not current, is free: may it try for it at once? */
  private mayRetake(rq: RunQueue, p: Task): boolean {
    switch (this.rules.freeLock) {
      case 'run':
        return p.exec.cpusAllowed.has(rq.cpu);
      case 'home':
        return p.cpu === p.wakeCpu;
      default:
        return false;
    }
  }

  /** `p` waits for nothing that somebody owns, and cannot run from here. */
  private leave(p: Task, why: 'noLock' | 'noOwner'): ChainOutcome {
    return this.rules.comeBack === 'forced' ? { kind: 'return', task: p } : { kind: 'deactivate', task: p, why };
  }
}

const IDLE_CURR: ChainOutcome = { kind: 'idle', why: 'currInChain' };

/** The cycle that `start` is on, in walk order. */
function cycleFrom(start: Task): Task[] {
  const cycle: Task[] = [];
  let p: Task = start;
  do {
    cycle.push(p);
    p = p.blockedOn!.owner!;
  } while (p !== start);
  return cycle;
}
