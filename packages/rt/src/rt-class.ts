import {
  CpuSet,
  DEQUEUE_SAVE,
  ENQUEUE_HEAD,
  ENQUEUE_RESTORE,
  floorDiv,
  NEVER,
  readOptions,
  type CheckReport,
  type CpuId,
  type DumpWriter,
  type Kernel,
  type Nanos,
  type OptionValue,
  type Reach,
  type RunQueue,
  type SchedClass,
  type SchedEntity,
  type Task,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { RT_OPTIONS } from './features.js';
import { RtBandwidth } from './rt-bandwidth.js';
import { CpuPriorities } from './cpupri.js';
import { RtEntity, rtEntity } from './rt-entity.js';
import { NR_LISTS, RtRunQueue } from './rt-run-queue.js';

/** FIFO and round robin: the most urgent list, its head (fact sheet 4 to 7). */
@Injectable()
export class RtClass implements SchedClass {
  readonly name = 'rt';
  readonly policies = ['fifo', 'rr'] as const;

  readonly overloaded: CpuSet;
  private readonly queues: RtRunQueue[] = [];
  /** By CPU: kernel priority of the best that is not its donor (`highest_prio.next`), `NR_LISTS`: nobody. */
  private readonly waiting: Uint8Array;
  private readonly cpupri: CpuPriorities;
  /** By CPU; empty without a limit. */
  private readonly limits: RtBandwidth[] = [];
  private readonly exact: boolean;
  /** A full round-robin slice: ns with exact timers, else ticks. */
  private readonly slice: number;
  private readonly runtime: Nanos;
  private readonly period: Nanos;

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const options = readOptions(RT_OPTIONS, given);
    const { hz } = kernel.machine;
    const sliceNs = options['rt.rrTimeslice'] > 0 ? options['rt.rrTimeslice'] : RT_OPTIONS['rt.rrTimeslice'].default;
    this.exact = hz === null;
    this.overloaded = new CpuSet(kernel.machine.cpus);
    this.waiting = new Uint8Array(kernel.machine.cpus).fill(NR_LISTS);
    this.cpupri = new CpuPriorities(kernel.machine.cpus);
    this.slice = hz === null ? sliceNs : floorDiv(sliceNs * hz + 1e9 - 1, 1e9);
    this.runtime = options['rt.runtime'];
    this.period = options['rt.period'];
  }

  init(rq: RunQueue): void {
    const queue = new RtRunQueue();
    this.queues[rq.cpu] = queue;
    if (this.runtime >= 0) this.limits[rq.cpu] = new RtBandwidth(this.kernel, rq, this.runtime, this.period, () => queue.nr > 0);
  }

  entity(task: Task): SchedEntity {
    return new RtEntity(task, this.slice);
  }

  /** At the tail, but: lowered by a system call, at the head; changed without effect on the priority, where it was. */
  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const queue = this.queues[rq.cpu]!;
    const e = rtEntity(p);
    const list = p.sched.prio;
    let before: RtEntity | null = null;
    if ((flags & ENQUEUE_RESTORE) !== 0 && e.savedList === list) before = e.savedNext;
    else if ((flags & ENQUEUE_HEAD) !== 0) before = queue.head(list);
    e.savedList = -1;
    e.savedNext = null;
    queue.insert(e, list, before);
    this.noteQueue(rq, queue);
    this.limits[rq.cpu]?.start();
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = rtEntity(p);
    if ((flags & DEQUEUE_SAVE) !== 0) {
      e.savedList = e.list;
      e.savedNext = e.next;
    }
    const queue = this.queues[rq.cpu]!;
    queue.remove(e);
    this.noteQueue(rq, queue);
  }

  setNextTask(rq: RunQueue): void {
    const queue = this.queues[rq.cpu]!;
    queue.hasDonor = true;
    this.noteQueue(rq, queue);
  }

  putPrevTask(rq: RunQueue): void {
    const queue = this.queues[rq.cpu]!;
    queue.hasDonor = false;
    this.noteQueue(rq, queue);
  }

  /** All of them, when their limit is used up. */
  nrAside(cpu: CpuId): number {
    return this.limits[cpu]?.throttled === true ? this.queues[cpu]!.nr : 0;
  }

  pickTask(rq: RunQueue): Task | null {
    if (this.limits[rq.cpu]?.throttled === true) return null;
    return this.queues[rq.cpu]!.first()?.owner ?? null;
  }

  /** Without a tick the round-robin slice is counted here: nobody joins or leaves a list within `delta`. */
  updateCurr(rq: RunQueue, delta: Nanos): void {
    this.updateRunner(rq, rq.donor, delta);
  }

  updateRunner(rq: RunQueue, p: Task, delta: Nanos): void {
    const e = rtEntity(p);
    e.ran = true;
    if (this.exact && isRoundRobin(p)) {
      e.sliceLeft -= delta;
      if (e.sliceLeft <= 0) {
        e.sliceLeft = this.slice - (-e.sliceLeft % this.slice);
        this.rotate(rq, e);
      }
    }
    this.limits[rq.cpu]?.charge(delta);
  }

  /**
   * More urgent: yes. Equal: no, except for a task that has just woken here and can run nowhere else, while who runs can go
   * elsewhere: it goes first, and who ran is pushed away after the switch (last row of the table in fact sheet 4).
   */
  wakeupPreempt(rq: RunQueue, p: Task, flags: number): boolean {
    const order = this.compare(p, rq.donor);
    if (order !== 0) return order < 0;
    if (flags === 0 || p === rq.donor || rq.needResched) return false;
    if (rq.curr.exec.cpusAllowed.size === 1 || this.findRq(rq.donor, rq.cpu) < 0) return false;
    if (this.findRq(p, rq.cpu) >= 0) return false;
    this.queues[rq.cpu]!.toHead(rtEntity(p));
    return true;
  }

  /**
   * Fact sheet 5: a task that beats the donor stays and preempts; one that loses, or would drive away someone who cannot
   * leave, looks for a CPU where it runs at once. Behind a deadline task it stays, to be pushed later.
   */
  selectTaskRq(p: Task, prev: CpuId, flags: number): CpuId {
    const { cpusAllowed } = p.exec;
    if (!cpusAllowed.has(prev)) return cpusAllowed.first() as CpuId;
    if (flags === 0) return prev;
    const { donor, curr } = this.kernel.rqs[prev]!;
    if (donor.sched.cls !== this) return prev;
    if (curr.exec.cpusAllowed.size > 1 && this.compare(p, donor) < 0) return prev;
    const lowest = this.findRq(p, prev);
    return lowest < 0 ? prev : (lowest as CpuId);
  }

  /** With a tick slices end on it, never in between. */
  sliceLeft(rq: RunQueue, donor: Task): Nanos {
    if (!this.exact) return NEVER;
    const e = rtEntity(donor);
    const slice = isRoundRobin(donor) && !this.queues[rq.cpu]!.alone(e) ? e.sliceLeft : NEVER;
    return Math.min(slice, this.limits[rq.cpu]?.left() ?? NEVER);
  }

  /** A tick at the very instant at which the donor begins is not its own: a kernel would have taken it just before. */
  taskTick(rq: RunQueue, donor: Task): void {
    const e = rtEntity(donor);
    if (this.exact || !e.ran) return;
    e.ran = false;
    this.countTick(rq, donor);
  }

  /** Armed for a fair or deadline task before this one; the class counts it like any other tick, as the kernel's does. */
  hrtick(rq: RunQueue, donor: Task): void {
    this.countTick(rq, donor);
  }

  /** To the tail of its list; lower priorities still do not run. */
  yieldTask(rq: RunQueue): void {
    const e = rtEntity(rq.donor);
    if (e.list >= 0) this.queues[rq.cpu]!.toTail(e);
  }

  /**
   * The most urgent context that may be moved (to `to`, if given), unless it beats the donor: then its turn comes here. A walk
   * past those that may not: long only where many contexts wait for locks on one CPU.
   */
  pushable(rq: RunQueue, to?: CpuId, than: Task | null = null): Task | null {
    if (!this.overloaded.has(rq.cpu)) return null;
    if (than !== null && this.waiting[rq.cpu]! >= than.sched.prio) return null;
    const queue = this.queues[rq.cpu]!;
    for (let e = queue.first(); e !== null; e = queue.following(e)) {
      const p = e.owner;
      const where = p === rq.donor ? null : this.kernel.reach(p);
      if (where === null || (where !== 'anywhere' && where.size < 2)) continue;
      if (to === undefined || where === 'anywhere' || where.has(to)) return this.beats(p, rq.donor) ? null : p;
    }
    return null;
  }

  /**
   * `find_lowest_rq`: the CPUs of the lowest level below `p`'s among those it may use; of these its own, else `here`, where the
   * search is made, else one after the other. All CPUs are one domain.
   */
  findRq(p: Task, here: CpuId, among: Reach = p.exec.cpusAllowed): CpuId | -1 {
    const where = among === 'anywhere' ? this.kernel.online : among;
    if (where === null || where.size < 2) return -1;
    return this.cpupri.find(NR_LISTS - 1 - p.sched.prio, where, p.cpu, here, this.free);
  }

  /** The donor has left, and what is left here is less urgent than it was. */
  needPull(rq: RunQueue, prev: Task): boolean {
    if (this.limits[rq.cpu]?.throttled === true) return false;
    const mine = prev.sched.cls === this;
    if (mine && rtEntity(prev).list >= 0 && prev.cpu === rq.cpu) return false;
    return !mine || this.queues[rq.cpu]!.best() > prev.sched.prio;
  }

  compare(a: Task, b: Task): number {
    return a.sched.prio - b.sched.prio;
  }

  /** The priority says it all; a task of another class that inherits one is like FIFO (its policy is not round robin). */
  inherit(): boolean {
    return false;
  }

  /** R1: lists and bitmap agree, each entity stands where its priority says, and there are as many as were queued. */
  check(rq: RunQueue, report: CheckReport): void {
    const queue = this.queues[rq.cpu]!;
    let seen = 0;
    let best = NR_LISTS;
    let waits = NR_LISTS;
    for (let list = NR_LISTS - 1; list >= 0; list--) {
      let prev: RtEntity | null = null;
      for (let e = queue.head(list); e !== null; e = e.next) {
        const p = e.owner;
        if (e.list !== list || e.prev !== prev) report.fail('R1', `${String(p)} stands wrong in list ${list} of CPU ${rq.cpu}`);
        if (p.sched.prio !== list) report.fail('R1', `${String(p)} of another priority stands in list ${list}`);
        if (p.cpu !== rq.cpu) report.fail('R1', `${String(p)} of CPU ${p.cpu} is queued on CPU ${rq.cpu}`);
        prev = e;
        best = list;
        if (p !== rq.donor) waits = list;
        seen++;
      }
    }
    if (seen !== rq.nrByClass[this.kernel.rank(this)])
      report.fail('R1', `CPU ${rq.cpu} has ${seen} real-time contexts, not as many as were queued`);
    if (seen !== queue.nr) report.fail('R1', `CPU ${rq.cpu} counts ${queue.nr} real-time contexts and has ${seen}`);
    if (best !== queue.best()) report.fail('R1', `CPU ${rq.cpu}: the bitmap says ${queue.best()}, the lists ${best}`);
    if (this.cpupri.level(rq.cpu) !== (best === NR_LISTS ? 0 : NR_LISTS - 1 - best))
      report.fail('R3', `CPU ${rq.cpu}: its level for placement is ${this.cpupri.level(rq.cpu)}, its best list ${best}`);
    if (waits !== this.waiting[rq.cpu])
      report.fail('R3', `CPU ${rq.cpu}: the best that waits is said to be of list ${this.waiting[rq.cpu]}, and is of ${waits}`);
  }

  dump(rq: RunQueue, out: DumpWriter): void {
    const queue = this.queues[rq.cpu]!;
    out.section(`rt_rq[${rq.cpu}]`);
    out.field('rt_nr_running', queue.nr);
    out.field('rt_throttled', this.limits[rq.cpu]?.throttled === true ? 1 : 0);
    for (let e = queue.first(); e !== null; e = queue.following(e)) out.row([String(e.owner), e.list, e.sliceLeft]);
  }

  /** End of a slice: behind its equals, if there are any; else it keeps running with a new slice. */
  private rotate(rq: RunQueue, e: RtEntity): void {
    const queue = this.queues[rq.cpu]!;
    if (e.list < 0 || queue.alone(e)) return;
    queue.toTail(e);
    this.kernel.resched(rq);
  }

  private countTick(rq: RunQueue, donor: Task): void {
    const e = rtEntity(donor);
    if (!isRoundRobin(donor) || --e.sliceLeft > 0) return;
    e.sliceLeft = this.slice;
    this.rotate(rq, e);
  }

  private beats(p: Task, donor: Task): boolean {
    const { cls } = donor.sched;
    return cls === this ? this.compare(p, donor) < 0 : this.kernel.rank(cls) > this.kernel.rank(this);
  }

  /** What others look at when they look for a CPU: how urgent its best is, and whether somebody waits there. */
  private noteQueue(rq: RunQueue, queue: RtRunQueue): void {
    const best = queue.best();
    this.cpupri.set(rq.cpu, best === NR_LISTS ? 0 : NR_LISTS - 1 - best);
    if (queue.nr > (queue.hasDonor ? 1 : 0)) this.overloaded.add(rq.cpu);
    else this.overloaded.delete(rq.cpu);
    this.waiting[rq.cpu] = queue.hasDonor ? queue.bestBut(rtEntity(rq.donor)) : best;
  }

  /** Nobody of a higher class can be picked there (a CPU of level 100 in the kernel's table). */
  private readonly free = (cpu: CpuId): boolean => {
    const { classes, rqs } = this.kernel;
    const rq = rqs[cpu]!;
    for (let i = 0; classes[i] !== this; i++) {
      if (rq.nrByClass[i]! + rq.nrServers > 0 && classes[i]!.pickTask(rq) !== null) return false;
    }
    return true;
  };
}

function isRoundRobin(p: Task): boolean {
  return p.sched.policy.kind === 'rr';
}
