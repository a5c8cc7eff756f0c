import type { Timer } from './event-queue.js';
import type { Gaps } from './gaps.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import { RANK_ARRIVE, RANK_WAKE } from './ranks.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/** What is under way for one task. */
interface Flight {
  /** It lands on the queue of `p.cpu`. */
  readonly land: Timer;
  /** Its wake-up begins, or goes on. */
  readonly wake: Timer;
  waker: Task | null;
  /** Somebody has begun to wake it: what is armed is the rest. */
  begun: boolean;
  /** It has left its queue, and its CPU has not switched yet. */
  leaving: boolean;
}

/**
 * Moves and wake-ups that have begun and take time, where the machine has gaps. A gap of zero never comes here.
 *
 *     release ──handOff, ownerless──> wake-up begins ──wakeUp──> it has the queue's lock ──wakeIpi──> queued, awake
 *     leaves a queue ──────────────────────migration──────────────────────> queued elsewhere
 *
 * A task has one wake-up under way at most, as it has one lock that wakers take: a second waker finds the work done. Who is woken
 * while it is on the way to a queue wakes when it has landed; who is still on the CPU that it leaves, when it is off.
 */
export class InFlight {
  /** By pid − 1. */
  private readonly flights: (Flight | undefined)[] = [];
  /** By mutex: it has been let go, and its first waiter is woken then. */
  private readonly releases: (Timer | undefined)[] = [];

  constructor(
    private readonly m: Machine,
    private readonly gaps: Gaps,
  ) {}

  /** `lock` is free, and `by`, who let it go, has yet to see who waits for it. */
  release(lock: Mutex, by: Task): void {
    lock.releasing = true;
    const timer = (this.releases[lock.id] ??= this.m.queue.timer(`release/${lock.name}`, RANK_WAKE, () => {
      lock.releasing = false;
      this.m.exec.locks.wakeNext(lock, by);
    }));
    if (timer.at < 0) this.m.queue.arm(timer, this.m.queue.now + this.gaps.ownerless);
  }

  /** `p` owns a lock, and `waker` has yet to begin waking it. */
  handOver(p: Task, waker: Task): void {
    this.later(p, waker, false, this.gaps.handOff);
  }

  /** `waker` has begun to wake `p`. */
  finishLater(p: Task, waker: Task | null): void {
    this.later(p, waker, true, this.gaps.wakeUp);
  }

  /** `p`, on no queue, lands on that of `p.cpu`. */
  land(p: Task, gap: Nanos): void {
    this.m.queue.arm(this.of(p).land, this.m.queue.now + gap);
  }

  /** `p` is off its queue and not off its CPU. */
  leaving(p: Task): void {
    this.of(p).leaving = true;
  }

  isLeaving(p: Task): boolean {
    return this.flights[p.pid - 1]?.leaving === true;
  }

  /** Its CPU has switched: who waited for that wakes it now. */
  offCpu(p: Task): void {
    this.of(p).leaving = false;
    if (this.isAwaited(p)) this.wakeNow(p);
  }

  /** `p` is on the way to a queue, or from a CPU: whoever wakes it has to wait. */
  wakeOnLanding(p: Task, waker: Task | null): void {
    const flight = this.of(p);
    flight.waker = waker;
    flight.begun = true;
    p.wakePending = true;
  }

  /** `p` has found its way back by itself, or another was faster: nobody wakes it out of its next wait for that. */
  awake(p: Task): void {
    p.wakePending = false;
    this.m.queue.disarm(this.of(p).wake);
  }

  /** Is somebody waking `p` already? */
  waking(p: Task): boolean {
    return p.wakePending && this.of(p).begun;
  }

  /** Whoever changes `p` needs the lock of its queue, and gets it when `p` has landed: that is now. */
  hasten(p: Task): void {
    const { land } = this.of(p);
    if (land.at < 0) return;
    this.m.queue.disarm(land);
    this.landed(p);
  }

  private later(p: Task, waker: Task | null, begun: boolean, gap: Nanos): void {
    const { queue } = this.m;
    const flight = this.of(p);
    const at = queue.now + gap;
    if (p.wakePending && flight.wake.at >= 0 && flight.wake.at <= at && !begun) return;
    p.wakePending = true;
    flight.waker = waker;
    flight.begun = begun;
    queue.arm(flight.wake, at);
  }

  private of(p: Task): Flight {
    return (this.flights[p.pid - 1] ??= {
      land: this.m.queue.timer(`land/${p.comm}`, RANK_ARRIVE, () => this.landed(p), p.pid),
      wake: this.m.queue.timer(`waking/${p.comm}`, RANK_WAKE, () => this.due(p), p.pid),
      waker: null,
      begun: false,
      leaving: false,
    });
  }

  private due(p: Task): void {
    const flight = this.of(p);
    p.wakePending = false;
    if (flight.begun) this.m.finishWakeUp(p, flight.waker);
    else this.m.wakeUp(p, flight.waker);
  }

  private landed(p: Task): void {
    const awaited = this.isAwaited(p);
    this.m.landed(p);
    if (awaited) this.wakeNow(p);
  }

  /** Somebody would have woken `p` by now. */
  private isAwaited(p: Task): boolean {
    const { begun, wake } = this.of(p);
    return p.wakePending && begun && wake.at < 0;
  }

  private wakeNow(p: Task): void {
    p.wakePending = false;
    this.m.finishWakeUp(p, this.of(p).waker);
  }
}
