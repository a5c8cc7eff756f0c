import { SD_ASYM_CPUCAPACITY, SD_NUMA, SD_SHARE_CPUCAPACITY, SD_SHARE_LLC, sdHas, type CpuId, type Kernel, type LoadView, type RunQueue, type SchedDomain, type SchedGroup } from '@proxysched/core'; // prettier-ignore
import { isReduced } from './capacity.js';
import { cpuUtilBoost } from './cpu-util.js';
import type { DomainBalancer } from './domain-balancer.js';
import { GroupStats } from './group-stats.js';
import { nrIdleScan } from './idle-scan.js';
import { BUSY, NEWLY_IDLE, type IdleType, type LbEnv } from './lb-env.js';
import { SrcGroup, type MigrationType } from './src-group.js';
import { SrcRq } from './src-rq.js';
import type { SumGroup } from './sum-group.js';

/** An interval beyond which it no longer doubles although all tasks are bound, ms. */
const MAX_PINNED_INTERVAL = 512;

/** One pass over one domain on behalf of one CPU (`sched_balance_rq`; `pelt-and-balance.md` 6). */
export class BalancePass {
  /** Written by `run`: it was this CPU's turn, so that higher domains are to be looked at too. */
  mayContinue = true;
  private readonly groups = new SrcGroup();
  private readonly queues = new SrcRq();
  private readonly env: LbEnv;
  private readonly kernel: Kernel;
  private readonly load: LoadView;
  private readonly sums: SumGroup;
  /** For the groups of a ring, in its order, and which they are. */
  private readonly stats: GroupStats[] = [];
  private readonly ring: SchedGroup[] = [];
  /** How many of them are this pass's. */
  private known = 0;
  private readonly offered = { hNrRunning: 0, capacity: 0, originalCapacity: 0, loadAvg: 0, utilBoost: 0, misfitLoad: 0 };
  /** What the choice of a group knows of the domain. */
  private readonly dom = { imbalancePct: 0, shareLlc: false, numa: false, asymCpuCapacity: false, imbNumaNr: 0 };

  constructor(private readonly b: DomainBalancer) {
    this.env = b.env;
    this.kernel = b.kernel;
    this.load = b.load;
    this.sums = b.sums;
  }

  /** How many tasks were moved to `rq`, or to its neighbours where they may not run here. */
  run(rq: RunQueue, sd: SchedDomain, idle: IdleType): number {
    const { env } = this;
    const state = this.b.states[sd.id]!;
    env.begin(state, rq, idle);
    this.mayContinue = true;
    this.known = 0;
    for (;;) {
      if (!this.shouldBalance()) {
        this.mayContinue = false;
        return this.balanced();
      }
      const group = this.findGroup();
      if (group === null) return this.balanced();
      const src = this.findQueue(group);
      if (src < 0) return this.balanced();
      env.src = this.kernel.rqs[src]!;
      env.allPinned = true;
      const moved = env.src.nrRunning > 1 ? this.moveFrom() : 0;
      if (env.src.nrRunning > 1 || moved > 0) {
        this.flagParent();
        if (env.allPinned) {
          // All tasks there are bound: another CPU may have others, as long as one is left outside of this group.
          env.excluded.add(env.src.cpu);
          if (!this.leavesSources()) return this.notMoved(true);
          env.dstPinned = false;
          continue;
        }
      }
      return moved > 0 ? this.unbalanced(moved) : this.failed(rq);
    }
  }

  // --- whose turn it is ---------------------------------------------------------------------------------------------------------

  /** `should_we_balance`: of each group the first idle CPU, on an idle core rather; without idle ones the first. */
  private shouldBalance(): boolean {
    const { env, kernel } = this;
    const { dst } = env;
    if (!env.has(dst.cpu)) return false;
    if (env.idle === NEWLY_IDLE) return dst.nrRunning === 0;
    const { balanceMask } = env.sd.groups;
    const { smt, threads } = kernel.topology;
    let idleThread = -1;
    for (let cpu = kernel.idleCpus.nextIn(-1, balanceMask); cpu >= 0; cpu = kernel.idleCpus.nextIn(cpu, balanceMask)) {
      if (!env.has(cpu as CpuId)) continue;
      if (!smt || sdHas(env.sd, SD_SHARE_CPUCAPACITY) || threads[cpu]!.isSubsetOf(kernel.idleCpus)) return cpu === dst.cpu;
      if (idleThread < 0) idleThread = cpu;
    }
    if (idleThread >= 0) return idleThread === dst.cpu;
    return balanceMask.first() === dst.cpu;
  }

  // --- where from ---------------------------------------------------------------------------------------------------------------

  private findGroup(): SchedGroup | null {
    const { env, groups, dom } = this;
    const { sd } = env;
    dom.imbalancePct = sd.imbalancePct;
    dom.shareLlc = sdHas(sd, SD_SHARE_LLC);
    dom.numa = sdHas(sd, SD_NUMA);
    dom.asymCpuCapacity = sdHas(sd, SD_ASYM_CPUCAPACITY);
    dom.imbNumaNr = sd.imbNumaNr;
    if (this.known === 0) this.sumUp();
    else this.leaveOut();
    const busiest = groups.decide();
    if (busiest === null) return null;
    env.migrationType = groups.migrationType!;
    env.imbalance = groups.imbalance;
    return this.ring[this.stats.indexOf(busiest)]!;
  }

  private sumUp(): void {
    const { env, groups, sums } = this;
    const { sd } = env;
    groups.begin(this.dom, env.idle !== BUSY, env.dst.cpuCapacity);
    // Who newly idles on its own has spare capacity, so that groups with nothing to give are not even counted.
    const skipsEmpty = env.idle === NEWLY_IDLE && sd.groups.weight === 1;
    let sumUtil = 0;
    let sg = sd.groups;
    do {
      const isLocal = sg.span.has(env.dst.cpu);
      if (isLocal) this.b.capacities.update(sd);
      if (isLocal || !skipsEmpty || !sums.isEmpty(sg)) {
        const s = (this.stats[this.known] ??= new GroupStats());
        this.ring[this.known++] = sg;
        sums.fill(s, sg, env, isLocal);
        groups.add(s, isLocal);
        sumUtil += s.util;
      }
      sg = sg.next;
    } while (sg !== sd.groups);
    this.updateIdleScan(sumUtil);
  }

  /** Again, without the CPU that was tried in vain: all else is as it was. */
  private leaveOut(): void {
    const { env, groups, ring, stats } = this;
    for (let i = 0; i < this.known; i++) {
      const s = stats[i]!;
      const isLocal = s === groups.local;
      if (ring[i]!.span.has(env.src.cpu)) this.sums.fill(s, ring[i]!, env, isLocal);
    }
    const { local } = groups;
    groups.begin(this.dom, env.idle !== BUSY, env.dst.cpuCapacity);
    for (let i = 0; i < this.known; i++) groups.add(stats[i]!, stats[i] === local);
  }

  /** How far wake-ups look for an idle CPU, told by who balances the cache's CPUs (`update_idle_cpu_scan`). */
  private updateIdleScan(sumUtil: number): void {
    const { sd, idle } = this.env;
    const llc = this.kernel.topology.llc[sd.cpu];
    if (idle === NEWLY_IDLE || llc === undefined || llc === null || llc.shared === null || llc.weight !== sd.weight) return;
    llc.shared.nrIdleScan = nrIdleScan(sd.weight, sumUtil, sd.imbalancePct);
  }

  private findQueue(group: SchedGroup): CpuId | -1 {
    const { env, kernel, load, queues, offered } = this;
    const { span } = group;
    const type: MigrationType = env.migrationType;
    queues.begin(this.dom, type, env.imbalance, env.dst.cpuCapacity);
    for (let c = span.next(-1); c >= 0; c = span.next(c)) {
      const cpu = c as CpuId;
      if (!env.has(cpu)) continue;
      offered.hNrRunning = load.hNrRunnable(cpu);
      if (offered.hNrRunning === 0) continue;
      offered.capacity = kernel.rqs[cpu]!.cpuCapacity;
      offered.originalCapacity = kernel.topology.capacity[cpu]!;
      offered.loadAvg = load.loadAvg(cpu);
      offered.utilBoost = cpuUtilBoost(load, kernel.topology, cpu);
      offered.misfitLoad = type === 'migrate_misfit' ? this.sums.misfitLoad(cpu) : 0;
      queues.offer(cpu, offered);
    }
    return queues.found as CpuId | -1;
  }

  // --- moving -------------------------------------------------------------------------------------------------------------------

  /** To here, and what is bound to neighbours, to one of them. */
  private moveFrom(): number {
    const { env } = this;
    const { detach, options } = this.b;
    env.loop = 0;
    env.loopMax = Math.min(options['balance.nrMigrate'], env.src.nrRunning);
    let moved = detach.run(env);
    while (env.dstPinned && env.imbalance > 0) {
      env.excluded.add(env.dst.cpu);
      env.dst = this.kernel.rqs[env.newDst]!;
      env.dstPinned = false;
      env.loop = 0;
      moved += detach.run(env);
    }
    return moved;
  }

  /** The level above may be able to do what affinity forbids here. */
  private flagParent(): void {
    const { env } = this;
    const { parent } = env.sd;
    if (parent !== null && env.somePinned && env.imbalance > 0) parent.groups.sgc.imbalance = true;
  }

  private leavesSources(): boolean {
    const { sd } = this.env;
    const { balanceMask } = sd.groups;
    for (let cpu = sd.span.next(-1); cpu >= 0; cpu = sd.span.next(cpu)) {
      if (this.env.has(cpu as CpuId) && !balanceMask.has(cpu as CpuId)) return true;
    }
    return false;
  }

  // --- what comes of it -----------------------------------------------------------------------------------------------------------

  private unbalanced(moved: number): number {
    const { state, sd } = this.env;
    state.nrBalanceFailed = 0;
    state.balanceInterval = sd.minInterval;
    return moved;
  }

  /** There is too much elsewhere, and nothing could be moved. */
  private failed(rq: RunQueue): number {
    const { env } = this;
    const { state, src } = env;
    if (env.idle !== NEWLY_IDLE && env.migrationType !== 'migrate_misfit') state.nrBalanceFailed++;
    let pushing = false;
    if (this.needsPush()) {
      if (!src.curr.exec.cpusAllowed.has(rq.cpu)) return this.notMoved(false);
      env.allPinned = false;
      pushing = this.b.push(src, rq.cpu);
    }
    if (!pushing || this.needsPush()) state.balanceInterval = env.sd.minInterval;
    return 0;
  }

  /** `need_active_balance`. */
  private needsPush(): boolean {
    const { env, kernel } = this;
    const { src, dst, sd } = env;
    const pct = sd.imbalancePct;
    if (env.migrationType === 'migrate_task' && env.state.nrBalanceFailed > sd.cacheNiceTries + 2) return true;
    if (env.idle !== BUSY && this.load.hNrRunnable(src.cpu) === 1 && isReduced(src.cpuCapacity, kernel.topology.capacity[src.cpu]!, pct)) {
      if (src.cpuCapacity * pct < dst.cpuCapacity * 100) return true;
    }
    return env.migrationType === 'migrate_misfit';
  }

  /** Nothing to be done. Others had their chance, so what was bound is no longer in the way. */
  private balanced(): number {
    const { env } = this;
    const { parent } = env.sd;
    if (parent !== null && !env.allPinned) parent.groups.sgc.imbalance = false;
    return this.notMoved(true);
  }

  private notMoved(forgetFailures: boolean): number {
    const { env } = this;
    const { state, sd } = env;
    if (forgetFailures) state.nrBalanceFailed = 0;
    if (env.idle === NEWLY_IDLE || env.migrationType === 'migrate_misfit') return 0;
    const longest = env.allPinned ? Math.max(MAX_PINNED_INTERVAL, sd.maxInterval) : sd.maxInterval;
    if (state.balanceInterval < longest) state.balanceInterval *= 2;
    return 0;
  }
}
