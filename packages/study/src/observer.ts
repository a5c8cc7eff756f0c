import { findCycle, type ChainOutcome, type DeadlockAction, type Mutex, type Nanos, type Task, type TraceSink } from '@proxysched/core';
import type { CpuId, MoveReason } from '@proxysched/core';

/** Watches a run beside the policy under study, and knows the truth: it follows the owners each time a task blocks. */
export class Observer implements TraceSink {
  /** Instant at which the first circle closed, and at which the policy first named a true one; −1: never. */
  closedAt: Nanos = -1;
  noticedAt: Nanos = -1;
  alarms = 0;
  falseAlarms = 0;
  repicks = 0;
  mostRepicks = 0;
  proxyMoves = 0;
  returns = 0;
  idleVisits = 0;
  /** Moves to an owner that had left, or no longer held the lock, when the waiter arrived or before it was picked there. */
  wastedMoves = 0;
  readonly finished = new Set<string>();
  finishedAt: Nanos = 0;
  readonly inCycle = new Set<string>();

  mutexBlocked(now: Nanos, p: Task, _m: Mutex): void {
    const cycle = findCycle(p);
    if (cycle === null) return;
    if (this.closedAt < 0) this.closedAt = now;
    for (const member of cycle) this.inCycle.add(member.comm);
  }

  deadlock(now: Nanos, cycle: readonly Task[], _action: DeadlockAction): void {
    this.alarms++;
    // A member that has just blocked stands in the cycle already; a victim that was taken off its queue still does.
    if (cycle.some(p => findCycle(p) !== null)) this.noticedAt = this.noticedAt < 0 ? now : this.noticedAt;
    else this.falseAlarms++;
  }

  schedRepick(_now: Nanos, _cpu: CpuId, repicks: number): void {
    this.repicks += repicks;
    this.mostRepicks = Math.max(this.mostRepicks, repicks);
  }

  proxyOutcome(_now: Nanos, _cpu: CpuId, _donor: Task, outcome: ChainOutcome): void {
    if (outcome.kind === 'idle') this.idleVisits++;
  }

  schedMigrate(_now: Nanos, p: Task, _from: CpuId, to: CpuId, why: MoveReason): void {
    if (why === 'return') this.returns++;
    if (why !== 'proxy') return;
    this.proxyMoves++;
    // A hop on the way along a chain, or a move after an owner that is leaving: the end it is to help is not there.
    if (endOfChain(p)?.cpu !== to) this.wastedMoves++;
  }

  taskExit(now: Nanos, p: Task): void {
    this.finished.add(p.comm);
    this.finishedAt = now;
  }
}

/** Who has to run before `p` can go on; `null` in a circle. */
function endOfChain(p: Task): Task | null {
  let end = p;
  for (let steps = 0; steps <= 4096; steps++) {
    const owner = end.isBlocked ? (end.blockedOn?.owner ?? null) : null;
    if (owner === null || owner === end) return end;
    end = owner;
  }
  return null;
}
