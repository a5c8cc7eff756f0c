import {
  CpuRotor,
  CpuSet,
  DEFAULT_POLICY,
  DEQUEUE_SLEEP,
  ENQUEUE_INITIAL,
  ENQUEUE_RESTORE,
  ENQUEUE_WAKEUP,
  NEVER,
  payer,
  RANK_SUPPLY,
  readOptions,
  WAKE_TTWU,
  type CheckReport,
  type CpuId,
  type DumpWriter,
  type Kernel,
  type Nanos,
  type OptionValue,
  type Reach,
  type RunQueue,
  type SchedClass,
  type SchedContext,
  type SchedEntity,
  type Task,
  type Timer,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { RootDomain, validate } from './admission.js';
import { mustWaitForPeriod, newInstance, nextPeriod, replenish, updateAtWakeup, zeroLag } from './cbs.js';
import { checkDeadlines } from './check.js';
import { CpuDeadlines } from './cpudl.js';
import { DlEntity, dlEntity, type WakeUpRule } from './dl-entity.js';
import { DlRunQueue } from './dl-run-queue.js';
import { badParameters } from './errors.js';
import { FairServer, type ServerQueue } from './fair-server.js';
import { consumed, depletionRate, lasts } from './grub.js';
import { deadlineOptions } from './options.js';

/**
 * Earliest deadline first, each task inside a constant-bandwidth server, and on each CPU a server for the class below that more
 * urgent work would starve (`rt-and-deadline.md` 8 to 12).
 */
@Injectable()
export class DeadlineClass implements SchedClass, ServerQueue {
  readonly name = 'deadline';
  readonly policies = ['deadline'] as const;
  readonly overloaded: CpuSet;
  private readonly queues: DlRunQueue[] = [];
  /** By CPU; empty without servers. */
  private readonly servers: FairServer[] = [];
  /** Those who have the class, or have left it and still hold bandwidth. */
  private readonly entities = new Map<Task, DlEntity>();
  /** Those who are here by inheritance alone, without a reservation. */
  private readonly guests = new Set<DlEntity>();
  private readonly cpudl: CpuDeadlines;
  private readonly rotor: CpuRotor;
  private readonly domain: RootDomain;
  private readonly recharges: boolean;
  private readonly serverRuntime: Nanos;
  private readonly serverPeriod: Nanos;
  private readonly serverIdle: boolean;
  private readonly wakeUp: WakeUpRule;

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const o = readOptions(deadlineOptions, given);
    const { cpus } = kernel.machine;
    this.domain = new RootDomain(cpus, o['deadline.limit'], o['deadline.admission']);
    this.recharges = o['deadline.exhaustion'] === 'recharge';
    this.wakeUp = o['deadline.wakeUp'] as WakeUpRule;
    this.serverRuntime = o['deadline.serverRuntime'];
    this.serverPeriod = o['deadline.serverPeriod'];
    this.serverIdle = o['deadline.serverIdle'];
    this.cpudl = new CpuDeadlines(cpus);
    this.rotor = new CpuRotor(cpus);
    this.overloaded = new CpuSet(cpus);
  }

  init(rq: RunQueue): void {
    const queue = new DlRunQueue(rq);
    this.queues[rq.cpu] = queue;
    if (this.serverRuntime <= 0) return;
    const params = { runtime: this.serverRuntime, deadline: this.serverPeriod, period: this.serverPeriod };
    const timers = {
      timer: this.timer(`server/${rq.cpu}`, () => server.timeout()),
      inactiveTimer: this.timer(`serverZeroLag/${rq.cpu}`, () => this.inactive(server)),
    };
    const server: FairServer = new FairServer(this.kernel, rq, this, this.kernel.classFor(DEFAULT_POLICY), params, timers, this.serverIdle);
    this.servers[rq.cpu] = server;
    this.domain.admit(`server/${rq.cpu}`, server.dlBw);
    queue.attach(server);
  }

  /** Who returns before its 0-lag time finds what it left. */
  entity(task: Task): SchedEntity {
    const { policy } = task.sched;
    if (policy.kind === 'custom' && policy.class === this.name) throw badParameters(task.comm, `policy "${policy.kind}"`);
    if (policy.kind !== 'deadline') return this.guest(task);
    const known = this.entities.get(task);
    if (known !== undefined) {
      this.kernel.queue.disarm(known.inactiveTimer);
      this.setPolicy(task, known);
      return known;
    }
    validate(task.comm, policy);
    const timer = this.timer(`replenish/${task.comm}`, () => this.replenished(task));
    const inactiveTimer = this.timer(`zeroLag/${task.comm}`, () => this.inactive(e));
    const e: DlEntity = new DlEntity(task, policy, timer, inactiveTimer);
    e.wakeUp = this.wakeUp;
    this.domain.admit(task.comm, e.dlBw);
    this.entities.set(task, e);
    return e;
  }

  /** Here by inheritance: `inherit` follows. */
  private guest(task: Task): DlEntity {
    const never = this.timer(`guest/${task.comm}`, () => undefined);
    const e = new DlEntity(task, { runtime: 0, deadline: 0, period: 0 }, never, never);
    this.guests.add(e);
    return e;
  }

  /**
   * Fact sheet 13: without a reservation of its own it gets an instance of the waiter's parameters, as if released now. With one
   * that is later than the waiter it keeps its deadline while its budget lasts; a throttle ends.
   */
  inherit(p: Task, from: SchedContext | null): boolean {
    const e = dlEntity(p);
    const { now } = this.kernel.queue;
    const { deadline } = e;
    const waiter = from === null ? null : (from.entity as DlEntity);
    const reserved = p.sched.policy.kind === 'deadline';
    e.pi = waiter === null || (reserved && waiter.deadline >= e.deadline) ? e : waiter.pi;
    if (!e.boosted) return false;
    this.kernel.queue.disarm(e.timer);
    if (reserved) replenish(e, now);
    else newInstance(e, now);
    e.throttled = false;
    return e.deadline !== deadline;
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = dlEntity(p);
    const { deadline } = e;
    this.enqueueEntity(rq, e, flags);
    if (e.deadline !== deadline) this.kernel.rankMoved(p);
  }

  private enqueueEntity(rq: RunQueue, e: DlEntity, flags: number): void {
    const p = e.owner;
    const { now } = this.kernel.queue;
    e.queued = true;
    this.queues[rq.cpu]!.nrQueued++;
    if ((flags & ENQUEUE_RESTORE) !== 0) this.setPolicy(p, e);
    this.contending(e, rq);
    this.noteOverload(rq);
    if (e.throttled) return;
    if ((flags & (ENQUEUE_WAKEUP | ENQUEUE_INITIAL)) !== 0 || e.deadline < 0) {
      if (mustWaitForPeriod(e, now)) {
        e.runtime = Math.min(e.runtime, 0);
        return this.throttle(e);
      }
      this.mark(updateAtWakeup(e, now), e);
    } else if ((flags & ENQUEUE_RESTORE) !== 0 && e.deadline < now) {
      newInstance(e, now);
      this.mark('newDeadline', e);
    }
    // The revised rule, or a return to the class, may leave nothing: an exact timer cannot police a budget of 0 ns.
    if (e.runtime <= 0) return this.throttle(e);
    this.add(e);
    if ((flags & ENQUEUE_RESTORE) !== 0) this.restored(rq, p, e);
  }

  /** Who waits for a budget. */
  nrAside(cpu: CpuId): number {
    const { nrQueued, tree } = this.queues[cpu]!;
    return nrQueued - tree.size + (this.servers[cpu]?.inTree === true ? 1 : 0);
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = dlEntity(p);
    e.queued = false;
    this.queues[rq.cpu]!.nrQueued--;
    if (e.inTree) this.remove(e);
    if ((flags & DEQUEUE_SLEEP) !== 0) this.nonContending(e);
    this.noteOverload(rq);
  }

  /** A server that leads, and whose class has nothing, stops. */
  settle(rq: RunQueue): void {
    const server = this.servers[rq.cpu];
    if (server === undefined || !server.inTree || this.queues[rq.cpu]!.tree.first() !== server) return;
    server.served.settle?.(rq);
    if (server.served.pickTask(rq) === null) server.stop('pickFindsNothing');
  }

  pickTask(rq: RunQueue): Task | null {
    const { tree } = this.queues[rq.cpu]!;
    const first = tree.first();
    if (first === null || !(first instanceof FairServer)) return first?.owner ?? null;
    const served = first.served.pickTask(rq);
    if (served !== null || tree.size === 1) return served;
    for (const e of tree) if (e !== first) return e.owner;
    return null;
  }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    this.updateRunner(rq, rq.donor, delta);
  }

  updateRunner(rq: RunQueue, p: Task, delta: Nanos): void {
    const e = dlEntity(p);
    e.runtime -= e.policy.reclaim === true ? consumed(delta, depletionRate(e, this.queues[rq.cpu]!, this.domain)) : delta;
    if (e.runtime > 0 || e.throttled || !e.inTree) return;
    if (e.policy.overrun === true) this.mark('overrun', e);
    this.exhausted(rq, e);
  }

  serverStart(rq: RunQueue, cls: SchedClass): void {
    const server = this.servers[rq.cpu];
    if (server?.served === cls) server.start();
  }

  serverUpdate(rq: RunQueue, delta: Nanos): void {
    const server = this.servers[rq.cpu];
    if (server === undefined) return;
    if (rq.donor === rq.idle) server.update(delta, rq.nrQueued === 0);
    else if (payer(rq, this.kernel.charging).sched.cls === server.served) server.update(delta, false);
  }

  serverLeft(rq: RunQueue): Nanos {
    const server = this.servers[rq.cpu];
    return server !== undefined && server.inTree && payer(rq, this.kernel.charging).sched.cls === server.served ? Math.max(0, server.runtime) : NEVER;
  }

  wakeupPreempt(rq: RunQueue, p: Task): boolean {
    const e = dlEntity(p);
    const donor = dlEntity(rq.donor);
    // A throttled donor has left the tree and is on its way out; a throttled task has not come yet.
    return e.inTree && (!donor.inTree || e.deadline < donor.deadline);
  }

  setNextTask(rq: RunQueue): void {
    this.queues[rq.cpu]!.hasDonor = true;
    this.noteOverload(rq);
  }

  putPrevTask(rq: RunQueue): void {
    this.queues[rq.cpu]!.hasDonor = false;
    this.noteOverload(rq);
  }

  /** On a wake-up only, and by the deadline that it had when it slept, as the kernel asks (fact sheet 11); else where it was. */
  selectTaskRq(p: Task, prev: CpuId, flags: number): CpuId {
    const { cpusAllowed } = p.exec;
    if (!cpusAllowed.has(prev)) return cpusAllowed.first() as CpuId;
    const { donor, curr } = this.kernel.rqs[prev]!;
    if ((flags & WAKE_TTWU) === 0 || donor.sched.cls !== this) return prev;
    const e = dlEntity(p);
    if (curr.exec.cpusAllowed.size > 1 && e.deadline < dlEntity(donor).deadline) return prev;
    const target = this.findRq(p, prev);
    return target < 0 ? prev : (target as CpuId);
  }

  sliceLeft(rq: RunQueue, donor: Task): Nanos {
    const e = dlEntity(donor);
    if (!e.inTree) return NEVER;
    const left = Math.max(0, e.runtime);
    return e.policy.reclaim === true ? lasts(left, depletionRate(e, this.queues[rq.cpu]!, this.domain)) : left;
  }

  /** The charge before it has done what there was to do. */
  hrtick(): void {
    // the kernel arms it again
  }

  yieldTask(rq: RunQueue): void {
    const e = dlEntity(rq.donor);
    if (!e.inTree) return;
    e.yielded = true;
    this.exhausted(rq, e);
  }

  policyChanged(p: Task): void {
    this.setPolicy(p, dlEntity(p));
  }

  /** Its timer must not find it again. What it holds is given back at its 0-lag time; (q, d) stay until then. */
  switchedFrom(_rq: RunQueue, p: Task): void {
    const e = dlEntity(p);
    const { queue } = this.kernel;
    queue.disarm(e.timer);
    e.throttled = e.yielded = false;
    e.pi = e;
    if (p.onRq === 'queued') this.nonContending(e);
    if (e.cpu >= 0) this.queues[e.cpu]!.detach(e);
    e.nonContending = false;
    if (e.inactiveTimer.at < 0) this.release(e);
  }

  /** The earliest that should go elsewhere (may go to `to`): the throttled are not in the tree, and who beats the donor stays. */
  pushable(rq: RunQueue, to?: CpuId): Task | null {
    const { tree } = this.queues[rq.cpu]!;
    if (!this.overloaded.has(rq.cpu) || (to !== undefined && tree.size < 2)) return null;
    const { donor, curr } = rq;
    for (const { owner } of tree) {
      const where = owner === rq.idle ? null : this.kernel.reach(owner);
      if (where === null || (where !== 'anywhere' && where.size < 2)) continue;
      if (to !== undefined && where !== 'anywhere' && !where.has(to)) continue;
      const beats = donor.sched.cls === this && this.compare(owner, donor) < 0;
      return beats && (to !== undefined || curr.exec.cpusAllowed.size > 1) ? null : owner;
    }
    return null;
  }

  /**
   * `find_later_rq`: a CPU without deadline work, else the one whose earliest deadline is the latest of all, if `p` beats that. A
   * chain that nobody here would execute is refused (`proxy-execution.md` 14.3).
   */
  findRq(p: Task, here: CpuId, among: Reach = p.exec.cpusAllowed): CpuId | -1 {
    const { free } = this.cpudl;
    if (among === null || among === 'anywhere' || among.size < 2) return -1;
    if (free.firstIn(among) >= 0) {
      if (free.has(p.cpu) && among.has(p.cpu)) return p.cpu;
      if (free.has(here) && among.has(here)) return here;
      return this.rotor.pick(free, among, here);
    }
    const latest = this.cpudl.latest();
    return latest >= 0 && among.has(latest as CpuId) && dlEntity(p).deadline < this.cpudl.earliest(latest as CpuId) ? latest : -1;
  }

  /** The donor has left, or its deadline has moved later. */
  needPull(rq: RunQueue, prev: Task): boolean {
    const queue = this.queues[rq.cpu]!;
    const { movedLater } = queue;
    queue.movedLater = false;
    return prev.sched.cls === this && (movedLater || prev.cpu !== rq.cpu || !dlEntity(prev).inTree);
  }

  compare(a: Task, b: Task): number {
    return dlEntity(a).deadline - dlEntity(b).deadline;
  }

  /** Not where what was admitted would not fit any more (`dl_bw_deactivate`). */
  mayLoseCpu(rq: RunQueue): boolean {
    return this.domain.canShrink(this.servers[rq.cpu]?.dlBw ?? 0);
  }

  cpuOffline(rq: RunQueue): void {
    const server = this.servers[rq.cpu];
    if (server?.started === true) server.stop('pickFindsNothing');
    this.domain.resize(-1, server?.dlBw ?? 0);
  }

  cpuOnline(rq: RunQueue): void {
    this.domain.resize(1, this.servers[rq.cpu]?.dlBw ?? 0);
  }

  check(rq: RunQueue, report: CheckReport): void {
    const { online } = this.kernel;
    if (!online.has(rq.cpu)) return;
    const servers = this.servers.filter((_, cpu) => online.has(cpu as CpuId));
    checkDeadlines(this.queues[rq.cpu]!, [...this.entities.values(), ...this.guests, ...servers], this.cpudl, this.domain, report);
  }

  dump(rq: RunQueue, out: DumpWriter): void {
    const queue = this.queues[rq.cpu]!;
    out.section(`deadline cpu ${rq.cpu}`);
    out.field('this_bw', queue.thisBw);
    out.field('running_bw', queue.runningBw);
    for (const e of queue.tree) out.row([e.owner.comm, e.deadline, e.runtime]);
  }

  // --- the queue ----------------------------------------------------------------------------------------------------------

  add(e: DlEntity): void {
    const queue = this.queues[e.cpu]!;
    queue.tree.insert(e);
    e.inTree = true;
    if (e instanceof FairServer) queue.rq.nrServers++;
    this.noteEarliest(queue);
  }

  remove(e: DlEntity): void {
    const queue = this.queues[e.cpu]!;
    queue.tree.remove(e);
    e.inTree = false;
    if (e instanceof FairServer) queue.rq.nrServers--;
    this.noteEarliest(queue);
  }

  preempt(e: DlEntity): void {
    const { rq } = this.queues[e.cpu]!;
    const { donor } = rq;
    if (donor.sched.cls === this && dlEntity(donor).inTree && dlEntity(donor).deadline <= e.deadline) return;
    if (this.kernel.rank(donor.sched.cls) >= this.kernel.rank(this)) this.kernel.resched(rq);
  }

  private noteEarliest({ rq, tree }: DlRunQueue): void {
    const first = tree.first();
    if (first === null) this.cpudl.clear(rq.cpu);
    else this.cpudl.set(rq.cpu, first.deadline);
    this.noteOverload(rq);
  }

  private noteOverload(rq: RunQueue): void {
    const queue = this.queues[rq.cpu]!;
    if (queue.tree.size > (queue.hasDonor ? 1 : 0)) this.overloaded.add(rq.cpu);
    else this.overloaded.delete(rq.cpu);
  }

  /** Budget used up, or given up: off the tree until the next period, or at once into it if that has begun. */
  private exhausted(rq: RunQueue, e: DlEntity): void {
    const { queue } = this.kernel;
    this.remove(e);
    if (nextPeriod(e) > queue.now && !e.boosted && (!this.recharges || e.yielded)) {
      this.throttle(e);
    } else {
      replenish(e, queue.now);
      this.add(e);
      this.mark('recharge', e);
      this.queues[rq.cpu]!.movedLater = true;
    }
    this.kernel.resched(rq);
  }

  private throttle(e: DlEntity): void {
    const { queue, trace } = this.kernel;
    e.throttled = true;
    queue.arm(e.timer, Math.max(queue.now, nextPeriod(e)));
    trace.classMark(queue.now, e.owner.cpu, 'throttle', e.owner, e.runtime);
    trace.classMark(queue.now, e.owner.cpu, 'until', e.owner, e.timer.at);
  }

  /** The timer of a throttled reservation: a task that sleeps gets the numbers alone. */
  private replenished(p: Task): void {
    const e = dlEntity(p);
    replenish(e, this.kernel.queue.now);
    this.mark('replenish', e);
    this.kernel.rankMoved(p);
    if (!e.queued) return;
    const rq = this.kernel.rqs[p.cpu]!;
    this.kernel.charge(rq);
    this.add(e);
    this.kernel.checkPreempt(rq, p, 0);
    // What does not run here now may run elsewhere; so may what would run here, unless it drives off a deadline task.
    for (const b of this.kernel.balancers) b.afterWakeup?.(rq, p);
  }

  /** It is back with other parameters, or from another class: all deadline tasks have the same priority, so nobody else asks. */
  private restored(rq: RunQueue, p: Task, e: DlEntity): void {
    if (p !== rq.donor) return this.preempt(e);
    if (this.queues[rq.cpu]!.tree.first()!.deadline >= e.deadline) return;
    this.queues[rq.cpu]!.movedLater = true;
    this.kernel.resched(rq);
  }

  // --- bandwidth ----------------------------------------------------------------------------------------------------------

  /** The reservation is in use on `rq` (`task_contending`); its bandwidth moves there if it counted elsewhere. */
  contending(e: DlEntity, rq: RunQueue = this.queues[e.cpu]!.rq): void {
    const contended = e.active && !e.nonContending;
    if (e.cpu >= 0 && e.cpu !== rq.cpu) this.queues[e.cpu]!.detach(e);
    const queue = this.queues[rq.cpu]!;
    if (e.cpu < 0) queue.attach(e);
    if (e.nonContending) this.kernel.queue.disarm(e.inactiveTimer);
    if (e.active && !e.nonContending) return;
    e.nonContending = false;
    queue.setActive(e, true);
    // Who only moves was in use all the time.
    if (!contended) this.say('contending', e, queue.runningBw);
  }

  /** It blocks, or stops: its bandwidth is in use until its 0-lag time (`task_non_contending`). */
  nonContending(e: DlEntity): void {
    const { queue } = this.kernel;
    if (e.dlBw === 0) return this.queues[e.cpu]!.setActive(e, false);
    const at = zeroLag(e);
    if (at >= queue.now) {
      e.nonContending = true;
      queue.arm(e.inactiveTimer, at);
      return this.say('nonContending', e, at);
    }
    this.queues[e.cpu]!.setActive(e, false);
    this.say('inactive', e, at);
    if (e.owner.state === 'dead') this.release(e);
  }

  /** The 0-lag time. */
  private inactive(e: DlEntity): void {
    const { rqs } = this.kernel;
    if (e.cpu >= 0) {
      const rq = rqs[e.cpu]!;
      this.kernel.charge(rq);
      e.nonContending = false;
      this.queues[e.cpu]!.setActive(e, false);
      this.kernel.armSlice(rq);
    }
    this.say('inactiveTimer', e, this.kernel.queue.now);
    if (!(e instanceof FairServer) && (e.owner.state === 'dead' || e.owner.sched.cls !== this)) this.release(e);
  }

  /** The bandwidth is free, and what is left of (q, d) forgotten. */
  private release(e: DlEntity): void {
    this.kernel.queue.disarm(e.timer);
    e.throttled = false;
    if (e.cpu >= 0) this.queues[e.cpu]!.detach(e);
    this.domain.release(e.dlBw);
    if (!this.guests.delete(e)) this.entities.delete(e.owner);
  }

  /** Other parameters: admitted in place of the old ones at once; what is left of (q, d) stays. */
  private setPolicy(p: Task, e: DlEntity): void {
    const { policy } = p.sched;
    if (policy.kind !== 'deadline' || policy === e.policy) return;
    validate(p.comm, policy);
    const queue = e.cpu < 0 ? null : this.queues[e.cpu]!;
    const { active, dlBw } = e;
    queue?.detach(e);
    e.setPolicy(policy);
    this.domain.admit(p.comm, e.dlBw, dlBw);
    queue?.attach(e);
    queue?.setActive(e, active);
  }

  // --- words --------------------------------------------------------------------------------------------------------------

  private timer(name: string, fire: () => void): Timer {
    return this.kernel.queue.timer(name, RANK_SUPPLY, fire);
  }

  /** What happened to (q, d): the mark with q, then d. */
  private mark(mark: string, e: DlEntity): void {
    this.say(mark, e, e.runtime);
    this.say('deadline', e, e.deadline);
  }

  private say(mark: string, e: DlEntity, value: number): void {
    const { queue, trace } = this.kernel;
    trace.classMark(queue.now, e.owner.cpu, mark, e.owner, value);
  }
}
