import type { ChainOutcome, Mutex, RunQueue, Task, WalkDetector } from '@proxysched/core';
import { VisitMarks } from './visit-marks.js';

/** What the walk itself depends on; the rest of the options decide what is done with its answer. */
export interface WalkRules {
  readonly freeLock: string;
  readonly elsewhereFirst: boolean;
  readonly ownerElsewhere: string;
  readonly ownerAsleep: string;
  readonly blockedTest: string;
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
 * follows. How it knows a place it has been to is the detector's business.
 */
export class ChainWalker {
  /**
   * @param detector how circles are noticed; by marks, unless a deadlock policy brings its own.
   * @param longest links after which a walk is endless whatever the detector says; beyond the number of tasks no walk is honest.
   */
  constructor(
    private readonly rules: WalkRules,
    private readonly detector: WalkDetector = new VisitMarks(),
    private readonly longest: () => number = () => Infinity,
  ) {}

  looksBlocked(p: Task): boolean {
    return p.isBlocked || (this.rules.blockedTest === 'blockedOn' && p.blockedOn !== null);
  }

  walk(rq: RunQueue, donor: Task): ChainOutcome {
    const { rules, detector } = this;
    detector.begin(donor);
    let currInChain = false;
    let depth = 0;
    let p = donor;
    while (this.looksBlocked(p)) {
      const m: Mutex | null = p.blockedOn;
      const isCurr = p === rq.curr;
      // It has not left its CPU; unless that was taken from it meanwhile it can just go on.
      const goesOn = isCurr && p.exec.cpusAllowed.has(rq.cpu);
      // Nothing to wait for any more: its wake-up has been (`forced`), or is coming and will find it off the queue.
      if (m === null) return goesOn ? { kind: 'retake', task: p, depth } : this.leave(p, 'noLock');
      if (isCurr) currInChain = true;

      const owner: Task | null = m.owner;
      if (owner === null) {
        if (goesOn || this.mayRetake(rq, p)) return { kind: 'retake', task: p, depth };
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
      depth++;
      if (detector.suspects(owner, depth)) return { kind: 'deadlock', cycle: this.circleFrom(owner) ?? lineFrom(donor, owner) };
      if (depth > this.longest()) return { kind: 'idle', why: 'endless' };

      owner.blockedDonor = p;
      p = owner;
    }
    return { kind: 'run', task: p, depth };
  }

  /**
   * The circle that the walk from `start` runs into, in walk order; `null` when it comes to an end. It is the walk's circle: where
   * whoever refers to a lock counts as blocked, some in it may have been woken already.
   */
  private circleFrom(start: Task): Task[] | null {
    const path: Task[] = [];
    const at = new Map<Task, number>();
    let p: Task = start;
    while (!at.has(p)) {
      const owner: Task | null = this.looksBlocked(p) ? (p.blockedOn?.owner ?? null) : null;
      if (owner === null) return null;
      at.set(p, path.length);
      path.push(p);
      p = owner;
    }
    return path.slice(at.get(p));
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

/** Those between the pick and `end`, which was suspected: what a guess puts forward for a cycle. */
function lineFrom(donor: Task, end: Task): Task[] {
  const line: Task[] = [];
  for (let p = donor; p !== end; p = p.blockedOn!.owner!) line.push(p);
  return line;
}
