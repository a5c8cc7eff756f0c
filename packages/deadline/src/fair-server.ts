import type { Kernel, Nanos, RunQueue, SchedClass } from '@proxysched/core';
import { newInstance, nextPeriod, overflows, replenish, updateAtWakeup } from './cbs.js';
import { DlEntity, type DlParams } from './dl-entity.js';

/** A zero-laxity instant that has moved by less is not waited for again. */
const MIN_RESOLUTION: Nanos = 1_000_000;
/** Timers that are late by less than a microsecond are started all the same. */
const LATE: Nanos = 1000;

/** What a server asks of the class whose queue it stands in. */
export interface ServerQueue {
  add(s: DlEntity): void;
  remove(s: DlEntity): void;
  /** It has just joined: should something of it run at once? */
  preempt(s: DlEntity): void;
  /** Its bandwidth is in use; it is until its 0-lag time. */
  contending(s: DlEntity): void;
  nonContending(s: DlEntity): void;
}

/**
 * The deferrable server of one CPU: it gives a class below its share when more urgent work would starve it, and keeps out of
 * the way otherwise (`rt-and-deadline.md` 12). Marks in the trace bear the names of the state machine's edges:
 *
 *          start            zero-laxity timer           budget exhausted
 *     init ─────> zero-laxity wait ──────────> running <────────────────> replenish wait
 *       ^             │ used in background:       │      replenish timer
 *       │             └ new period, wait again    │
 *       └─────────────────────────────────────────┘ the pick finds nothing
 *
 * While it waits it is charged for whatever its class runs, and (7.x) for idle time: a CPU that idles does not need it.
 */
export class FairServer extends DlEntity {
  /** Between start and stop. */
  started = false;
  /** Its timer is set to the zero-laxity instant d − q. */
  deferArmed = false;
  /** It has waited long enough: it competes until it stops, or its class gets by without it. */
  deferRunning = false;
  /** Idle time alone has used up its budget: the next timer stops it. */
  deferIdle = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly rq: RunQueue,
    private readonly queue: ServerQueue,
    /** The class that it serves. */
    readonly served: SchedClass,
    params: DlParams,
    timers: Pick<DlEntity, 'timer' | 'inactiveTimer'>,
    /** Idle time counts, as from 6.18 on. 6.12 counts it once, when the first task arrives on an idle CPU. */
    private readonly chargesIdle: boolean,
  ) {
    super(rq.idle, params, timers.timer, timers.inactiveTimer);
  }

  /** A server that restarts while it runs obeys the revised rule: it may keep its deadline. */
  override get revises(): boolean {
    return this.deferRunning;
  }

  /** The first task of its class has become able to run here (`dl_server_start`). */
  start(): void {
    this.deferIdle = false;
    if (this.started) return;
    const { now } = this.kernel.queue;
    if (!this.chargesIdle && this.rq.donor === this.rq.idle) this.discount(now - this.rq.charged);
    this.kernel.charge(this.rq);
    this.started = true;
    this.queue.contending(this);
    const rule = updateAtWakeup(this, now);
    if (rule === 'newDeadline') this.deferRunning = false;
    if (!this.deferRunning) this.arm();
    if (this.throttled && this.startTimer()) return this.mark('dlServerStart');
    this.throttled = this.deferArmed = false;
    this.mark('dlServerStartLate');
    this.join();
  }

  /** Its class, or idle, has had the CPU for `delta` (`update_curr_dl_se`). */
  update(delta: Nanos, idle: boolean): void {
    if (!this.started || (idle && !this.chargesIdle)) return;
    this.runtime -= delta;
    if (!idle) this.deferIdle = false;
    if (this.runtime > 0) return;
    if (this.throttled) return this.exhaustedWaiting(idle);
    this.throttled = true;
    this.queue.remove(this);
    if (!this.startTimer()) {
      newInstance(this, this.kernel.queue.now);
      if (!this.deferRunning) this.arm();
      this.startTimer();
    }
    this.mark('budgetExhausted');
    this.kernel.resched(this.rq);
  }

  /** Used up in the background: not needed in this period, nor sooner than late in a new one. */
  private exhaustedWaiting(idle: boolean): void {
    if (this.deferIdle && idle) {
      this.runtime = 0;
      return this.mark('updateIdleExhausts');
    }
    this.deferRunning = false;
    newInstance(this, this.kernel.queue.now);
    this.arm();
    this.deferIdle = idle;
    this.startTimer();
    this.mark(idle ? 'updateIdleExhausts' : 'updateNonidleExhausts');
  }

  /** `timer` fired (`dl_server_timer`). */
  timeout(): void {
    const { queue } = this.kernel;
    this.kernel.charge(this.rq);
    if (!this.throttled) return;
    if (this.deferIdle) return this.stop('idleTimer');
    if (!this.deferArmed) return this.replenished('replenishTimer');
    const zeroLaxity = this.deadline - this.runtime;
    if (queue.now < zeroLaxity - MIN_RESOLUTION) return queue.arm(this.timer, zeroLaxity);
    this.deferRunning = true;
    this.replenished('zeroLaxityTimer');
  }

  /** Its class has nothing to run, or it was marked idle (`dl_server_stop`). What is left of (q, d) stays. */
  stop(mark: 'pickFindsNothing' | 'idleTimer'): void {
    if (this.inTree) this.queue.remove(this);
    this.queue.nonContending(this);
    this.kernel.queue.disarm(this.timer);
    this.deferArmed = this.throttled = this.deferIdle = this.started = false;
    this.mark(mark);
  }

  private replenished(mark: 'zeroLaxityTimer' | 'replenishTimer'): void {
    const { now } = this.kernel.queue;
    const deferred = this.deferArmed;
    if (deferred && overflows(this, now)) newInstance(this, now);
    replenish(this, now);
    this.deferArmed = false;
    this.mark(mark);
    if (!deferred && !this.deferRunning && now < this.deadline - this.runtime) {
      this.arm();
      if (this.startTimer()) return;
      this.deferArmed = this.throttled = false;
    }
    this.join();
  }

  private join(): void {
    this.queue.add(this);
    this.queue.preempt(this);
  }

  private arm(): void {
    this.throttled = this.deferArmed = true;
  }

  /** False: the instant is past. */
  private startTimer(): boolean {
    const { queue } = this.kernel;
    const at = this.deferArmed ? this.deadline - this.runtime : nextPeriod(this);
    if (at <= queue.now - LATE) {
      queue.disarm(this.timer);
      return false;
    }
    queue.arm(this.timer, Math.max(queue.now, at));
    return true;
  }

  /** The CPU was idle for `delta` before it started. */
  private discount(delta: Nanos): void {
    if (this.deadline < 0 || this.runtime < 0) return;
    this.runtime -= delta;
    if (this.runtime >= 0) return;
    this.deferRunning = false;
    this.runtime = 0;
  }

  /** The mark with the budget, then the deadline, then the instant that the timer is set to, each as they are after it. */
  private mark(mark: string): void {
    const { queue, trace } = this.kernel;
    trace.classMark(queue.now, this.rq.cpu, mark, this.owner, this.runtime);
    trace.classMark(queue.now, this.rq.cpu, 'deadline', this.owner, this.deadline);
    if (this.timer.at >= 0) trace.classMark(queue.now, this.rq.cpu, 'until', this.owner, this.timer.at);
  }
}
