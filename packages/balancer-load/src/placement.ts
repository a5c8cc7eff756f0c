import {
  SD_BALANCE_FORK,
  SD_WAKE_AFFINE,
  WAKE_FORK,
  WAKE_SYNC,
  WAKE_TTWU,
  readOptions,
  sdHas,
  type Balancer,
  type CpuId,
  type Kernel,
  type OptionValue,
  type RunQueue,
  type SchedDomain,
  type Task,
  type WakeupPlacement,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { FindIdlestCpu } from './find-idlest-cpu.js';
import { IdleCpus } from './idle-cpus.js';
import { placementOptions } from './placement-options.js';
import { SelectIdleSibling } from './select-idle-sibling.js';
import { wakeAffineIdle, wakeAffineWeight, type AffineCpu } from './wake-affine.js';
import { wakeWide } from './wake-wide.js';
import { Wakers } from './wakers.js';

/**
 * `select_task_rq_fair` (`pelt-and-balance.md` 4): a wakee goes near its waker or stays near the CPU it was on, to an idle one if there is
 * one close by; a task that starts goes to the idlest CPU of the machine.
 */
@Injectable()
export class Placement implements WakeupPlacement, Balancer {
  readonly name = 'placement';
  /** With several threads to a core: who becomes idle may make its core so. */
  readonly afterSwitch?: (rq: RunQueue) => void;

  private readonly idle: IdleCpus;
  private readonly wakers: Wakers;
  private readonly sibling: SelectIdleSibling;
  private readonly idlest: FindIdlestCpu;
  private readonly waIdle: boolean;
  private readonly waWeight: boolean;
  private readonly waBias: boolean;
  private readonly here: { -readonly [K in keyof AffineCpu]: AffineCpu[K] } = { idle: false, load: 0, capacity: 0 };
  private readonly there: { -readonly [K in keyof AffineCpu]: AffineCpu[K] } = { idle: false, load: 0, capacity: 0 };

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const o = readOptions(placementOptions, given);
    this.waIdle = o['placement.waIdle'];
    this.waWeight = o['placement.waWeight'];
    this.waBias = o['placement.waBias'];
    this.idle = new IdleCpus(kernel);
    this.wakers = new Wakers(kernel);
    this.sibling = new SelectIdleSibling(kernel, this.idle, o['placement.sisUtil']);
    this.idlest = new FindIdlestCpu(kernel, this.idle);
    if (kernel.topology.smt) this.afterSwitch = rq => this.updateIdleCore(rq);
  }

  selectTaskRq(p: Task, prev: CpuId, flags: number, from: CpuId): CpuId {
    const wakes = (flags & WAKE_TTWU) !== 0;
    this.idle.load = p.sched.cls.load ?? null;
    const wantAffine = wakes && this.wantsAffine(p, from);
    let widest: SchedDomain | null = null;
    let target = prev;
    for (let sd = this.kernel.topology.domains[from] ?? null; sd !== null; sd = sd.parent) {
      if (wantAffine && sdHas(sd, SD_WAKE_AFFINE) && sd.span.has(prev)) {
        if (from !== prev) target = this.wakeAffine(sd, p, from, prev, (flags & WAKE_SYNC) !== 0);
        widest = null;
        break;
      }
      // No domain balances wake-ups.
      if ((flags & WAKE_FORK) !== 0 && sdHas(sd, SD_BALANCE_FORK)) widest = sd;
      else if (!wantAffine) break;
    }
    if (widest !== null) return this.idlest.find(widest, p, from, prev, SD_BALANCE_FORK);
    return wakes ? this.sibling.select(p, prev, target) : target;
  }

  private wantsAffine(p: Task, from: CpuId): boolean {
    const { curr } = this.kernel.rqs[from]!;
    this.wakers.record(curr, p);
    const wide = wakeWide(this.kernel.topology.llcSize(from), this.wakers.nrFlips(curr), this.wakers.nrFlips(p));
    return !wide && p.exec.cpusAllowed.has(from);
  }

  private wakeAffine(sd: SchedDomain, p: Task, from: CpuId, prev: CpuId, sync: boolean): CpuId {
    const { here, there } = this;
    this.look(here, from);
    this.look(there, prev);
    const { load } = this.idle;
    const { topology, rqs } = this.kernel;
    let said = null;
    if (this.waIdle) {
      const delayed = load === null ? 0 : load.hNrQueued(from) - load.hNrRunnable(from);
      said = wakeAffineIdle(here, there, topology.sharesCache(from, prev), sync, rqs[from]!.nrQueued - delayed);
    }
    if (said === null && this.waWeight && load !== null) {
      const currentLoad = sync ? load.taskHLoad(rqs[from]!.curr) : 0;
      said = wakeAffineWeight(here, there, sync, currentLoad, load.taskHLoad(p), sd.imbalancePct, this.waBias);
    }
    return said === 'this' ? from : prev;
  }

  private look(at: { -readonly [K in keyof AffineCpu]: AffineCpu[K] }, cpu: CpuId): void {
    at.idle = this.idle.isIdle(cpu);
    at.load = this.idle.load?.loadAvg(cpu) ?? 0;
    at.capacity = this.kernel.rqs[cpu]!.cpuCapacity;
  }

  /** `__update_idle_core`. */
  private updateIdleCore(rq: RunQueue): void {
    const shared = this.kernel.topology.llc[rq.cpu]?.shared;
    if (shared === undefined || shared === null || shared.hasIdleCores || !this.idle.isIdle(rq.cpu)) return;
    const threads = this.kernel.topology.threads[rq.cpu]!;
    if (threads.isSubsetOf(this.kernel.idleCpus)) shared.hasIdleCores = true;
  }
}
