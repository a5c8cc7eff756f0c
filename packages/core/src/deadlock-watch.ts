import type { DeadlockAction } from './deadlock-policy.js';
import { findCycle, type Locks } from './lock.js';
import type { Machine } from './machine.js';
import type { RunQueue } from './run-queue.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/** Passes at one instant that no honest machine needs, beside four for each task on each CPU. */
const STALL_FLOOR = 100_000;

/** Tells the deadlock policy what it wants to hear of (blocks, cycles, picks in vain, passes without end), and does what it says. */
export class DeadlockWatch {
  private passes = 0;
  private passesAt: Nanos = -1;
  /** How often each task has been moved in this instant. */
  private readonly moves = new Map<Task, number>();

  constructor(
    private readonly m: Machine,
    private readonly locks: Locks,
  ) {}

  /** A pass on `rq` begins: do they follow each other without time passing? */
  pass(rq: RunQueue): void {
    const { m } = this;
    const { now } = m.queue;
    if (now !== this.passesAt) {
      this.passesAt = now;
      this.passes = 0;
      if (this.moves.size > 0) this.moves.clear();
    }
    if (++this.passes <= STALL_FLOOR + 4 * m.tasks.length * m.rqs.length) return;
    const movedAgain = m.tasks.filter(p => (this.moves.get(p) ?? 0) > 1);
    const evidence = { at: now, passes: this.passes, movedAgain, blocked: this.blockedOn(rq) };
    const action = m.deadlock.onStall(rq, evidence);
    const suspects = [...new Set([...movedAgain, ...evidence.blocked])];
    m.trace.deadlock(now, action.kind === 'halt' || action.kind === 'idle' ? suspects : action.victims, action);
    if (!this.apply(action)) m.halted = { outcome: 'stalled', at: now, events: m.events, evidence };
    this.passes = 0;
  }

  moved(p: Task): void {
    this.moves.set(p, (this.moves.get(p) ?? 0) + 1);
  }

  /** `p` has just blocked on a lock: a policy that wants to know at once is told of the cycle this closes. */
  onBlock(p: Task): void {
    const { deadlock } = this.m;
    if (deadlock.onBlock === undefined) return;
    const cycle = findCycle(p);
    if (cycle === null) return;
    const action = deadlock.onBlock(cycle);
    if (action !== null) this.act(cycle, action);
  }

  /** A walk on `rq` has found `cycle`. True: somebody left a queue or was woken. */
  onCycle(rq: RunQueue, cycle: readonly Task[]): boolean {
    return this.act(cycle, this.m.deadlock.onCycle(rq, cycle));
  }

  /** `pick` of a pass on `rq`, which began with `queued` contexts, led to nobody: a policy that counts is told. */
  inVain(rq: RunQueue, pick: Task, repicks: number, queued: number): void {
    const { m } = this;
    if (m.deadlock.onRepick === undefined) return;
    const unchanged = pick.fruitlessAt === rq.changed;
    pick.fruitlessAt = rq.changed;
    const blocked = (): readonly Task[] => this.blockedOn(rq);
    const action = m.deadlock.onRepick(rq, { pick, repicks, queued, cpus: m.rqs.length, unchanged, blocked });
    if (action === null) return;
    // Whoever is woken now must not be donor: it may leave this queue.
    if (action.kind === 'wound') m.resetDonor(rq);
    this.act(this.blockedOn(rq), action);
  }

  private blockedOn(rq: RunQueue): Task[] {
    return this.m.tasks.filter(p => p.isBlocked && p.onRq === 'queued' && p.cpu === rq.cpu && !p.schedDelayed);
  }

  private act(cycle: readonly Task[], action: DeadlockAction): boolean {
    const { m } = this;
    m.trace.deadlock(m.queue.now, cycle, action);
    if (action.kind !== 'halt') return this.apply(action);
    const falseAlarm = cycle.every(p => findCycle(p) === null);
    m.halted = { outcome: 'deadlock', at: m.queue.now, events: m.events, cycle, falseAlarm };
    return false;
  }

  /** True: somebody left a queue or was woken. */
  private apply(action: DeadlockAction): boolean {
    if (action.kind === 'halt' || action.kind === 'idle') return false;
    const { now } = this.m.queue;
    let changed = false;
    for (const p of action.victims) {
      if (action.kind === 'wound') {
        changed = this.locks.refuse(p, 'EDEADLK', now) || changed;
        continue;
      }
      if (action.kind === 'timeout') this.locks.refuse(p, 'ETIMEDOUT', now + action.after);
      changed = this.takeOffQueue(p) || changed;
    }
    return changed;
  }

  private takeOffQueue(p: Task): boolean {
    if (this.locks.isBlocking(p)) {
      p.blockedOn = null; // so that it leaves its queue in the pass that is to come
      return true;
    }
    if (this.locks.letRun(p)) return true;
    if (!p.isBlocked || p.onRq !== 'queued' || p.schedDelayed) return false;
    const rq = this.m.rqs[p.cpu]!;
    p.blockedOn = null;
    this.m.blockOffQueue(rq, p);
    this.m.resched(rq);
    return true;
  }
}
