import { RANK_BALANCE, type BandwidthLimit, type EventQueue, type Nanos, type Timer } from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';

/** `sched_cfs_bandwidth_slice`: what a CPU takes from the pool at a time. */
const SLICE: Nanos = 5_000_000;
/** What a CPU keeps when its queue of the group empties. */
const KEPT: Nanos = 1_000_000;
/** From an emptied queue to the distribution of what it gave back; none that close to a refill. */
const SLACK_PERIOD: Nanos = 5_000_000;
const MIN_EXPIRATION: Nanos = 2_000_000;

/** What the pool asks for when it gives runtime to a throttled queue. */
export interface Unthrottle {
  unthrottle(q: CfsRq): void;
}

/**
 * CFS bandwidth (`fair-eevdf.md` 16): a group may use `quota` ns of CPU per `period`, all its CPUs together. The pool is
 * refilled each period, up to `burst` above the quota; CPUs take slices of it, and a queue that gets none is throttled until it does.
 */
export class CfsBandwidth {
  /** The pool. */
  runtime: Nanos = 0;
  nrThrottled = 0;
  private readonly quota: Nanos;
  private readonly period: Nanos;
  private readonly burst: Nanos;
  private readonly throttled: CfsRq[] = [];
  private readonly periodTimer: Timer;
  private readonly slackTimer: Timer;
  private periodActive = false;
  /** End of the period, of the last one while nobody asks. */
  private periodEnds: Nanos = 0;
  private slackActive = false;
  /** Nobody asked in the last period. */
  private idle = false;

  constructor(
    private readonly queue: EventQueue,
    name: string,
    { quota, period, burst }: BandwidthLimit,
    private readonly hierarchy: Unthrottle,
  ) {
    this.quota = quota;
    this.period = period;
    this.burst = burst;
    this.periodTimer = queue.timer(`cfsPeriod/${name}`, RANK_BALANCE, () => this.periodEnd());
    this.slackTimer = queue.timer(`cfsSlack/${name}`, RANK_BALANCE, () => this.slackEnd());
  }

  /** The limit is set: the pool is filled and the period begins. */
  start(): void {
    this.refill();
    this.periodEnds = this.queue.now;
    this.startPeriod();
  }

  /** Periods stay on their grid, however long nobody asked. */
  private startPeriod(): void {
    if (this.periodActive) return;
    this.periodActive = true;
    const over = Math.floor((this.queue.now - this.periodEnds) / this.period);
    this.periodEnds += (over + 1) * this.period;
    this.queue.arm(this.periodTimer, this.periodEnds);
  }

  private refill(): void {
    this.runtime = Math.min(this.runtime + this.quota, this.quota + this.burst);
  }

  /** `sched_cfs_period_timer`. */
  periodEnd(): void {
    this.refill();
    this.periodActive = false;
    if (this.throttled.length > 0) {
      this.nrThrottled++;
      this.startPeriod();
      this.distribute();
      this.idle = false;
    } else if (!this.idle) {
      this.idle = true;
      this.startPeriod();
    }
  }

  /** Oldest first, each as much as makes it just able to run. */
  private distribute(): void {
    while (this.throttled.length > 0 && this.runtime > 0) {
      const q = this.throttled[0]!;
      const amount = Math.min(this.runtime, 1 - q.runtimeRemaining);
      this.runtime -= amount;
      q.runtimeRemaining += amount;
      if (q.runtimeRemaining <= 0) return;
      this.throttled.shift();
      this.hierarchy.unthrottle(q);
    }
  }

  /** `do_sched_cfs_slack_timer`. */
  slackEnd(): void {
    this.slackActive = false;
    if (this.refillWithin(MIN_EXPIRATION)) return;
    if (this.runtime > SLICE) this.distribute();
  }

  private refillWithin(span: Nanos): boolean {
    return this.periodEnds - this.queue.now < span;
  }

  // --- asked by queues ------------------------------------------------------------------------------------------------------

  /** `assign_cfs_rq_runtime`: fills `q` up to a slice, as far as the pool has it. True: it may run. */
  assign(q: CfsRq): boolean {
    return this.assignUpTo(q, SLICE);
  }

  /** The least that is enough: asked before throttling. */
  assignLeast(q: CfsRq): boolean {
    return this.assignUpTo(q, 1);
  }

  private assignUpTo(q: CfsRq, target: Nanos): boolean {
    this.startPeriod();
    if (this.runtime > 0) {
      const amount = Math.min(this.runtime, target - q.runtimeRemaining);
      this.runtime -= amount;
      q.runtimeRemaining += amount;
      this.idle = false;
    }
    return q.runtimeRemaining > 0;
  }

  enlist(q: CfsRq): void {
    this.throttled.push(q);
  }

  /** `return_cfs_rq_runtime`: `q` has emptied and gives back what it does not need. */
  giveBack(q: CfsRq): void {
    const slack = q.runtimeRemaining - KEPT;
    if (slack <= 0) return;
    this.runtime += slack;
    q.runtimeRemaining -= slack;
    if (this.runtime > SLICE && this.throttled.length > 0) this.startSlack();
  }

  private startSlack(): void {
    if (this.slackActive || this.refillWithin(SLACK_PERIOD + MIN_EXPIRATION)) return;
    this.slackActive = true;
    this.queue.arm(this.slackTimer, this.queue.now + SLACK_PERIOD);
  }
}
