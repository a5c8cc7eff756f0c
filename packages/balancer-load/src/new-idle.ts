import { SD_BALANCE_NEWIDLE, sdHas, type Nanos, type RunQueue, type SchedDomain } from '@proxysched/core';
import type { DomainBalancer } from './domain-balancer.js';
import { IDLE, NEWLY_IDLE } from './lb-env.js';

/** Pulling before a CPU idles (`sched_balance_newidle`; `pelt-and-balance.md` 6.1). */
export class NewIdle {
  /** By CPU: idle since, −1: not, or not counted; how long it idles on the mean; the most that looking has cost. */
  private readonly stamp: Float64Array;
  private readonly avgIdle: Float64Array;
  private readonly maxCost: Float64Array;
  private random: number;

  constructor(private readonly b: DomainBalancer) {
    const { rqs, scenario } = b.kernel;
    this.stamp = new Float64Array(rqs.length).fill(-1);
    this.avgIdle = new Float64Array(rqs.length).fill(2 * b.options['balance.migrationCost']);
    this.maxCost = new Float64Array(rqs.length).fill(b.options['balance.migrationCost']);
    this.random = scenario.seed >>> 0;
  }

  /** `rq` has found nothing to run. True: it looked at others, for which a kernel lets go of `rq`. */
  run(rq: RunQueue): boolean {
    const { cpu } = rq;
    const { b } = this;
    this.stamp[cpu] = b.kernel.queue.now;
    const lowest = b.lowest(cpu);
    if (lowest === null) return false;
    const state = b.states[lowest.id]!;
    // Nobody has two tasks: the kernel's `overload` flag, which it may leave set for longer, to no effect.
    const looks = b.kernel.crowdedCpus.size > 0 && this.avgIdle[cpu]! >= state.maxNewIdleCost;
    let pulled = 0;
    if (looks) pulled = this.search(rq, lowest);
    else b.soonest(cpu, state, IDLE);
    if (pulled > 0 || b.load.hNrQueued(cpu) > 0) this.stamp[cpu] = -1;
    return looks;
  }

  private search(rq: RunQueue, lowest: SchedDomain): number {
    const { b } = this;
    const { cpu } = rq;
    const avgIdle = this.avgIdle[cpu]!;
    b.load.refresh(cpu);
    let cost: Nanos = 0;
    let pulled = 0;
    for (let sd: SchedDomain | null = lowest; sd !== null && pulled === 0; sd = sd.parent) {
      const state = b.states[sd.id]!;
      b.soonest(cpu, state, IDLE);
      if (avgIdle < cost + state.maxNewIdleCost) break;
      if (!sdHas(sd, SD_BALANCE_NEWIDLE)) continue;
      const weight = this.diceWeight(state.newIdleRatio);
      if (weight === 0) {
        state.noteNewIdle(0);
        continue;
      }
      pulled = b.pass.run(rq, sd, NEWLY_IDLE);
      const spent = b.options['balance.newIdleCost'];
      cost += spent;
      state.noteCost(spent, b.jiffies(), b.hz);
      state.noteNewIdle(pulled > 0 ? weight : 0);
      if (!b.pass.mayContinue || rq.nrRunning > 0) break;
    }
    this.maxCost[cpu] = Math.max(this.maxCost[cpu]!, cost);
    return pulled;
  }

  /** How much a success counts, 0: the dice are against looking. Looks are as likely as they paid, so a success stands for more. */
  private diceWeight(ratio: number): number {
    if (!this.b.options['balance.newIdleRandom'] || ratio >= 1024) return 1;
    const p = 1 + ratio;
    this.random = (Math.imul(this.random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.random >>> 22 > p ? 0 : Math.floor((1024 + Math.floor(p / 2)) / p);
  }

  /** `rq` has switched: if it idled, for how long is remembered (`update_rq_avg_idle`). */
  switched(rq: RunQueue): void {
    const { cpu } = rq;
    const since = this.stamp[cpu]!;
    if (since < 0 || rq.curr === rq.idle) return;
    const avg = this.avgIdle[cpu]!;
    const sample = this.b.kernel.queue.now - since;
    this.avgIdle[cpu] = Math.min(avg + Math.trunc((sample - avg) / 8), 2 * this.maxCost[cpu]!);
    this.stamp[cpu] = -1;
  }
}
