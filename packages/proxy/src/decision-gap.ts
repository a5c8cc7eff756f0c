import {
  RANK_PASS,
  type ChainOutcome,
  type CpuId,
  type Kernel,
  type Mutex,
  type Nanos,
  type RunQueue,
  type Task,
  type Timer,
} from '@proxysched/core';

/** What a walk rested on when it decided. */
interface Decision {
  readonly outcome: Subject;
  readonly lock: Mutex | null;
  readonly owner: Task | null;
  readonly ownerCpu: CpuId | -1;
  readonly ownerAsleep: boolean;
  readonly due: Nanos;
}

/** Outcomes that rest on a lock, or on what the queue of another CPU does, which nobody here holds still. */
type Subject = Extract<ChainOutcome, { kind: 'migrate' | 'park' | 'deactivate' }>;

/**
 * `machine.gaps.walk`: between what a walk finds and what is done about it time passes, and then it is looked at again
 * (`proxy-execution.md` 7, rows 2 and 8; 9 "Parking"). The CPU idles meanwhile.
 *
 *     walk ── decides ──gap──> walk ── the same facts ──> does it
 *                                   └─ others ──────────> picks again
 */
export class DecisionGap {
  private readonly decided: (Decision | undefined)[] = [];
  private readonly timers: readonly Timer[];

  /** `looksBlocked`: the walk's own test of who waits. */
  constructor(
    private readonly kernel: Kernel,
    private readonly gap: Nanos,
    private readonly looksBlocked: (p: Task) => boolean,
  ) {
    this.timers = kernel.rqs.map(rq => kernel.queue.timer(`decide/${rq.cpu}`, RANK_PASS, () => kernel.resched(rq), rq.cpu));
  }

  /** What is done now about `outcome`: that itself, an idle visit until it has been looked at again, or another pick. */
  hold(rq: RunQueue, outcome: ChainOutcome): ChainOutcome {
    const { now } = this.kernel.queue;
    const before = this.decided[rq.cpu];
    if (before !== undefined) {
      const why = this.changed(before);
      if (why !== null) {
        this.forget(rq);
        return { kind: 'repick', task: before.outcome.task, why };
      }
      if (same(before.outcome, outcome)) {
        if (now < before.due) return DECIDING;
        this.forget(rq);
        return outcome;
      }
    }
    // Another donor: what was decided for the one before waits for nothing any more.
    this.forget(rq);
    if (!isSubject(outcome)) return outcome;
    this.decided[rq.cpu] = decisionOf(outcome, now + this.gap);
    this.kernel.queue.arm(this.timers[rq.cpu]!, now + this.gap);
    return DECIDING;
  }

  /** Does `rq` idle because something has been decided there and not been done yet? */
  pending(rq: RunQueue): boolean {
    return this.timers[rq.cpu]!.at >= 0;
  }

  private changed({ outcome, lock, owner, ownerCpu, ownerAsleep }: Decision): 'referenceChanged' | 'ownerChanged' | null {
    const { task } = outcome;
    if (task.blockedOn !== lock || !this.looksBlocked(task)) return 'referenceChanged';
    if ((lock?.owner ?? null) !== owner) return 'ownerChanged';
    return owner !== null && (owner.cpu !== ownerCpu || isAsleep(owner) !== ownerAsleep) ? 'ownerChanged' : null;
  }

  private forget(rq: RunQueue): void {
    this.decided[rq.cpu] = undefined;
    this.kernel.queue.disarm(this.timers[rq.cpu]!);
  }
}

const DECIDING: ChainOutcome = { kind: 'idle', why: 'deciding' };

/** Whoever lost its lock has nothing on another queue that could change: it leaves at once. */
function isSubject(o: ChainOutcome): o is Subject {
  return o.kind === 'migrate' || o.kind === 'park' || (o.kind === 'deactivate' && o.why !== 'noLock');
}

function decisionOf(outcome: Subject, due: Nanos): Decision {
  const lock = outcome.task.blockedOn;
  const owner = lock?.owner ?? null;
  return { outcome, lock, owner, ownerCpu: owner?.cpu ?? -1, ownerAsleep: owner !== null && isAsleep(owner), due };
}

function same(a: Subject, b: ChainOutcome): boolean {
  return isSubject(b) && a.kind === b.kind && a.task === b.task;
}

const isAsleep = (p: Task): boolean => p.onRq === 'no' || p.schedDelayed;
