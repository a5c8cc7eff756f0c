import { ENQUEUE_HEAD, type Balancer, type CheckReport, type CpuId, type Kernel, type RunQueue, type SchedClass, type Task } from '@proxysched/core';
import type { KeyOf } from './keys.js';
import { RankedHeap } from './ranked-heap.js';
import { Ranked, ranked } from './ranked.js';

/** One queue for all CPUs: of m CPUs the m most urgent have one each, and who is displaced is the least urgent of them. */
export class Global implements SchedClass, Balancer {
  readonly policies = [] as const;
  readonly shared = true;
  /** Queued, and donor nowhere. */
  private readonly waiting = new RankedHeap();
  /** Donors, the least urgent on top. */
  private readonly running = new RankedHeap(true);
  private arrivals = 0;

  constructor(readonly name: string, private readonly kernel: Pick<Kernel, 'idleCpus' | 'resched' | 'rqs'>, private readonly keyOf: KeyOf) {}

  init(): void { /* there is one queue */ }
  entity(task: Task): Ranked { return new Ranked(task); }

  enqueueTask(_rq: RunQueue, p: Task, flags: number): void {
    const e = ranked(p);
    e.key = Math.min(this.keyOf(p), e.inherited);
    e.seq = (flags & ENQUEUE_HEAD) !== 0 ? -++this.arrivals : ++this.arrivals;
    e.queued = true;
    this.waiting.insert(e);
  }
  dequeueTask(_rq: RunQueue, p: Task): void {
    const e = ranked(p);
    e.queued = false;
    if (e.heap === this.waiting) this.waiting.remove(e);
  }
  setNextTask(_rq: RunQueue, next: Task): void { this.put(ranked(next), this.running); }
  putPrevTask(_rq: RunQueue, prev: Task): void { this.put(ranked(prev), ranked(prev).queued ? this.waiting : null); }

  /** The donor goes on unless its CPU is where the first of those who wait belongs. */
  pickTask(rq: RunQueue): Task | null {
    const first = this.waiting.first();
    const { donor } = rq;
    const goesOn = donor.sched.cls === this && ranked(donor).queued;
    return goesOn && (first === null || this.roomFor(first) !== rq.cpu) ? donor : (first?.owner ?? null);
  }
  updateCurr(): void { /* time is free */ }

  /** An idle CPU, the last one before all others; else that of the least urgent, if `p` is more so. */
  selectTaskRq(p: Task, prev: CpuId): CpuId {
    const { idleCpus } = this.kernel;
    if (idleCpus.size > 0) return idleCpus.has(prev) ? prev : (idleCpus.first() as CpuId);
    return this.beatenBy(Math.min(this.keyOf(p), ranked(p).inherited)) ?? prev;
  }
  wakeupPreempt(rq: RunQueue, p: Task): boolean {
    const beaten = this.beatenBy(ranked(p).key);
    if (beaten !== null) this.kernel.resched(this.kernel.rqs[beaten]!);
    return beaten === rq.cpu;
  }
  /** Whoever waits goes on to the next CPU where it is more urgent: several may have changed at once. */
  afterSwitch(): void {
    const first = this.waiting.first();
    if (first === null) return;
    const cpu = this.roomFor(first);
    if (cpu !== null) this.kernel.resched(this.kernel.rqs[cpu]!);
  }
  nextJob(rq: RunQueue, p: Task): void { this.rerank(rq, p); }
  /** The key of `p`, queued, has changed. Raised while it waits, it takes the CPU that who raised it is about to leave, or the next. */
  rerank(rq: RunQueue, p: Task): void {
    const e = ranked(p);
    const { heap } = e;
    heap?.remove(e);
    e.key = Math.min(this.keyOf(p), e.inherited);
    e.seq = ++this.arrivals;
    heap?.insert(e);
    if (heap === this.running) this.kernel.resched(rq);
  }
  compare(a: Task, b: Task): number { return ranked(a).key - ranked(b).key; }

  check(rq: RunQueue, report: CheckReport): void {
    const { donor } = rq;
    if (donor.sched.cls === this && ranked(donor).heap !== this.running) report.fail('CL2', `${String(donor)} is donor of CPU ${rq.cpu} and not among those that run`);
    for (const { owner } of this.waiting) if (owner.onRq !== 'queued') report.fail('CL3', `${String(owner)} waits and is on no queue`);
  }

  /** An idle CPU, the one it was woken on before all others; else that of the least urgent donor, if it is more urgent. */
  private roomFor({ owner, key }: Ranked): CpuId | null {
    const { idleCpus, rqs } = this.kernel;
    const placed = rqs[owner.cpu]!;
    if (placed.donor === placed.idle) return owner.cpu;
    return idleCpus.size > 0 ? (idleCpus.first() as CpuId) : this.beatenBy(key);
  }
  /** CPU of the least urgent donor, if this key is more urgent. */
  private beatenBy(key: number): CpuId | null {
    const last = this.running.first();
    return last !== null && key < last.key ? last.owner.cpu : null;
  }
  private put(e: Ranked, to: RankedHeap | null): void {
    e.heap?.remove(e);
    to?.insert(e);
  }
}
