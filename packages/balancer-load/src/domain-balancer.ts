import { type CpuId, type Kernel, type LoadView, type Nanos, type OptionValues, type RunQueue, type SchedClass, type SchedDomain } from '@proxysched/core'; // prettier-ignore
import { balanceInterval } from './balance-interval.js';
import { BalancePass } from './balance-pass.js';
import { CapacityLeft } from './capacity-left.js';
import { DetachTasks } from './detach-tasks.js';
import { DomainState } from './domain-state.js';
import { GroupCapacities } from './group-capacities.js';
import { BUSY, IDLE, LbEnv, type IdleType } from './lb-env.js';
import { NewIdle } from './new-idle.js';
import { NohzBalance } from './nohz-balance.js';
import type { loadOptions } from './options.js';
import { SumGroup } from './sum-group.js';

/** Without a tick jiffies pass all the same. */
const EXACT_HZ = 1000;

/** Balances the CPUs for one class, by its load, over their domains; what `FairBalance` is made of once the class is known. */
export class DomainBalancer {
  readonly hz: number;
  /** By `SchedDomain.id`. */
  readonly states: DomainState[] = [];
  readonly env: LbEnv;
  readonly pass: BalancePass;
  readonly newIdle: NewIdle;
  readonly nohz: NohzBalance;
  readonly capacityLeft: CapacityLeft;
  readonly capacities: GroupCapacities;
  readonly detach: DetachTasks;
  readonly sums: SumGroup;
  private readonly jiffy: Nanos;
  /** By CPU, in jiffies: when one of its domains is next due. */
  private readonly nextBalance: Float64Array;
  /** By CPU: where its running task is to be pushed, −1: nowhere. */
  private readonly pushTo: Int16Array;

  constructor(
    readonly kernel: Kernel,
    readonly cls: SchedClass,
    readonly load: LoadView,
    readonly options: OptionValues<typeof loadOptions>,
  ) {
    const { rqs, machine, topology } = kernel;
    this.hz = machine.hz ?? EXACT_HZ;
    this.jiffy = Math.floor((1e9 + Math.floor(this.hz / 2)) / this.hz);
    this.nextBalance = new Float64Array(rqs.length);
    this.pushTo = new Int16Array(rqs.length).fill(-1);
    for (const lowest of topology.domains) for (let sd = lowest; sd !== null; sd = sd.parent) this.states[sd.id] = new DomainState(sd);
    this.env = new LbEnv(rqs.length);
    this.capacityLeft = new CapacityLeft(kernel, kernel.rank(cls));
    this.capacities = new GroupCapacities(kernel, this.capacityLeft);
    this.detach = new DetachTasks(kernel, load, options['balance.migrationCost']);
    this.sums = new SumGroup(kernel, cls, load);
    this.pass = new BalancePass(this);
    this.newIdle = new NewIdle(this);
    this.nohz = new NohzBalance(this);
  }

  // --- time ---------------------------------------------------------------------------------------------------------------------

  /** Ticks since the first. */
  jiffies(): number {
    const { machine, queue } = this.kernel;
    return Math.max(0, Math.floor((queue.now - machine.tickPhase - machine.costs.timer) / this.jiffy));
  }

  lowest(cpu: CpuId): SchedDomain | null {
    return this.kernel.topology.domains[cpu] ?? null;
  }

  /** Whether one of the domains of `cpu` is due. */
  isDue(cpu: CpuId): boolean {
    return this.jiffies() >= this.nextBalance[cpu]!;
  }

  /** When, in jiffies. */
  dueAt(cpu: CpuId): number {
    return this.nextBalance[cpu]!;
  }

  /** `update_next_balance`: not later than the domain is, were the CPU idle. */
  soonest(cpu: CpuId, state: DomainState, idle: IdleType): void {
    this.nextBalance[cpu] = Math.min(this.nextBalance[cpu]!, state.lastBalance + this.interval(state, cpu, idle));
  }

  private interval(state: DomainState, cpu: CpuId, idle: IdleType): number {
    const busy = idle === BUSY && !this.isSchedIdle(cpu);
    return balanceInterval(state.balanceInterval, busy, this.hz, this.kernel.rqs.length, state.sd.busyFactor);
  }

  /** It runs only what gives way to anything. */
  private isSchedIdle(cpu: CpuId): boolean {
    const { nrRunning } = this.kernel.rqs[cpu]!;
    return nrRunning > 0 && nrRunning === this.load.hNrIdle(cpu);
  }

  private idleNow(cpu: CpuId): IdleType {
    return this.kernel.idleCpus.has(cpu) ? IDLE : BUSY;
  }

  // --- periodic -----------------------------------------------------------------------------------------------------------------

  /** `sched_balance_domains`: those that are due, upwards, as long as it is for this CPU to do. */
  balance(rq: RunQueue): void {
    const { cpu } = rq;
    this.load.refresh(cpu);
    const now = this.jiffies();
    let idle = this.idleNow(cpu);
    let next = Infinity;
    for (let sd = this.lowest(cpu); sd !== null; sd = sd.parent) {
      const state = this.states[sd.id]!;
      state.noteCost(0, now, this.hz);
      let mayContinue = true;
      if (now >= state.lastBalance + this.interval(state, cpu, idle)) {
        if (this.pass.run(rq, sd, idle) > 0) idle = this.idleNow(cpu);
        mayContinue = this.pass.mayContinue;
        state.lastBalance = now;
      }
      next = Math.min(next, state.lastBalance + this.interval(state, cpu, idle));
      if (!mayContinue) break;
    }
    if (next !== Infinity) this.nextBalance[cpu] = next;
  }

  // --- pushing what runs ----------------------------------------------------------------------------------------------------------

  /** Asks `src` to push what it runs to `to`, in a pass of its own. False: it does not, or is about to for another. */
  push(src: RunQueue, to: CpuId): boolean {
    if (!this.options['balance.active'] || this.pushTo[src.cpu]! >= 0) return false;
    this.pushTo[src.cpu] = to;
    this.kernel.resched(src);
    return true;
  }

  /** `active_load_balance_cpu_stop`, as a pass on `src` begins: the stopper has its CPU, so that what ran may go. */
  pushRunning(src: RunQueue): void {
    const to = this.pushTo[src.cpu]! as CpuId | -1;
    if (to < 0) return;
    this.pushTo[src.cpu] = -1;
    let sd = this.lowest(to as CpuId);
    while (sd !== null && !sd.span.has(src.cpu)) sd = sd.parent;
    if (sd === null) return;
    const { env, kernel, load } = this;
    const dst = kernel.rqs[to]!;
    env.begin(this.states[sd.id]!, dst, IDLE);
    env.src = src;
    env.active = true;
    let p = load.leastRecent(src.cpu);
    while (p !== null && !this.detach.canMigrate(env, p)) p = load.moreRecent(p);
    if (p === null) return;
    if (p === src.curr) kernel.moveRunning(src, dst, 'balance');
    else kernel.move(p, dst, 'balance');
    env.state.nrBalanceFailed = 0;
  }

  // --- switches -----------------------------------------------------------------------------------------------------------------

  switched(rq: RunQueue): void {
    this.capacityLeft.switched(rq);
    this.newIdle.switched(rq);
    if (rq.curr === rq.idle) this.nohz.becameIdle(rq.cpu);
  }
}
