import { AcquireContexts } from './acquire-context.js';
import { assert } from './assert.js';
import type { Balancer, Reach } from './balancer.js';
import { executor, payer, type ChargeRule } from './charging.js';
import { ClassicResolver } from './classic-resolver.js';
import { coreOptions } from './core-options.js';
import { CpuSet } from './cpu-set.js';
import type { DeadlockPolicy } from './deadlock-policy.js';
import { DeadlockWatch } from './deadlock-watch.js';
import { broken } from './errors.js';
import { EventQueue, type Timer } from './event-queue.js';
import { Exec } from './exec.js';
import {
  DEQUEUE_DELAYED, DEQUEUE_MIGRATE, DEQUEUE_MOVE, DEQUEUE_SAVE, DEQUEUE_SLEEP, ENQUEUE_DELAYED, ENQUEUE_HEAD, ENQUEUE_INITIAL, ENQUEUE_MIGRATED,
  ENQUEUE_RESTORE, ENQUEUE_WAKEUP, WAKE_FORK, WAKE_TTWU,
} from './flags.js';
import { NO_GAPS, type Gaps } from './gaps.js';
import { IdleClass } from './idle-class.js';
import { InFlight } from './in-flight.js';
import type { Kernel, MoveReason } from './kernel.js';
import { MutexRules, type LockRules } from './lock-rules.js';
import { findCycle, Locks } from './lock.js';
import { Mutex } from './mutex.js';
import { OptimisticSpin } from './optimistic-spin.js';
import { readOptions } from './options.js';
import { armOutside } from './outside.js';
import { DEFAULT_POLICY, changedPolicy, kernelPrio, type Policy, type PolicyChange, type PolicyKind } from './policy.js';
import type { Op } from './program.js';
import type { ProxyResolver } from './proxy-resolver.js';
import { RANK_BALANCE, RANK_OP, RANK_PASS, RANK_POLICE, RANK_WAKE } from './ranks.js';
import { RunQueue } from './run-queue.js';
import { RwSemaphoreRules } from './rw-semaphore.js';
import type { Costs, MachineSpec, Scenario, TaskSpec } from './scenario.js';
import type { SchedClass } from './sched-class.js';
import { schedule, setDonor } from './schedule.js';
import type { SimResult } from './sim-result.js';
import { Task, type ExecContext, type SchedContext } from './task.js';
import { TaskGroup } from './task-group.js';
import { Topology } from './topology.js';
import { makeTracer, type Tracer } from './tracer.js';
import { Turns } from './turns.js';
import { workIn } from './speed.js';
import { NEVER, type CpuId, type Nanos, type Pid } from './types.js';
import { WaitWoundRules } from './wait-wound.js';
import { Barrier, Condition, ReleaseTimer, Semaphore } from './wait-objects.js';

/** What a simulation is made of, once everything is resolved. */
export interface Plugins {
  /** Highest first, without the idle class. */
  readonly classes: readonly SchedClass[];
  /** Who serves which policy. */
  readonly policies: ReadonlyMap<PolicyKind, SchedClass>;
  readonly resolver?: ProxyResolver | undefined;
  /** Kinds of mutexes beside the kernel's own. */
  readonly lockRules?: readonly LockRules[];
  readonly deadlock: DeadlockPolicy;
  readonly balancers: readonly Balancer[];
}

type PutsAside = SchedClass & Required<Pick<SchedClass, 'nrAside'>>;

type ServerHost = SchedClass & Required<Pick<SchedClass, 'serverStart' | 'serverUpdate' | 'serverLeft'>>;

function isServerHost(cls: SchedClass): cls is ServerHost {
  return cls.serverStart !== undefined && cls.serverUpdate !== undefined && cls.serverLeft !== undefined;
}

/** Called after each event; the invariant checker is one. */
export type Probe = (kernel: Kernel) => void;

/** The kernel: it owns queues, tasks and locks, and is the one writer of each fact about them. */
export class Machine implements Kernel {
  readonly queue: EventQueue;
  readonly trace: Tracer;
  readonly machine: MachineSpec;
  readonly topology: Topology;
  readonly rqs: RunQueue[] = [];
  readonly tasks: Task[] = [];
  mutexes: readonly Mutex[] = [];
  readonly conditions: readonly Condition[];
  readonly barriers: readonly Barrier[];
  readonly semaphores: readonly Semaphore[];
  readonly timers: readonly ReleaseTimer[];
  readonly groups: readonly TaskGroup[];
  classes: readonly SchedClass[] = [];
  resolver: ProxyResolver = new ClassicResolver();
  deadlock!: DeadlockPolicy;
  balancers: readonly Balancer[] = [];
  readonly online: CpuSet;
  readonly idleCpus: CpuSet;
  readonly crowdedCpus: CpuSet;
  /** No tick: slices and budgets end exactly. */
  readonly exact: boolean;
  readonly exec: Exec;
  readonly gaps: Gaps;
  readonly inFlight: InFlight;
  private readonly hasGaps: boolean;
  readonly spin: OptimisticSpin;
  readonly charging: ChargeRule;
  private readonly locks: Locks;
  readonly watch: DeadlockWatch;
  /** Whose turn it is, where CPUs are emulated one at a time. */
  readonly turns: Turns | null;
  /** Set when a policy ends the run. */
  halted: SimResult | null = null;
  /** Balancers by hook, so that the loop asks only those that listen. */
  beforePick: readonly Balancer[] = [];
  newIdle: readonly Balancer[] = [];
  afterSwitch: readonly Balancer[] = [];
  private afterWakeup: readonly Balancer[] = [];
  private onTick: readonly Balancer[] = [];
  private putsAside: readonly PutsAside[] = [];
  /** Classes with servers. */
  private serverHosts: readonly ServerHost[] = [];

  private readonly idleClass = new IdleClass();
  private byKind: ReadonlyMap<PolicyKind, SchedClass> = new Map();
  private readonly tickLength: Nanos;
  /** CPUs with `needResched`, asked since the last drain. */
  private readonly pending: CpuSet;
  /** Timers that have fired. */
  events = 0;
  private nrChanges = 0;
  private alive = 0;

  constructor(
    readonly scenario: Scenario,
    trace: Tracer = makeTracer([]),
  ) {
    const { machine } = scenario;
    this.trace = trace;
    this.machine = machine;
    this.topology = Topology.of(machine);
    this.gaps = machine.gaps ?? NO_GAPS;
    this.hasGaps = Object.values(this.gaps).some((gap) => gap > 0);
    this.inFlight = new InFlight(this, this.gaps);
    this.queue = new EventQueue(machine.order);
    this.exact = machine.hz === null;
    this.tickLength = machine.hz === null ? 0 : Math.floor((1e9 + Math.floor(machine.hz / 2)) / machine.hz);
    this.online = CpuSet.all(machine.cpus);
    this.idleCpus = CpuSet.all(machine.cpus);
    this.crowdedCpus = new CpuSet(machine.cpus);
    this.pending = new CpuSet(machine.cpus);
    this.groups = makeGroups(scenario);
    this.conditions = scenario.conditions.map((c) => new Condition(c.name));
    this.barriers = scenario.barriers.map((b) => new Barrier(b.name, b.count));
    this.semaphores = scenario.semaphores.map((s) => new Semaphore(s.name, s.initial));
    this.timers = scenario.timers.map((t) => new ReleaseTimer(t.name));
    const { 'mutex.spin': spin, 'proxy.charge': charging } = readOptions(coreOptions, scenario.options);
    this.charging = charging as ChargeRule;
    this.spin = new OptimisticSpin(this, spin === 'on' || (spin === 'auto' && !this.exact));
    this.turns = machine.turns !== undefined && machine.cpus > 1 ? new Turns(this, machine.turns) : null;
    this.locks = new Locks(this, this.spin);
    this.exec = new Exec(this, this.locks, new AcquireContexts(this));
    this.watch = new DeadlockWatch(this, this.locks);
  }

  /** Breaks the circle between the machine, which plug-ins are built with, and the plug-ins, which it runs with. Once. */
  attach(plugins: Plugins): void {
    this.classes = [...plugins.classes, this.idleClass];
    if (plugins.resolver !== undefined) this.resolver = plugins.resolver;
    this.mutexes = this.makeMutexes(plugins.lockRules ?? []);
    this.deadlock = plugins.deadlock;
    this.balancers = plugins.balancers;
    this.beforePick = plugins.balancers.filter((b) => b.beforePick !== undefined);
    this.newIdle = plugins.balancers.filter((b) => b.newIdle !== undefined);
    this.afterSwitch = plugins.balancers.filter((b) => b.afterSwitch !== undefined);
    this.afterWakeup = plugins.balancers.filter((b) => b.afterWakeup !== undefined);
    this.onTick = plugins.balancers.filter((b) => b.tick !== undefined);
    this.byKind = plugins.policies;
    this.serverHosts = plugins.classes.filter(isServerHost);
    this.putsAside = plugins.classes.filter((c): c is PutsAside => c.nrAside !== undefined);

    for (let cpu = 0; cpu < this.machine.cpus; cpu++) this.rqs.push(this.makeRq(cpu as CpuId));
    for (const cls of this.classes) for (const rq of this.rqs) cls.init(rq);
    for (const spec of this.scenario.tasks) if (spec.template !== true) this.makeTask(spec, spec.comm, spec.start);
    for (const b of this.balancers) b.init?.();
    this.armBalancers();
    armOutside(this);
    this.resolver.init?.();
  }

  /** Runs to the end of the scenario. */
  run(probe?: Probe): SimResult {
    const { queue, trace, turns } = this;
    const { until } = this.scenario;
    trace.begin(this);
    for (let timer = queue.next(until); timer !== null; timer = queue.next(until)) {
      if (turns?.holdsBack(timer) === true) continue;
      this.events++;
      timer.fire();
      this.drainResched();
      turns?.settle();
      if (this.halted !== null) break; // in the middle of a pass: nothing to look at
      if (probe !== undefined) probe(this);
      if (this.alive === 0) break;
    }
    const result = this.halted ?? this.ending(until);
    queue.now = result.at;
    for (const rq of this.rqs) {
      this.account(rq);
      this.charge(rq);
    }
    trace.end(result.at, result);
    return result;
  }

  private ending(until: Nanos): SimResult {
    const { events } = this;
    for (const p of this.tasks) {
      const cycle = findCycle(p);
      if (cycle !== null) return { outcome: 'deadlock', at: until, events, cycle, falseAlarm: false };
    }
    return this.alive === 0 ? { outcome: 'finished', at: this.queue.now, events } : { outcome: 'timeLimit', at: until, events };
  }

  // --- time -------------------------------------------------------------------------------------------------------------

  /** Executed time of `rq.curr` up to now: overhead first, then its operation. */
  account(rq: RunQueue): void {
    let delta = this.queue.now - rq.clock;
    if (delta === 0) return;
    rq.clock = this.queue.now;
    if (rq.curr === rq.idle) return;
    const { exec } = rq.curr;
    executor(rq, this.charging).exec.ran += delta;
    if (exec.stall > 0) {
      const stalled = Math.min(exec.stall, delta);
      exec.stall -= stalled;
      delta -= stalled;
    }
    if (rq.curr.spinsOn !== null) exec.spun += delta;
    else exec.opLeft -= workIn(delta, this.topology.capacity[rq.cpu]!);
  }

  charge(rq: RunQueue): void {
    const now = this.clockOf(rq);
    const delta = now - rq.charged;
    if (delta === 0) return;
    rq.charged = now;
    const p = payer(rq, this.charging);
    const { cls } = p.sched;
    if (p === rq.donor) cls.updateCurr(rq, delta);
    else cls.updateRunner?.(rq, p, delta);
    for (const host of this.serverHosts) if (host !== cls) host.serverUpdate(rq, delta);
  }

  /**
   * The clock of `rq`, which is read when something happens to the queue. Where a wake-up has read it on an idle CPU the pick that follows does not read
   * it again (`rq_clock_skip_update`), so who leaves idle is charged from there on.
   */
  clockOf(rq: RunQueue): Nanos {
    if (rq.clockRead >= 0) {
      if (rq.picking) return rq.clockRead;
      rq.clockRead = this.queue.now;
    }
    return this.queue.now;
  }

  private tick(rq: RunQueue): void {
    this.queue.arm(rq.tick, this.nextTick());
    this.spend(rq, this.machine.costs.tick);
    this.charge(rq);
    const p = payer(rq, this.charging);
    p.sched.cls.taskTick?.(rq, p);
    for (const b of this.onTick) b.tick!(rq);
  }

  /** A busy CPU ticks, an idle one does not. */
  armTick(rq: RunQueue): void {
    if (this.exact) return;
    if (rq.curr === rq.idle && !rq.needResched) {
      this.queue.disarm(rq.tick);
    } else if (rq.tick.at < 0) {
      this.queue.arm(rq.tick, this.nextTick());
    }
  }

  /** Ticks stay on the machine's grid, however long the CPU was idle or this one late. */
  private nextTick(): Nanos {
    const origin = this.machine.tickPhase + this.machine.costs.timer;
    const since = this.queue.now - origin;
    const k = since < 0 ? 0 : Math.floor(since / this.tickLength) + 1;
    return origin + k * this.tickLength;
  }

  /**
   * The end of the donor's slice as a timer, where slices are policed that way. A high-resolution tick that a donor does not need
   * stays armed for the one before, unless the CPU idles (`hrtick_schedule_exit`).
   */
  armSlice(rq: RunQueue): void {
    if (!this.exact && !this.machine.hrtick) return;
    const p = payer(rq, this.charging);
    const { cls } = p.sched;
    let left = cls.sliceLeft?.(rq, p) ?? NEVER;
    if (this.exact) for (const host of this.serverHosts) if (host !== cls) left = Math.min(left, host.serverLeft(rq));
    if (left !== NEVER) this.queue.arm(rq.slice, this.queue.now + Math.max(0, left));
    else if (this.exact || rq.donor === rq.idle) this.queue.disarm(rq.slice);
  }

  private sliceEnd(rq: RunQueue): void {
    // Late by what any timer is late, and as long again in getting to the pick.
    this.spend(rq, 2 * this.machine.costs.timer);
    const p = payer(rq, this.charging);
    const { cls } = p.sched;
    // The pass charges the donor; a request that ended is renewed from there, not from here.
    if (this.exact || cls.hrtick === undefined) return this.resched(rq);
    this.charge(rq);
    cls.hrtick(rq, p);
    if (!rq.needResched) this.armSlice(rq);
  }

  // --- the loop ---------------------------------------------------------------------------------------------------------

  resched(rq: RunQueue): void {
    rq.needResched = true;
    this.pending.add(rq.cpu);
  }

  private drainResched(): void {
    for (let cpu = this.pending.first(); cpu >= 0 && this.halted === null; cpu = this.pending.first()) {
      this.pending.delete(cpu as CpuId);
      const rq = this.rqs[cpu]!;
      if (!rq.needResched || this.passTakesTime(rq)) continue;
      this.watch.pass(rq);
      if (this.halted === null) schedule(this, rq);
    }
  }

  /** The kernel works on `rq` for `ns`, after what it is busy with already. */
  private spend(rq: RunQueue, ns: Nanos): void {
    if (ns > 0) rq.kernelUntil = Math.max(this.queue.now, rq.kernelUntil) + ns;
  }

  /** Where a pick costs time it is put off until that has passed, and `curr` gets nowhere meanwhile. */
  private passTakesTime(rq: RunQueue): boolean {
    const { now } = this.queue;
    if (rq.pass.at >= 0) return true;
    if (rq.passDue) {
      rq.passDue = false;
      return false;
    }
    const at = Math.max(now, rq.kernelUntil) + this.costsOf(rq.donor.sched.cls).schedule;
    if (at === now && this.turns?.standsStill(rq) !== true) return false;
    this.account(rq);
    this.exec.interrupt(rq.curr);
    if (rq.curr !== rq.idle) rq.curr.exec.stall += at - now;
    rq.passTime = at - now;
    this.queue.disarm(rq.opDone);
    this.queue.arm(rq.pass, at);
    return true;
  }

  private costsOf(cls: SchedClass): Pick<Costs, 'schedule' | 'wakeUp'> {
    return this.machine.classCosts?.[cls.name] ?? this.machine.costs;
  }

  private pass(rq: RunQueue): void {
    rq.passDue = true;
    this.pending.add(rq.cpu);
  }

  // --- queues -----------------------------------------------------------------------------------------------------------

  rank(cls: SchedClass): number {
    const { classes } = this;
    // Asked several times at each switch, of four or five classes: faster than `indexOf`.
    for (let i = 0; i < classes.length; i++) if (classes[i] === cls) return i;
    return -1;
  }

  activate(rq: RunQueue, p: Task, flags: number): void {
    assert(p.onRq !== 'queued' && p.cpu === rq.cpu && this.online.has(rq.cpu), 'K104', () => `${String(p)} cannot join CPU ${rq.cpu}: on_rq ${p.onRq}, cpu ${p.cpu}`);
    this.enqueue(rq, p, flags);
    p.onRq = 'queued';
    if (p.ioWaitsOn !== null) this.endIoWait(p, p.ioWaitsOn);
    rq.nrQueued++;
    this.noteChange(rq);
    this.noteIdle(rq);
    this.countIn(rq, p.sched.cls);
  }

  /** One context more of `cls`. The first one starts the servers that stand for its class. */
  private countIn(rq: RunQueue, cls: SchedClass): void {
    if (++rq.nrByClass[this.rank(cls)]! > 1) return;
    for (const host of this.serverHosts) if (host !== cls) host.serverStart(rq, cls);
  }

  deactivate(rq: RunQueue, p: Task, flags: number): void {
    assert(p.onRq === 'queued' && p.cpu === rq.cpu, 'K105', () => `${String(p)} cannot leave CPU ${rq.cpu}: on_rq ${p.onRq}, cpu ${p.cpu}`);
    if (this.dequeue(rq, p, flags)) this.gone(rq, p, (flags & DEQUEUE_SLEEP) !== 0);
    else p.schedDelayed = true;
    this.noteChange(rq);
  }

  private noteChange(rq: RunQueue): void {
    rq.changed = ++this.nrChanges;
  }

  finishDelayed(rq: RunQueue, p: Task): void {
    assert(p.schedDelayed, 'K106', () => `${String(p)}: no delayed dequeue to finish`);
    p.sched.cls.dequeueTask(rq, p, DEQUEUE_SLEEP | DEQUEUE_DELAYED);
    p.schedDelayed = false;
    this.gone(rq, p, true);
  }

  private gone(rq: RunQueue, p: Task, asleep: boolean): void {
    p.onRq = 'no';
    if (asleep && p.inIowait && p.state === 'blocked') this.beginIoWait(p, rq);
    rq.nrQueued--;
    rq.nrByClass[this.rank(p.sched.cls)]!--;
    this.noteIdle(rq);
  }

  /** Off the queue for I/O: counted on the CPU it leaves, until it is on a queue again, on whatever CPU (`proxy-execution.md` 9, "Activation"). */
  private beginIoWait(p: Task, rq: RunQueue): void {
    p.ioWaitsOn = rq;
    this.trace.ioWait(this.queue.now, p, rq.cpu, ++rq.nrIowait, true);
  }

  private endIoWait(p: Task, rq: RunQueue): void {
    p.ioWaitsOn = null;
    this.trace.ioWait(this.queue.now, p, rq.cpu, --rq.nrIowait, false);
  }

  private enqueue(rq: RunQueue, p: Task, flags: number): void {
    const { cls } = p.sched;
    const same = rq.donor.sched.cls === cls;
    if (same && (flags & ENQUEUE_DELAYED) === 0) this.charge(rq);
    cls.enqueueTask(rq, p, flags);
    if (same) this.armSlice(rq);
  }

  private dequeue(rq: RunQueue, p: Task, flags: number): boolean {
    const { cls } = p.sched;
    const same = rq.donor.sched.cls === cls;
    if (same) this.charge(rq);
    const left = cls.dequeueTask(rq, p, flags) !== false;
    if (same && rq.donor !== p) this.armSlice(rq);
    return left;
  }

  noteIdle(rq: RunQueue): void {
    let running = rq.nrQueued;
    for (const cls of this.putsAside) running -= cls.nrAside(rq.cpu);
    rq.nrRunning = running;
    if (running > 1) this.crowdedCpus.add(rq.cpu);
    else this.crowdedCpus.delete(rq.cpu);
    const idle = rq.curr === rq.idle && running === 0 && rq.window === 'none' && this.online.has(rq.cpu);
    if (idle === this.idleCpus.has(rq.cpu)) return;
    if (idle) {
      this.idleCpus.add(rq.cpu);
      rq.idleSince = this.queue.now;
    } else {
      this.idleCpus.delete(rq.cpu);
    }
  }

  resetDonor(rq: RunQueue): void {
    this.charge(rq);
    setDonor(this, rq, rq.idle);
  }

  blockOffQueue(rq: RunQueue, p: Task): void {
    if (rq.donor === p) this.resetDonor(rq);
    this.deactivate(rq, p, DEQUEUE_SLEEP);
  }

  activateBlocked(rq: RunQueue, p: Task): void {
    // Whom it follows may sleep again, on a CPU that is gone.
    const to = this.online.has(rq.cpu) ? rq : this.rqs[this.selectRq(p, p.wakeCpu, 0, rq.cpu)]!;
    p.cpu = to.cpu;
    this.activate(to, p, ENQUEUE_WAKEUP);
    this.resched(to);
  }

  unblock(p: Task): void {
    this.setTaskCpu(p, p.cpu); // it runs here, so this is its home
    if (p.wakePending) this.inFlight.awake(p);
    p.isBlocked = false;
    p.state = 'running';
    this.noteChange(this.rqs[p.cpu]!);
  }

  // --- wake-ups ---------------------------------------------------------------------------------------------------------

  wakeUp(p: Task, waker: Task | null, atOnce = this.gaps.wakeUp === 0): void {
    if (isAwake(p)) return this.named(p);
    if (!atOnce && this.inFlight.waking(p)) return;
    const from = waker === null ? p.cpu : waker.cpu;
    if (from !== p.cpu) this.spend(this.rqs[from]!, this.costsOf(p.sched.cls).wakeUp);
    this.trace.schedWaking(this.queue.now, p, waker, false);
    if (p.release < 0) this.takeJob(p);
    if (atOnce) this.finishWakeUp(p, waker);
    else this.inFlight.finishLater(p, waker);
  }

  /** The waker has the lock of the queue: `p` wakes, unless it has found its way meanwhile. */
  finishWakeUp(p: Task, waker: Task | null): void {
    if (isAwake(p)) return this.named(p);
    if (p.onRq === 'migrating' || (p.onRq === 'no' && this.inFlight.isLeaving(p))) return this.inFlight.wakeOnLanding(p, waker);
    const rq = this.rqs[p.cpu]!;
    this.named(p);
    this.wakeOn(rq, p, waker);
    this.nudge(rq);
  }

  /** A waker has come to `p`: if the lock it refers to is its own, it refers to it no longer (`ProxyResolver.namedKeepReference`). */
  private named(p: Task): void {
    if (p.blockedOn?.owner !== p) return;
    p.blockedOn = null;
    this.nudge(this.rqs[p.cpu]!);
  }

  private wakeOn(rq: RunQueue, p: Task, waker: Task | null): void {
    if (p.onRq === 'queued') {
      const where = this.wakeQueued(rq, p);
      if (where === 'here') return this.woken(rq, p, WAKE_TTWU);
      if (where === 'later') return this.checkPreempt(rq, p, WAKE_TTWU);
    }
    this.place(p, waker === null ? p.cpu : waker.cpu);
  }

  /** The same from outside a pass: whoever ran in its name is looked at again. */
  private sendHome(p: Task): void {
    const rq = this.rqs[p.cpu]!;
    if (rq.donor === p) this.resched(rq);
    this.donateNoMore(rq, p);
    this.returnHome(p);
  }

  /** `p` leaves its queue outside a pass: nobody runs in its name any more. */
  private donateNoMore(rq: RunQueue, p: Task): void {
    if (rq.donor === p && rq.curr !== rq.idle && rq.curr !== p) this.proxyResetDonor(rq);
  }

  /** The donor leaves: who runs goes on in its own name until the pick (`proxy_reset_donor`), which may find nothing left to change. */
  private proxyResetDonor(rq: RunQueue): void {
    this.charge(rq);
    setDonor(this, rq, rq.curr);
    this.trace.schedSwitch(this.queue.now, rq.cpu, rq.curr, rq.curr, rq.curr, false);
  }

  returnHome(p: Task): void {
    const rq = this.rqs[p.cpu]!;
    if (rq.donor === p) this.resetDonor(rq);
    p.blockedOn = null;
    this.deactivate(rq, p, DEQUEUE_MIGRATE);
    this.place(p, rq.cpu);
  }

  /** `p`, on no queue, is put on one where it may run. `from`: the CPU that does so. */
  private place(p: Task, from: CpuId): void {
    const { now } = this.queue;
    p.state = 'waking';
    const cpu = this.selectRq(p, p.wakeCpu, WAKE_TTWU, from);
    if (cpu !== p.cpu) this.trace.schedMigrate(now, p, p.cpu, cpu, p.cpu === p.wakeCpu ? 'wakeup' : 'return');
    this.setTaskCpu(p, cpu);
    if (this.gaps.wakeIpi > 0 && cpu !== from) return this.inFlight.land(p, this.gaps.wakeIpi);
    this.joinAwake(this.rqs[cpu]!, p);
  }

  private joinAwake(rq: RunQueue, p: Task): void {
    this.activate(rq, p, ENQUEUE_WAKEUP);
    this.woken(rq, p, WAKE_TTWU);
  }

  /** `p` has been on its way to the queue of `p.cpu`. Where it is one that was being woken, it may have lost the right to go there. */
  landed(p: Task): void {
    if (p.onRq === 'migrating') {
      this.join(this.rqs[p.cpu]!, p);
    } else {
      if (!p.exec.cpusAllowed.has(p.cpu)) this.setTaskCpu(p, this.selectRq(p, p.cpu, WAKE_TTWU, p.cpu));
      this.joinAwake(this.rqs[p.cpu]!, p);
    }
    this.nudge(this.rqs[p.cpu]!);
  }

  /** Something that an idle visit on `rq` may have waited for has happened. */
  private nudge(rq: RunQueue): void {
    if (this.hasGaps && rq.curr === rq.idle && rq.nrQueued > 0) this.resched(rq);
  }

  /**
   * `p` is still queued. `here`: it can run where it is. `gone`: it was away, has left the queue, and needs a full wake-up.
   * `later`: it is away and stays until it is picked and sent home.
   */
  private wakeQueued(rq: RunQueue, p: Task): 'here' | 'gone' | 'later' {
    if (p.schedDelayed) {
      this.enqueue(rq, p, ENQUEUE_WAKEUP | ENQUEUE_DELAYED);
      p.schedDelayed = false;
    }
    if (!p.isBlocked || p.cpu === p.wakeCpu) return 'here';
    if (this.resolver.staysAway?.(p) === true) {
      this.setTaskCpu(p, p.cpu); // at home from now on, and its reference is as little touched as there
      return 'here';
    }
    p.blockedOn = null;
    if (p === rq.curr) {
      this.setTaskCpu(p, p.cpu);
      return 'here';
    }
    if (this.resolver.defersReturn === true) {
      p.state = 'waking';
      return 'later';
    }
    if (p === rq.donor) {
      this.proxyResetDonor(rq);
      this.resched(rq);
    }
    this.deactivate(rq, p, DEQUEUE_MIGRATE);
    return 'gone';
  }

  private woken(rq: RunQueue, p: Task, flags: number): void {
    if (p.wakePending) this.inFlight.awake(p);
    p.isBlocked = false;
    p.state = 'running';
    this.noteChange(rq);
    this.trace.schedWakeup(this.queue.now, p);
    if (!p.jobTold) this.tellJob(p);
    this.spend(rq, this.costsOf(p.sched.cls).wakeUp);
    this.checkPreempt(rq, p, flags);
    if (!rq.needResched) for (const b of this.afterWakeup) b.afterWakeup!(rq, p);
    this.resolver.onWakeup?.(p);
  }

  checkPreempt(rq: RunQueue, p: Task, flags: number): void {
    this.noteIdle(rq); // one that was put aside may be back
    const { cls } = p.sched;
    const donorCls = rq.donor.sched.cls;
    if (p === rq.donor) {
      // The donor against itself: nothing to preempt, so whoever runs in its name goes on (`proxy-execution.md` 24).
      if (this.resolver.wakeDonorPreempts === true && p !== rq.curr) this.resched(rq);
    } else if (cls === donorCls) {
      if (cls.wakeupPreempt(rq, p, flags)) this.resched(rq);
    } else if (this.rank(cls) < this.rank(donorCls)) {
      this.resched(rq);
    }
    if (rq.donor === rq.idle && rq.needResched) rq.clockRead = this.queue.now;
  }

  /** `from`: the CPU that wakes, starts or moves `p`. */
  selectRq(p: Task, prev: CpuId, flags: number, from: CpuId): CpuId {
    if (p.exec.cpusAllowed.size === 0) this.breakAffinity(p, prev);
    const { cpusAllowed } = p.exec;
    if (cpusAllowed.size === 1) return cpusAllowed.first() as CpuId;
    const cpu = p.sched.cls.selectTaskRq?.(p, prev, flags, from) ?? prev;
    return cpusAllowed.has(cpu) ? cpu : (cpusAllowed.first() as CpuId);
  }

  /** As `select_fallback_rq` does in the end: nothing that it asked for is there, so anywhere, and for good. */
  private breakAffinity(p: Task, cpu: CpuId): void {
    p.exec.cpusAsked = CpuSet.all(this.rqs.length);
    p.exec.cpusAllowed = this.present(p.exec.cpusAsked);
    this.trace.affinityLost(this.queue.now, p, cpu);
  }

  /** Those of `asked` that are there: `asked` itself if all are. */
  present(asked: CpuSet): CpuSet {
    const { online } = this;
    if (online.size === online.nrCpus) return asked;
    const allowed = new CpuSet(asked.nrCpus);
    for (let cpu = asked.firstIn(online); cpu >= 0; cpu = asked.nextIn(cpu, online)) allowed.add(cpu as CpuId);
    return allowed;
  }

  setTaskCpu(p: Task, cpu: CpuId): void {
    // Whether its scheduling context was away meanwhile does not matter: it never executed there.
    if (cpu !== p.wakeCpu) p.exec.stall += this.machine.costs.migration;
    if (cpu !== p.cpu && p.onRq !== 'queued') p.sched.cls.migrateTaskRq?.(p, cpu);
    p.cpu = cpu;
    p.wakeCpu = cpu;
  }

  // --- what operations do -------------------------------------------------------------------------------------------------

  /** `p`, running, sleeps until `at`, or until somebody wakes it (−1). */
  sleep(p: Task, at: Nanos): void {
    this.endJob(p);
    p.state = 'sleeping';
    if (at >= 0) this.queue.arm(p.wakeTimer!, at + this.machine.costs.timer);
    this.resched(this.rqs[p.cpu]!);
  }

  /** The job of `p` that a timer released is done. The first user's own release starts the timer. */
  endOfJob(p: Task, op: Extract<Op, { op: 'timer' }>): void {
    const timer = this.timers[op.timer]!;
    if (timer.next < 0) timer.next = Math.max(0, p.release);
    this.endJob(p);
  }

  waitForRelease(p: Task, op: Extract<Op, { op: 'timer' }>): void {
    const timer = this.timers[op.timer]!;
    const { now } = this.queue;
    timer.next += op.period;
    p.nextRelease = timer.next;
    p.nextDeadline = op.period;
    if (now < timer.next) return this.sleep(p, timer.next);
    if (op.mode === 'relative') timer.next = now;
    this.takeJob(p);
    this.tellJob(p);
    if (p.sched.cls.nextJob === undefined) return;
    const rq = this.rqs[p.cpu]!;
    this.charge(rq);
    p.sched.cls.nextJob(rq, p);
  }

  /** The next job becomes the one in hand. */
  private takeJob(p: Task): void {
    p.release = p.nextRelease >= 0 ? p.nextRelease : this.queue.now;
    const relative = p.deadline > 0 ? p.deadline : p.nextDeadline;
    p.jobDeadline = relative > 0 ? p.release + relative : -1;
    p.nextRelease = -1;
    p.nextDeadline = 0;
    p.jobTold = false;
  }

  private tellJob(p: Task): void {
    p.jobTold = true;
    this.trace.jobRelease(this.queue.now, p, p.release, p.jobDeadline);
  }

  private endJob(p: Task): void {
    if (p.release < 0) return;
    this.trace.jobDone(this.queue.now, p, p.release);
    p.release = -1;
  }

  yield(rq: RunQueue): void {
    this.charge(rq);
    rq.donor.sched.cls.yieldTask?.(rq);
    rq.yielded = true;
    this.resched(rq);
  }

  exit(p: Task): void {
    this.endJob(p);
    p.state = 'dead';
    this.alive--;
    this.trace.taskExit(this.queue.now, p);
    this.resched(this.rqs[p.cpu]!);
  }

  fork(spec: number, parent: Task): void {
    const template = this.scenario.tasks[spec]!;
    const nth = this.tasks.filter((t) => t.comm.startsWith(`${template.comm}-`)).length;
    const p = this.makeTask({ ...template, forked: true }, `${template.comm}-${nth}`, NEVER);
    p.cpu = p.wakeCpu = parent.cpu;
    this.start(p, true, parent);
  }

  /** The task that a scenario's task is; of a template there is none. */
  taskOf(spec: number): Task {
    const { comm } = this.scenario.tasks[spec]!;
    const found = this.tasks.find(p => p.comm === comm);
    assert(found !== undefined, 'K112', () => `"${comm}" is a template, not a task`);
    return found!;
  }

  /** `renice` to the nice it has does nothing (`set_user_nice`); `sched_setattr` takes the task out and puts it back in any case. */
  changePolicy(p: Task, change: PolicyChange): void {
    const policy = changedPolicy(p.sched.policy, change);
    if (policy === p.sched.policy) return;
    const save = change.slice === undefined ? DEQUEUE_SAVE : DEQUEUE_SAVE | DEQUEUE_MOVE;
    this.setPolicy(p, policy, save, change.kind !== undefined || change.slice !== undefined);
  }

  /** `save`: how it is taken out, where it stays in its class. `always`: even where it has that policy. */
  setPolicy(p: Task, policy: Policy, save = 0, always = false): void {
    const { policy: before } = p.sched;
    const own = this.classFor(before);
    const to = this.classFor(policy);
    if (!always && own === to && samePolicy(policy, before)) return;
    // Raised into another class it has nothing to keep in the one it leaves.
    if (own !== to) p.ownEntity = null;
    p.sched.policy = policy;
    const moves = kernelPrio(before) === kernelPrio(policy) ? DEQUEUE_SAVE : DEQUEUE_SAVE | DEQUEUE_MOVE;
    this.rankAs(p, p.inherits, save !== 0 ? save : moves);
    this.resolver.onRankChange?.(p);
  }

  inherit(p: Task, from: SchedContext | null): boolean {
    return this.rankAs(p, from, 0);
  }

  rankMoved(p: Task): void {
    if (p.waitsIn !== null) this.resolver.onRankChange?.(p);
  }

  /** Class, entity and priority that follow from the policy of `p` and from whom it inherits. `save` not 0: the policy is another, and that is how. */
  private rankAs(p: Task, from: SchedContext | null, save: number): boolean {
    const { sched } = p;
    const own = this.classFor(sched.policy);
    const ownPrio = kernelPrio(sched.policy);
    const rank = from?.cls.inherit === undefined ? NEVER : this.rank(from.cls) - this.rank(own);
    const to = rank < 0 ? from!.cls : own;
    const prio = rank < 0 ? from!.prio : rank === 0 ? Math.min(from!.prio, ownPrio) : ownPrio;
    const { cls: before, prio: prioBefore } = sched;
    const inherits = from !== null || p.inherits !== null;
    let moved = to !== before || prio !== prioBefore;
    if (!moved && save === 0 && (to.inherit === undefined || !inherits)) {
      p.inherits = from;
      return false;
    }
    const raised = to === before ? prioBefore - prio : NEVER;
    this.change(p, raised, prio > prioBefore, () => {
      sched.prio = prio;
      if (to !== before) this.enterClass(p, to, own);
      if (inherits && to.inherit?.(p, rank <= 0 ? from : null) === true) moved = true;
      p.inherits = from;
    }, save);
    const rq = this.rqs[p.cpu]!;
    if (to !== before) to.switchedTo?.(rq, p);
    // The priority does not say all of a place (deadlines): `change` has asked nobody to make way.
    if (moved && raised === 0 && p.onRq === 'queued') {
      if (rq.donor === p) this.resched(rq);
      else this.checkPreempt(rq, p, 0);
    }
    return moved;
  }

  /** The entity in its own class survives an inherited stay elsewhere: it comes back with the lag, slice or budget it had. */
  private enterClass(p: Task, to: SchedClass, own: SchedClass): void {
    const { sched } = p;
    sched.cls.switchedFrom?.(this.rqs[p.cpu]!, p);
    if (sched.cls === own) p.ownEntity = sched.entity;
    sched.cls = to;
    sched.entity = to === own && p.ownEntity !== null ? p.ownEntity : to.entity(p);
    if (to === own) p.ownEntity = null;
  }

  setGroup(p: Task, group: TaskGroup): void {
    this.change(p, 0, false, () => {
      p.sched.group = group;
    }, DEQUEUE_SAVE | DEQUEUE_MOVE);
  }

  /**
   * Other CPUs for `p`, not by itself. Who may run where it is stays; who runs where it may not leaves with the next pick, who is
   * queued to run leaves now. A waiter stays queued as a context, and has another home to come back to (`proxy-execution.md` 8.4).
   */
  setAffinity(p: Task, asked: CpuSet): void {
    const cpus = this.present(asked);
    if (cpus.size === 0) return; // EINVAL
    p.exec.cpusAsked = asked;
    if (p.onRq === 'migrating') this.inFlight.hasten(p);
    const rq = this.rqs[p.cpu]!;
    const runnable = p.state === 'running' && p.onRq === 'queued';
    if (runnable && p !== rq.curr && p !== rq.donor) {
      this.change(p, 0, false, () => (p.exec.cpusAllowed = cpus), DEQUEUE_SAVE);
      if (!cpus.has(p.cpu)) this.moveAway(rq, p);
      return;
    }
    p.exec.cpusAllowed = cpus;
    if (runnable) {
      if (cpus.has(p.cpu)) return;
      if (p === rq.curr) return this.resched(rq);
      this.proxyResetDonor(rq); // it has been handed its lock, and somebody still runs for it
      this.resched(rq);
      return this.moveAway(rq, p);
    }
    if (!cpus.has(p.wakeCpu)) {
      const home = cpus.has(p.cpu) ? p.cpu : (cpus.first() as CpuId);
      if (p.onRq === 'no' && p.cpu === p.wakeCpu) {
        this.trace.schedMigrate(this.queue.now, p, p.cpu, home, 'affinity');
        this.setTaskCpu(p, home);
      }
      p.wakeCpu = home;
    }
    if (p.state === 'waking' && p.onRq === 'queued') this.sendHome(p);
  }

  /** `p` is queued, able to run, and may not run there: to where it may, before anything else is picked. */
  moveAway(rq: RunQueue, p: Task): void {
    this.deactivate(rq, p, DEQUEUE_MIGRATE);
    const to = this.selectRq(p, p.cpu, 0, p.cpu);
    this.trace.schedMigrate(this.queue.now, p, rq.cpu, to, 'affinity');
    this.setTaskCpu(p, to);
    this.send(p, this.gaps.migration);
  }

  /**
   * Takes `p` out, changes it, puts it back: the donor role and a place in the queue survive. `raised`: by how much its
   * priority rises (below zero: falls), `NEVER` when it changes class. Only then is anyone asked to make way. `head`: it comes
   * back in front of its new equals. `save`: what else there is to `DEQUEUE_SAVE`. Who waits for a lock on the queue leaves it
   * first, and is woken by the lock (`proxy-execution.md` 8.4).
   */
  private change(p: Task, raised: number, head: boolean, apply: () => void, save: number): void {
    if (p.onRq === 'migrating') this.inFlight.hasten(p);
    // Woken already, it only waits to be sent home: nobody would wake it again.
    if (p.onRq === 'queued' && p.state === 'waking') this.sendHome(p);
    const rq = this.rqs[p.cpu]!;
    if (p.onRq === 'queued' && p.isBlocked && !p.schedDelayed) this.leaveBlocked(rq, p);
    const donor = rq.donor === p;
    if (p.onRq === 'queued') this.charge(rq);
    if (p.schedDelayed && raised === NEVER) this.finishDelayed(rq, p);
    const queued = p.onRq === 'queued';
    const from = p.sched.cls;
    if (queued) {
      from.dequeueTask(rq, p, raised === NEVER ? 0 : save | DEQUEUE_SAVE);
      if (donor) from.putPrevTask?.(rq, p, null);
    }
    apply();
    if (!queued) {
      if (p.sched.cls === from) from.policyChanged?.(p);
      return;
    }
    const to = p.sched.cls;
    if (to !== from) rq.nrByClass[this.rank(from)]!--;
    to.enqueueTask(rq, p, head ? ENQUEUE_RESTORE | ENQUEUE_HEAD : ENQUEUE_RESTORE);
    if (to !== from) this.countIn(rq, to);
    if (donor) {
      to.setNextTask?.(rq, p, false);
      if (raised < 0 || raised === NEVER) this.resched(rq);
    } else if (raised !== 0) {
      this.checkPreempt(rq, p, 0);
    }
    this.armSlice(rq);
  }

  private leaveBlocked(rq: RunQueue, p: Task): void {
    p.blockedOn = null;
    this.donateNoMore(rq, p);
    this.blockOffQueue(rq, p);
    if (p.schedDelayed) this.finishDelayed(rq, p);
    this.resched(rq);
  }

  // --- moving -----------------------------------------------------------------------------------------------------------

  isMovable(p: Task): boolean {
    if (p.onRq !== 'queued' || p.schedDelayed || (p.isBlocked && this.resolver.movesBlocked !== true)) return false;
    const rq = this.rqs[p.cpu]!;
    return p !== rq.curr && p !== rq.donor;
  }

  reach(p: Task): Reach {
    if (!p.isBlocked || this.resolver.reach === undefined) return this.isMovable(p) ? p.exec.cpusAllowed : null;
    const rq = this.rqs[p.cpu]!;
    return p.onRq === 'queued' && !p.schedDelayed && p !== rq.curr && p !== rq.donor ? this.resolver.reach(p) : null;
  }

  private mayGo(p: Task, cpu: CpuId): boolean {
    const where = this.reach(p);
    return where === 'anywhere' || where?.has(cpu) === true;
  }

  move(p: Task, to: RunQueue, why: MoveReason): void {
    const from = this.rqs[p.cpu]!;
    const movable = why === 'balance' && p.schedDelayed ? p.exec.cpusAllowed.has(to.cpu) : this.mayGo(p, to.cpu);
    assert(why === 'proxy' || movable, 'K107', () => `${String(p)} may not be moved to CPU ${to.cpu}`);
    assert(from !== to && p !== from.curr, 'K108', () => `${String(p)} runs on CPU ${from.cpu} and cannot be moved`);
    if (from.donor === p) this.resetDonor(from);
    this.deactivate(from, p, DEQUEUE_MIGRATE);
    this.trace.schedMigrate(this.queue.now, p, from.cpu, to.cpu, why);
    this.watch.moved(p);
    // A sleeper whose dequeue is delayed goes as load, and has its home there.
    if (why === 'proxy' || (p.isBlocked && !p.schedDelayed && this.resolver.movesBlocked !== true)) p.cpu = to.cpu;
    else this.setTaskCpu(p, to.cpu);
    // Push and pull hold the locks of both queues.
    this.send(p, why === 'push' || why === 'pull' ? 0 : this.gaps.migration);
  }

  /** `p`, just taken off another queue, goes to that of `p.cpu`, where it arrives after `gap`. */
  send(p: Task, gap: Nanos): void {
    if (gap === 0) return this.join(this.rqs[p.cpu]!, p);
    p.onRq = 'migrating';
    this.inFlight.land(p, gap);
  }

  private join(rq: RunQueue, p: Task): void {
    this.activate(rq, p, ENQUEUE_MIGRATED);
    this.checkPreempt(rq, p, 0);
  }

  moveRunning(rq: RunQueue, to: RunQueue, why: MoveReason): void {
    const p = rq.curr;
    assert(p !== rq.idle && !p.isBlocked && p.onRq === 'queued', 'K113', () => `nobody on CPU ${rq.cpu} can be moved while running`);
    assert(p.exec.cpusAllowed.has(to.cpu), 'K107', () => `${String(p)} may not be moved to CPU ${to.cpu}`);
    // Somebody else may run in whose name it would be: then the role is left too, as at any switch.
    if (rq.donor !== rq.idle) this.resetDonor(rq);
    this.deactivate(rq, p, DEQUEUE_MIGRATE);
    this.trace.schedMigrate(this.queue.now, p, rq.cpu, to.cpu, why);
    this.setTaskCpu(p, to.cpu);
    this.activate(to, p, ENQUEUE_MIGRATED);
    this.checkPreempt(to, p, 0);
  }

  /** A class with one queue for all CPUs picked `p` for `rq`: it never leaves that queue, only the count of another CPU. */
  bring(rq: RunQueue, p: Task): void {
    const from = this.rqs[p.cpu]!;
    assert(p.onRq === 'queued' && p !== from.curr && p !== from.donor, 'K112', () => `${String(p)} was picked for CPU ${rq.cpu} and is in use on CPU ${from.cpu}`);
    assert(p.isBlocked || p.exec.cpusAllowed.has(rq.cpu), 'K107', () => `${String(p)} may not be moved to CPU ${rq.cpu}`);
    const rank = this.rank(p.sched.cls);
    from.nrQueued--;
    from.nrByClass[rank]!--;
    rq.nrQueued++;
    rq.nrByClass[rank]!++;
    this.noteIdle(from);
    this.noteIdle(rq);
    this.trace.schedMigrate(this.queue.now, p, from.cpu, rq.cpu, p.isBlocked ? 'proxy' : 'pull');
    if (p.isBlocked) p.cpu = rq.cpu;
    else this.setTaskCpu(p, rq.cpu);
  }

  onCycle(rq: RunQueue, cycle: readonly Task[]): boolean {
    return this.watch.onCycle(rq, cycle);
  }

  onEndless(rq: RunQueue, pick: Task): void {
    this.watch.inVain(rq, pick, 0, rq.nrQueued);
  }

  // --- making things ------------------------------------------------------------------------------------------------------

  /** Where in its program `p` is, for messages. */
  where(p: Task): { now: Nanos; task: string; pc: number; src: number | undefined } {
    return { now: this.queue.now, task: p.comm, pc: p.exec.pc, src: p.exec.program.ops[p.exec.pc]?.src };
  }

  classFor(policy: Policy): SchedClass {
    const cls = policy.kind === 'custom' ? this.classes.find((c) => c.name === policy.class) : this.byKind.get(policy.kind);
    if (cls === undefined) throw broken('K109', `no class serves policy ${policy.kind}; wiring should have found that`);
    return cls;
  }

  private makeMutexes(others: readonly LockRules[]): Mutex[] {
    const { 'mutex.woundClears': clears } = readOptions(coreOptions, this.scenario.options);
    const own = [new MutexRules(this), new RwSemaphoreRules(this), new WaitWoundRules('wait-die', this, clears), new WaitWoundRules('wound-wait', this, clears)];
    const kinds = new Map([...own, ...others].map((rules): [string, LockRules] => [rules.kind, rules]));
    return this.scenario.mutexes.map(({ name, kind = 'mutex' }, id) => {
      const rules = kinds.get(kind);
      if (rules === undefined) throw broken('K111', `no rules for a lock of kind ${kind}; wiring should have found that`);
      return new Mutex(id, name, rules);
    });
  }

  private makeRq(cpu: CpuId): RunQueue {
    const { queue } = this;
    const idle = this.newTask(0 as Pid, `swapper/${cpu}`, DEFAULT_POLICY, this.idleClass, { ops: [] }, [cpu], 0, 0, null);
    idle.state = 'running';
    const place = { cpu };
    const rq: RunQueue = new RunQueue(cpu, idle, this.classes.length, this.topology.capacity[cpu]!, {
      opDone: queue.timer(`opDone/${cpu}`, RANK_OP, () => this.exec.opDone(rq), cpu, place),
      slice: queue.timer(`slice/${cpu}`, RANK_POLICE, () => this.sliceEnd(rq), cpu, place),
      tick: queue.timer(`tick/${cpu}`, RANK_POLICE, () => this.tick(rq), cpu, place),
      pass: queue.timer(`pass/${cpu}`, RANK_PASS, () => this.pass(rq), cpu, place),
    });
    idle.cpu = idle.wakeCpu = cpu;
    return rq;
  }

  private makeTask(spec: TaskSpec, comm: string, start: Nanos): Task {
    const { policy } = spec;
    const deadline = spec.deadline ?? (policy.kind === 'deadline' ? policy.deadline : 0);
    const pid = (this.tasks.length + 1) as Pid;
    const p = this.newTask(pid, comm, policy, this.classFor(policy), spec.program, spec.cpus, spec.group, deadline, (task) =>
      this.queue.timer(`wake/${comm}`, RANK_WAKE, () => {
        if (task.state === 'new') this.start(task, spec.forked === true, null);
        else this.wakeUp(task, null);
      }, pid, task),
    );
    if (spec.cpu !== undefined && p.exec.cpusAllowed.has(spec.cpu as CpuId)) p.cpu = p.wakeCpu = spec.cpu as CpuId;
    else if (spec.cpu === undefined && SHARING.has(policy.kind)) p.cpu = p.wakeCpu = homeOf(p.exec.cpusAllowed, pid);
    p.nextRelease = start === NEVER ? -1 : start;
    // The first job ends at the first timer, so that its period is what the job has.
    for (const op of spec.program.ops) {
      if (op.op !== 'timer') continue;
      p.nextDeadline = op.period;
      break;
    }
    this.tasks.push(p);
    this.alive++;
    this.queue.arm(p.wakeTimer!, start === NEVER ? NEVER : start + this.machine.costs.timer);
    return p;
  }

  private newTask(
    pid: Pid, comm: string, policy: Policy, cls: SchedClass, program: ExecContext['program'], cpus: readonly number[] | undefined, group: number,
    deadline: Nanos, makeTimer: ((p: Task) => Timer) | null,
  ): Task {
    const { cpus: nrCpus } = this.machine;
    const cpusAsked = cpus === undefined ? CpuSet.all(nrCpus) : CpuSet.of(nrCpus, cpus);
    const exec: ExecContext = {
      program, pc: 0, opLeft: 0, phase: 'begin', until: 0, jumps: new Int32Array(program.ops.length), stall: 0, cpusAsked, cpusAllowed: this.present(cpusAsked), ran: 0, spun: 0, held: 0, context: null, signalPending: false,
      refusal: null, refusedAt: 0, section: 0, sectionInContext: false, undo: 'no',
    };
    const sched = { cls, entity: NO_ENTITY, policy, prio: kernelPrio(policy), group: this.groups[group]! };
    const p = new Task(pid, comm, sched, exec, deadline, cpusAsked.first() as CpuId, makeTimer);
    sched.entity = cls.entity(p);
    return p;
  }

  /** A task runs for the first time: as a new one, or as one that was asleep until now. */
  private start(p: Task, forked: boolean, parent: Task | null): void {
    const flags = forked ? WAKE_FORK : WAKE_TTWU;
    this.trace.schedWaking(this.queue.now, p, parent, forked);
    this.takeJob(p);
    p.cpu = p.wakeCpu = this.selectRq(p, p.cpu, flags, parent === null ? p.cpu : parent.cpu);
    const rq = this.rqs[p.cpu]!;
    if (!forked) p.exec.stall += this.machine.costs.sysReturn; // from the wait for its start
    this.activate(rq, p, forked ? ENQUEUE_INITIAL : ENQUEUE_WAKEUP);
    this.woken(rq, p, flags);
  }

  private armBalancers(): void {
    for (const b of this.balancers) {
      const { period } = b;
      if (b.periodic === undefined || period === undefined) continue;
      for (const rq of this.rqs) {
        const timer = this.queue.timer(`${b.name}/${rq.cpu}`, RANK_BALANCE, () => {
          this.queue.arm(timer, this.queue.now + period);
          if (this.online.has(rq.cpu)) b.periodic!(rq);
        }, rq.cpu);
        this.queue.arm(timer, period);
      }
    }
  }
}

/** Policies whose tasks are spread when they are made. */
const SHARING: ReadonlySet<PolicyKind> = new Set(['normal', 'batch', 'idle']);

/** Where a task that is told nothing slept before its start: who made them placed one after another on their CPUs. */
function homeOf(cpusAllowed: CpuSet, pid: Pid): CpuId {
  let cpu = cpusAllowed.first();
  for (let n = (pid - 1) % cpusAllowed.size; n > 0; n--) cpu = cpusAllowed.next(cpu);
  return cpu as CpuId;
}

/** Stands in until the class has made the real one, which needs the task. */
const NO_ENTITY = { owner: null as unknown as Task };

function makeGroups(scenario: Scenario): readonly TaskGroup[] {
  const groups: TaskGroup[] = [];
  if (scenario.groups.length === 0) return [new TaskGroup(0, '/', 1024, null)];
  scenario.groups.forEach((g, id) => groups.push(new TaskGroup(id, g.name, g.weight, id === 0 ? null : groups[g.parent]!, g.bandwidth ?? null)));
  return groups;
}

/** Nothing is left for a waker to do. */
function isAwake({ state }: Task): boolean {
  return state === 'running' || state === 'waking' || state === 'dead';
}

/** Flat records of the same kind; `params` of a class of its own count as different, it may mean anything by them. */
function samePolicy(a: Policy, b: Policy): boolean {
  const x = Object.entries(a);
  return a.kind === b.kind && x.length === Object.keys(b).length && x.every(([key, value]) => (b as Record<string, unknown>)[key] === value);
}
