import {
  DEQUEUE_MOVE,
  DEQUEUE_SAVE,
  DEQUEUE_SLEEP,
  ENQUEUE_INITIAL,
  ENQUEUE_WAKEUP,
  NEVER,
  WAKE_FORK,
  type CheckReport,
  type CpuId,
  type DumpWriter,
  type Kernel,
  type Nanos,
  type OptionValue,
  type RunQueue,
  type SchedClass,
  type Task,
} from '@proxysched/core';
import { CfsEntity } from './cfs-entity.js';
import { makeCfsRules, type CfsRules } from './cfs-features.js';
import { CfsQueue, makeRelative } from './cfs-queue.js';
import { selectFairCpu } from './select-cpu.js';
import { taskWeight } from './weights.js';

const cfs = (p: Task): CfsEntity => p.sched.entity as CfsEntity;

/**
 * `fair_sched_class` before EEVDF, as Linux 6.1 has it (`fair-eevdf.md` 19): completely fair scheduling by least vruntime, turns of a
 * share of a period, credit for sleepers and buddies. Custom slices do not exist; groups lend no weight here.
 */
export class CfsClass implements SchedClass {
  readonly name = 'fair';
  readonly policies = ['normal', 'batch', 'idle'] as const;
  readonly rules: CfsRules;
  /** By CPU. */
  private readonly queues: CfsQueue[] = [];

  constructor(
    private readonly kernel: Kernel,
    given: Readonly<Record<string, OptionValue>>,
  ) {
    this.rules = makeCfsRules(given, kernel.machine);
  }

  init(rq: RunQueue): void {
    this.queues[rq.cpu] = new CfsQueue(this.rules);
  }

  entity(task: Task): CfsEntity {
    const e = new CfsEntity(task);
    readPolicy(e);
    return e;
  }

  enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    const q = this.queue(rq);
    const e = cfs(p);
    readPolicy(e);
    if ((flags & ENQUEUE_INITIAL) !== 0) {
      e.timeline = q;
      if (q.curr !== null) e.vruntime = q.curr.vruntime;
      q.place(e, true);
    }
    if (e.timeline !== q) makeRelative(e);
    q.adopt(e);
    if ((flags & ENQUEUE_WAKEUP) !== 0) q.place(e, false);
    q.add(e);
  }

  dequeueTask(rq: RunQueue, p: Task, flags: number): void {
    const q = this.queue(rq);
    const e = cfs(p);
    q.remove(e);
    if ((flags & DEQUEUE_SLEEP) === 0) makeRelative(e);
    if ((flags & (DEQUEUE_SAVE | DEQUEUE_MOVE)) !== DEQUEUE_SAVE) q.advance();
  }

  pickTask(rq: RunQueue): Task | null {
    return this.queue(rq).pick()?.owner ?? null;
  }

  updateCurr(rq: RunQueue, delta: Nanos): void {
    const q = this.queue(rq);
    q.charge(q.curr!, delta);
  }

  updateRunner(rq: RunQueue, p: Task, delta: Nanos): void {
    const q = this.queue(rq);
    const e = cfs(p);
    q.tree.remove(e);
    q.charge(e, delta);
    q.tree.insert(e);
  }

  setNextTask(rq: RunQueue, next: Task): void {
    this.queue(rq).setCurr(cfs(next));
  }

  putPrevTask(rq: RunQueue): void {
    this.queue(rq).putCurr();
  }

  /** Its turn is over when it has had its slice; before that, after a minimal turn, when it is a slice ahead. */
  taskTick(rq: RunQueue, donor: Task): void {
    const q = this.queue(rq);
    const e = cfs(donor);
    if (q.nrQueued <= 1) return;
    const slice = q.slice(e);
    if (e.ran > slice) {
      q.clearBuddies(e);
      this.kernel.resched(rq);
    } else if (e.ran >= this.rules.minGranularity) {
      const first = q.tree.first();
      if (first !== null && e.vruntime - first.vruntime > slice) this.kernel.resched(rq);
    }
  }

  wakeupPreempt(rq: RunQueue, p: Task, flags: number): boolean {
    const { rules } = this;
    const q = this.queue(rq);
    const { curr } = q;
    const e = cfs(p);
    if (curr === null || curr === e) return false;
    const many = q.nrQueued >= rules.nrLatency;
    const marked = rules.nextBuddy && many && (flags & WAKE_FORK) === 0;
    if (marked) setNext(q, e);
    if (rq.needResched) return false;
    if (!curr.idle || e.idle) {
      if (p.sched.policy.kind !== 'normal' || !rules.wakeupPreemption || curr.idle !== e.idle) return false;
      this.kernel.charge(rq);
      if (curr.vruntime - e.vruntime <= q.granularity(e)) return false;
      if (!marked) setNext(q, e);
    }
    if (rules.lastBuddy && many && curr.onRq && !curr.idle) q.last = curr;
    return true;
  }

  /** Who yields is passed over once, if that is fair to who follows. */
  yieldTask(rq: RunQueue): void {
    const q = this.queue(rq);
    const e = q.curr!;
    if (q.nrQueued === 1) return;
    q.clearBuddies(e);
    if (e.owner.sched.policy.kind !== 'batch') this.kernel.charge(rq);
    q.skip = e;
  }

  selectTaskRq(p: Task, prev: CpuId, flags: number): CpuId {
    return selectFairCpu(this.kernel, p, prev, flags);
  }

  migrateTaskRq(p: Task): void {
    makeRelative(cfs(p));
  }

  /** The hrtick of CFS, late by a nanosecond so that the slice has been exceeded. Once it is, and nobody is better, another minimal turn. */
  sliceLeft(rq: RunQueue, donor: Task): Nanos {
    const q = this.queue(rq);
    const e = q.curr;
    if (e === null || q.nrQueued <= 1 || donor !== rq.donor) return NEVER;
    const left = q.slice(e) - e.ran;
    return left >= 0 ? left + 1 : this.rules.minGranularity;
  }

  /** Not the donor, which is not in the tree; looks past the blocked and the pinned. */
  pushable(rq: RunQueue, to?: CpuId): Task | null {
    for (const { owner } of this.queue(rq).tree) {
      const { cpusAllowed } = owner.exec;
      if (cpusAllowed.size > 1 && (to === undefined || cpusAllowed.has(to)) && this.kernel.isMovable(owner)) return owner;
    }
    return null;
  }

  /** By how far each is ahead of its own queue. */
  compare(a: Task, b: Task): number {
    return cfs(a).vruntime - this.queues[a.cpu]!.minVruntime - (cfs(b).vruntime - this.queues[b.cpu]!.minVruntime);
  }

  check(rq: RunQueue, report: CheckReport): void {
    const q = this.queue(rq);
    const queued = [...q.tree];
    if (q.curr?.onRq === true) queued.push(q.curr);
    const fail = (code: string, what: string): void => report.fail(code, `CPU ${rq.cpu}: ${what}`);
    if (q.nrQueued !== queued.length) fail('F201', `nr_running ${q.nrQueued}, but ${queued.length} entities are queued`);
    const load = queued.reduce((sum, e) => sum + e.weight, 0);
    if (q.load !== load) fail('F202', `load ${q.load}, but the queued weights sum to ${load}`);
    if (q.nrIdle !== queued.filter(e => e.idle).length) fail('F203', `${q.nrIdle} idle entities counted, not as many found`);
    for (const e of queued) if (e.timeline !== q) fail('F204', `${String(e.owner)} is queued with a vruntime of elsewhere`);
    for (const buddy of [q.next, q.last, q.skip])
      if (buddy !== null && !queued.includes(buddy)) fail('F205', `${String(buddy.owner)} is a buddy and not queued`);
  }

  dump(rq: RunQueue, out: DumpWriter): void {
    const q = this.queue(rq);
    out.section(`cfs_rq[${rq.cpu}]`);
    out.field('min_vruntime', q.minVruntime);
    out.field('nr_running', q.nrQueued);
    out.field('load', q.load);
    for (const [name, buddy] of Object.entries({ next: q.next, last: q.last, skip: q.skip }))
      out.field(name, buddy === null ? '-' : String(buddy.owner));
    out.row(['task', 'weight', 'vruntime', 'slice', 'ran']);
    if (q.curr !== null) out.row(dumpRow(q, '>', q.curr));
    for (const e of q.tree) out.row(dumpRow(q, ' ', e));
  }

  policyChanged(p: Task): void {
    readPolicy(cfs(p));
  }

  /** The queue of a CPU, for tests and tools that look inside. */
  queue(rq: RunQueue): CfsQueue {
    return this.queues[rq.cpu]!;
  }
}

function setNext(q: CfsQueue, e: CfsEntity): void {
  if (e.onRq && !e.idle) q.next = e;
}

/** What the task asks for; it may have changed while it was off the queue. */
function readPolicy(e: CfsEntity): void {
  const { policy } = e.owner.sched;
  e.idle = policy.kind === 'idle';
  e.weight = taskWeight(policy);
}

function dumpRow(q: CfsQueue, mark: string, e: CfsEntity): readonly (string | number)[] {
  return [`${mark}${String(e.owner)}`, e.weight, e.vruntime, e.onRq ? q.slice(e) : 0, e.ran];
}
