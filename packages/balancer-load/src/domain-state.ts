import type { SchedDomain } from '@proxysched/core';

/** What balancing remembers of a domain, as one CPU sees it: the fields of `sched_domain` that change. */
export class DomainState {
  /** Jiffies. */
  lastBalance = 0;
  /** Between two balances of an idle CPU, ms. */
  balanceInterval: number;
  /** Periodic attempts in a row that moved nothing. */
  nrBalanceFailed = 0;
  /** The most that looking before idling has cost, ns; fades by a hundredth per second. */
  maxNewIdleCost = 0;
  private costFades = 0;
  /** Looks before idling: how many, and how many times a task was pulled, weighted; the ratio of the two in 1024ths. */
  private newIdleCalls = 512;
  private newIdleSuccess = 256;
  newIdleRatio = 512;

  constructor(readonly sd: SchedDomain) {
    this.balanceInterval = sd.minInterval;
  }

  /** `update_newidle_cost`: at a regular visit, `cost` 0, it only fades. */
  noteCost(cost: number, jiffies: number, hz: number): void {
    if (cost > this.maxNewIdleCost) {
      this.maxNewIdleCost = cost;
      this.costFades = jiffies + hz;
    } else if (jiffies > this.costFades) {
      this.maxNewIdleCost = Math.floor((this.maxNewIdleCost * 253) / 256);
      this.costFades = jiffies + hz;
    }
  }

  /** `update_newidle_stats`. */
  noteNewIdle(success: number): void {
    this.newIdleCalls++;
    this.newIdleSuccess += success;
    if (this.newIdleCalls < 1024) return;
    this.newIdleRatio = Math.min(1024, this.newIdleSuccess);
    this.newIdleCalls = Math.floor(this.newIdleCalls / 2);
    this.newIdleSuccess = Math.floor(this.newIdleSuccess / 2);
  }
}
