import {
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
  type RunQueue,
  type SchedClass,
  type SchedEntity,
  type Task,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { RT_OPTIONS } from './features.js';
import { RtBandwidth } from './rt-bandwidth.js';
import { RtEntity, rtEntity } from './rt-entity.js';
import { NR_LISTS, RtRunQueue } from './rt-run-queue.js';

/** Level of a CPU with a context of a higher class, above every real-time level (`cpupri`, fact sheet 5). */
const LEVEL_HIGHER = 100;

/** FIFO and round robin: the most urgent list, its head (fact sheet 4 to 7). */
@Injectable()
export class RtClass implements SchedClass {
  readonly name = 'rt';
  readonly policies = ['fifo', 'rr'] as const;

  private readonly queues: RtRunQueue[] = [];
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
    this.limits[rq.cpu]?.start();
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void {
    const e = rtEntity(p);
    if ((flags & DEQUEUE_SAVE) !== 0) {
      e.savedList = e.list;
      e.savedNext = e.next;
    }
    this.queues[rq.cpu]!.remove(e);
  }

  pickTask(rq: RunQueue): Task | null {
    if (this.limits[rq.cpu]?.throttled === true) return null;
    return this.queues[rq.cpu]!.first()?.owner ?? null;
  }

  /** Without a tick the round-robin slice is counted here: nobody joins or leaves a list within `delta`. */
  updateCurr(rq: RunQueue, delta: Nanos): void {
    const e = rtEntity(rq.donor);
    e.ran = true;
    if (this.exact && isRoundRobin(rq.donor)) {
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
    if (rq.curr.exec.cpusAllowed.size === 1 || this.findLowest(rq.donor) < 0) return false;
    if (this.findLowest(p) >= 0) return false;
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
    const lowest = this.findLowest(p, prev);
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
    if (this.exact || !isRoundRobin(donor) || !e.ran) return;
    e.ran = false;
    if (--e.sliceLeft > 0) return;
    e.sliceLeft = this.slice;
    this.rotate(rq, e);
  }

  /** To the tail of its list; lower priorities still do not run. */
  yieldTask(rq: RunQueue): void {
    const e = rtEntity(rq.donor);
    if (e.list >= 0) this.queues[rq.cpu]!.toTail(e);
  }

  /**
   * The most urgent context that may be moved (to `to`, if given). A walk past those that may not: long only where many
   * contexts wait for locks on one CPU.
   */
  pushable(rq: RunQueue, to?: CpuId): Task | null {
    const queue = this.queues[rq.cpu]!;
    for (let e = queue.first(); e !== null; e = queue.following(e)) {
      const p = e.owner;
      const { cpusAllowed } = p.exec;
      if (p === rq.donor || cpusAllowed.size < 2 || !this.kernel.isMovable(p)) continue;
      if (to === undefined || cpusAllowed.has(to)) return p;
    }
    return null;
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
    for (let list = NR_LISTS - 1; list >= 0; list--) {
      let prev: RtEntity | null = null;
      for (let e = queue.head(list); e !== null; e = e.next) {
        const p = e.owner;
        if (e.list !== list || e.prev !== prev) report.fail('R1', `${String(p)} stands wrong in list ${list} of CPU ${rq.cpu}`);
        if (p.sched.prio !== list) report.fail('R1', `${String(p)} of another priority stands in list ${list}`);
        if (p.cpu !== rq.cpu) report.fail('R1', `${String(p)} of CPU ${p.cpu} is queued on CPU ${rq.cpu}`);
        prev = e;
        best = list;
        seen++;
      }
    }
    if (seen !== rq.nrByClass[this.kernel.rank(this)])
      report.fail('R1', `CPU ${rq.cpu} has ${seen} real-time contexts, not as many as were queued`);
    if (seen !== queue.nr) report.fail('R1', `CPU ${rq.cpu} counts ${queue.nr} real-time contexts and has ${seen}`);
    if (best !== queue.best()) report.fail('R1', `CPU ${rq.cpu}: the bitmap says ${queue.best()}, the lists ${best}`);
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

  /**
   * The CPU of the lowest level below `p`'s among those it may use, −1: none (`cpupri_find`, `find_lowest_rq`). Among
   * equals its last CPU, then the lowest number; the kernel looks through domains and rotates instead.
   */
  private findLowest(p: Task, last: CpuId = p.cpu): CpuId | -1 {
    const { cpusAllowed } = p.exec;
    if (cpusAllowed.size < 2) return -1;
    let lowest: CpuId | -1 = -1;
    let lowestLevel = NR_LISTS - 1 - p.sched.prio;
    for (let cpu = cpusAllowed.first(); cpu >= 0; cpu = cpusAllowed.next(cpu)) {
      const level = this.level(this.kernel.rqs[cpu]!);
      if (level < lowestLevel || (level === lowestLevel && cpu === last && lowest >= 0)) {
        lowest = cpu;
        lowestLevel = level;
      }
    }
    return lowest;
  }

  /** 0: nothing real-time queued; 1 … 99: user priority of the best; 100: somebody of a higher class can be picked. */
  private level(rq: RunQueue): number {
    const { classes } = this.kernel;
    for (let i = 0; classes[i] !== this; i++) if (rq.nrByClass[i]! > 0 && classes[i]!.pickTask(rq) !== null) return LEVEL_HIGHER;
    const best = this.queues[rq.cpu]!.best();
    return best === NR_LISTS ? 0 : NR_LISTS - 1 - best;
  }
}

function isRoundRobin(p: Task): boolean {
  return p.sched.policy.kind === 'rr';
}
