import { relock, unlockByNonOwner } from './errors.js';
import type { LockError, ReleaseKind } from './lock-rules.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { OptimisticSpin } from './optimistic-spin.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/** What came of trying for a lock. */
export type LockResult = 'acquired' | 'waiting' | LockError;

/**
 * Taking and releasing a mutex (`locking.md` 2): try, spin while that makes sense, wait in line. A lock that is let go is free
 * first and goes to whoever comes, unless a hand-off names the next owner:
 *
 *     release ── a donor stands behind the releaser ──> its waiter      (the resolver's choice)
 *             ── HANDOFF asked for ──────────────────> the first waiter
 *             ── else ───────────────────────────────> nobody; the first waiter is woken and may find a thief there
 */
export class Locks {
  private nrTaken = 0;
  private nrBlocks = 0;
  /** Who is in the middle of blocking: refused there, its call fails without a sleep. */
  private blocking: Task | null = null;

  constructor(
    private readonly m: Machine,
    private readonly spin: OptimisticSpin,
  ) {}

  /** `p`, running, begins to ask for `m`; what the lock operation costs is spent between this and `lock`. */
  request(p: Task, m: Mutex): void {
    if (this.asksAgain(p, m) && !noWait(p) && this.relockError(p, m) === null) throw relock(this.m.where(p), m.name);
    this.m.trace.mutexRequest(this.m.queue.now, p, m);
  }

  /** `p` tries for `m`, as far as its operation has come. `waiting`: the phase says how it goes on. */
  lock(p: Task, m: Mutex): LockResult {
    if (p.exec.phase === 'cost') {
      if (noWait(p)) return this.tryOnce(p, m);
      const error = this.asksAgain(p, m) ? this.relockError(p, m) : (m.rules.request?.(m, p) ?? null);
      if (error !== null) return this.fail(p, m, error);
    }
    if (p.exec.phase === 'block') return this.endOfGap(p, m);
    if (p.exec.phase !== 'spin') return this.take(p, m) ? 'acquired' : this.waitFor(p, m);
    if (!this.mayTake(p, m)) return this.spin.goOn(p, m) ? 'waiting' : this.waitInLine(p, m);
    this.spin.end(p);
    this.take(p, m);
    return 'acquired';
  }

  /** Trylock: whatever is in the way, the holder's own context included, is the same answer. */
  private tryOnce(p: Task, m: Mutex): LockResult {
    m.rules.request?.(m, p); // a context that holds nothing forgets its wound
    return this.take(p, m) ? 'acquired' : this.fail(p, m, 'EBUSY');
  }

  private asksAgain(p: Task, m: Mutex): boolean {
    return this.holds(p, m) && m.context === null;
  }

  /** What the rules answer to who asks for what it holds, if its program can go on with that. */
  private relockError(p: Task, m: Mutex): LockError | null {
    const op = p.exec.program.ops[p.exec.pc];
    return op?.op === 'lock' && op.orElse !== undefined ? (m.rules.relock ?? null) : null;
  }

  /** `p` is on a CPU that is wanted: it makes way first, and queues only when it runs again. */
  stopSpinning(p: Task): void {
    this.spin.end(p);
    p.exec.phase = p.waitsIn === null ? 'slow' : 'retry';
  }

  /** After a first failure: as a newcomer, or as a waiter that was woken and was too late. */
  private waitFor(p: Task, m: Mutex): LockResult {
    p.blockedOn = null; // who spins is able to run, and must not look blocked
    if (this.refused(p)) return this.giveIn(p, m);
    const first = p.waitsIn === m && m.firstWaiter === p;
    if (first && m.rules.asksForHandOff?.(m, p) !== false) m.handoff = true;
    const spins = first || (p.waitsIn === null && p.exec.phase !== 'slow');
    if (!spins || !this.spin.begin(p, m)) return this.waitInLine(p, m);
    p.exec.phase = 'spin';
    return 'waiting';
  }

  private waitInLine(p: Task, m: Mutex): LockResult {
    if (p.waitsIn === null) {
      const error = m.rules.enter?.(m, p) ?? null;
      if (error !== null) return this.fail(p, m, error);
      m.addWaiter(p, m.rules.place(m, p));
      if (m.owner !== null) this.spin.lineChanged(m.owner, m);
      m.rules.waits?.(m, p);
    }
    p.exec.phase = 'retry';
    const error = this.patience(p) ?? m.rules.giveUp?.(m, p) ?? null;
    if (error !== null) return this.fail(p, m, error);
    this.block(p, m);
    if (!this.refused(p)) return 'waiting';
    p.state = 'running';
    return this.giveIn(p, m);
  }

  /** A deadlock policy has refused `m` to `p`: a `lock` without a way out undoes its section. */
  private giveIn(p: Task, m: Mutex): LockError {
    const { exec } = p;
    const op = exec.program.ops[exec.pc];
    if (op?.op === 'lock' && op.orElse === undefined) exec.undo = 'release';
    return this.fail(p, m, exec.refusal!);
  }

  /**
   * A deadlock policy ends the wait of `p` with `error` at `at`, unless it has ended by then. Who is awake already is let run. False: `p`
   * waits for no lock, or has been told already.
   */
  refuse(p: Task, error: LockError, at: Nanos): boolean {
    const { exec } = p;
    const { queue } = this.m;
    if (p.state !== 'blocked') return this.letRun(p);
    if (exec.refusal !== null) return false;
    exec.refusal = error;
    exec.refusedAt = at;
    if (at > queue.now) {
      if (p.wakeTimer!.at < 0 || p.wakeTimer!.at > at) queue.arm(p.wakeTimer!, at);
    } else if (p !== this.blocking) {
      p.blockedOn = null;
      this.m.resched(this.m.rqs[p.cpu]!);
      this.m.wakeUp(p, null);
    }
    return true;
  }

  /** Who is awake and only still refers to a lock, so that walks take it for blocked, loses the reference. False: `p` is not such a task. */
  letRun(p: Task): boolean {
    if (p.state !== 'running' || p.blockedOn === null) return false;
    p.blockedOn = null;
    this.m.resched(this.m.rqs[p.cpu]!);
    return true;
  }

  /** Is `p` just being put to wait, still on its CPU? */
  isBlocking(p: Task): boolean {
    return p === this.blocking;
  }

  private refused({ exec }: Task): boolean {
    return exec.refusal !== null && exec.refusedAt <= this.m.queue.now;
  }

  /** The lock that `p` took last of those it holds. */
  newestOf(p: Task): Mutex | null {
    let newest: Mutex | null = null;
    for (const m of this.m.mutexes) if (!m.pickup && this.holds(p, m) && m.takenNr > (newest?.takenNr ?? 0)) newest = m;
    return newest;
  }

  /** What ends a wait from outside: a signal that it accepts, or its time. */
  private patience(p: Task): LockError | null {
    const { exec } = p;
    const op = exec.program.ops[exec.pc]!;
    if (op.op !== 'lock') return null;
    if (op.interruptible === true && exec.signalPending) {
      exec.signalPending = false;
      return 'EINTR';
    }
    if (op.timeout === undefined) return null;
    if (this.m.queue.now >= exec.until) return 'ETIMEDOUT';
    this.m.queue.arm(p.wakeTimer!, exec.until);
    return null;
  }

  /** `p` stops asking for `m`. A hand-off it asked for stays for whoever is first now. */
  private fail(p: Task, m: Mutex, error: LockError): LockError {
    if (p.waitsIn === m) {
      m.removeWaiter(p);
      this.m.resolver.onGiveUp?.(m, p);
      m.rules.left?.(m);
    }
    p.blockedOn = null;
    p.exec.refusal = null;
    if (error === 'EDEADLK' && p.exec.context !== null && m.rules.waitWound === true) p.exec.context.contended = m;
    this.m.queue.disarm(p.wakeTimer!);
    this.m.trace.mutexFailed(this.m.queue.now, p, m, error);
    return error;
  }

  /** A signal for `p`: ends a wait that accepts it, else it stays pending. */
  signal(p: Task, by: Task | null): void {
    if (p.state === 'dead') return;
    p.exec.signalPending = true;
    const op = p.exec.program.ops[p.exec.pc];
    if (p.state === 'blocked' && op?.op === 'lock' && op.interruptible === true) this.m.wakeUp(p, by);
  }

  unlock(p: Task, m: Mutex): void {
    if (!this.holds(p, m) || m.pickup) throw unlockByNonOwner(this.m.where(p), m.name, m.owner?.comm ?? null);
    const { queue, trace, resolver } = this.m;
    p.exec.held--;
    m.rules.released?.(m, p);
    const { blockedDonor } = p;
    const asked = m.handoff;
    const next = m.firstWaiter === null ? null : m.rules.nextOwner(m, p);
    const how = releaseKind(m, p, next, blockedDonor, asked);
    if (m.rules.letGo !== undefined) m.rules.letGo(m, p);
    else m.owner = next;
    m.pickup = next !== null;
    if (next !== null) m.handoff = false;
    trace.mutexReleased(queue.now, m, p, next, how);
    // Who lets go loses what it inherited before anyone is woken.
    resolver.onRelease?.(m, p);
    if (next !== null) resolver.onOwner?.(m, next);
    this.spin.released(p, m);
    const { handOff, ownerless } = this.m.gaps;
    if (next !== null) {
      if (resolver.namedKeepReference !== true) next.blockedOn = null;
      if (handOff > 0) this.m.inFlight.handOver(next, p);
      else this.m.wakeUp(next, p);
    } else if (ownerless > 0 && m.firstWaiter !== null) {
      this.m.inFlight.release(m, p);
    } else if (!this.wakeNext(m, p)) {
      return;
    }
    const rq = this.m.rqs[p.cpu]!;
    if (resolver.lendsUntilRelease === true && rq.donor !== p) this.m.resched(rq);
  }

  /** `m` was let go by `by` and nobody was named: who is to try, if anyone, is woken. */
  wakeNext(m: Mutex, by: Task): boolean {
    // A kind that lets in several looks at who has it; whoever took it meanwhile will.
    if (m.rules.wakes !== undefined && m.owner !== null) return false;
    const woken = m.rules.wakes === undefined ? m.firstWaiter : m.rules.wakes(m);
    if (woken !== null) this.wake(woken, by);
    return woken !== null;
  }

  /** First in line, `p` is no longer blocked by this lock; it sets the reference again if a thief was faster. */
  private wake(p: Task, by: Task): void {
    p.blockedOn = null;
    this.m.wakeUp(p, by);
  }

  private holds(p: Task, m: Mutex): boolean {
    return m.rules.holds === undefined ? m.owner === p : m.rules.holds(m, p);
  }

  private mayTake(p: Task, m: Mutex): boolean {
    const named = m.pickup && m.owner === p;
    return named || (m.owner === null && m.rules.mayTake?.(m, p) !== false);
  }

  private take(p: Task, m: Mutex): boolean {
    const named = m.pickup && m.owner === p;
    if (!this.mayTake(p, m)) return false;
    if (m.rules.take !== undefined) m.rules.take(m, p);
    else m.owner = p;
    m.pickup = false;
    m.takenNr = ++this.nrTaken;
    p.exec.held++;
    p.exec.refusal = null;
    p.blockedOn = null;
    const waited = p.waitsIn === m || p.exec.phase === 'retry';
    const first = m.firstWaiter === p;
    // Out of the line already: it was let in.
    const stolen = m.firstWaiter !== null && !first && (p.waitsIn === m || !waited);
    if (waited) {
      if (p.waitsIn === m) m.removeWaiter(p);
      this.m.queue.disarm(p.wakeTimer!);
    }
    this.m.trace.mutexAcquired(this.m.queue.now, p, m, waited, stolen);
    if (!named) this.m.resolver.onOwner?.(m, p);
    m.rules.acquired?.(m, p, waited, first);
    return true;
  }

  private block(p: Task, m: Mutex): void {
    p.blockedOn = m;
    const { block } = this.m.gaps;
    if (block === 0) return this.enterScheduler(p, m);
    p.exec.phase = 'block';
    p.exec.opLeft = block;
  }

  /** `p` is through the gap between its reference to `m` and the scheduler. Who was named, woken or told to give up meanwhile does not block. */
  private endOfGap(p: Task, m: Mutex): LockResult {
    p.exec.phase = 'retry';
    if (p.blockedOn === null || m.owner === p) return this.take(p, m) ? 'acquired' : this.waitFor(p, m);
    const error = this.patience(p) ?? m.rules.giveUp?.(m, p) ?? null;
    if (error !== null) return this.fail(p, m, error);
    this.enterScheduler(p, m);
    return 'waiting';
  }

  private enterScheduler(p: Task, m: Mutex): void {
    const op = p.exec.program.ops[p.exec.pc];
    p.inIowait = op?.op === 'lock' && op.io === true;
    p.state = 'blocked';
    this.m.trace.mutexBlocked(this.m.queue.now, p, m);
    this.m.resched(this.m.rqs[p.cpu]!);
    this.m.resolver.onBlock?.(m, p);
    p.blockNr = ++this.nrBlocks;
    this.blocking = p;
    this.m.watch.onBlock(p);
    this.blocking = null;
  }
}

function noWait(p: Task): boolean {
  const op = p.exec.program.ops[p.exec.pc];
  return op?.op === 'lock' && op.noWait === true;
}

/** `donor` stood behind `p`, which let `m` go; whoever names it for that takes the back link away. */
function releaseKind(m: Mutex, p: Task, next: Task | null, donor: Task | null, asked: boolean): ReleaseKind {
  if (next === null) return m.firstWaiter === null ? 'unwanted' : 'free';
  if (next === donor && p.blockedDonor === null) return 'donor';
  return asked && next === m.firstWaiter ? 'asked' : 'waiter';
}

/** The cycle of waits that `p` is in, `p` first and each waiting for the next, or `null`. Follows wait lists, not `blockedOn`. */
export function findCycle(p: Task): Task[] | null {
  const cycle: Task[] = [];
  let t: Task = p;
  // Brent's test: a member met again at a checkpoint that moves ever further on.
  let checkpoint: Task = p;
  let next = 2;
  for (;;) {
    const m: Mutex | null = t.waitsIn;
    // An awake waiter is on its way to the lock; a named owner has it; a free lock holds nobody up.
    if (m === null || t.state === 'running' || t.state === 'waking' || m.owner === null || m.owner === t) return null;
    cycle.push(t);
    t = m.owner;
    if (t === p) return cycle;
    if (t === checkpoint) return null; // a cycle behind `p`, which is not a member
    if (cycle.length === next) {
      checkpoint = t;
      next *= 2;
    }
  }
}
