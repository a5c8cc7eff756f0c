import {
  readOptions,
  type Balancer,
  type Kernel,
  type Nanos,
  type OptionValue,
  type RunQueue,
  type SchedClass,
  type Task,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { loadOptions } from './options.js';

/**
 * Evens out the number of queued contexts of the classes that share and track no load (replacements of fair): one domain of equal CPUs,
 * one task at a time. A CPU without work pulls from the most loaded one that can give; a busy one does when that has two more, and looks
 * less often.
 * A CPU whose donor is of a higher class has no time to give: it pulls nothing, and counts as two more to others.
 */
@Injectable()
export class LoadBalance implements Balancer {
  readonly name = 'load-balance';
  /** Absent: no periodic balancing. */
  period?: Nanos;
  private readonly atNewIdle: boolean;
  /** Classes that track load are `FairBalance`'s. */
  private readonly leavesTracked: boolean;
  private readonly often: Nanos;
  private readonly busyFactor: number;
  /** By CPU: looks that were due while it was busy. */
  private busyTurns = new Uint32Array(0);
  /** Those that are balanced here. */
  private shared: readonly SchedClass[] = [];

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const o = readOptions(loadOptions, given);
    this.often = o['balance.period'];
    this.busyFactor = Math.max(1, o['balance.busyFactor']);
    this.atNewIdle = o['balance.newIdle'];
    this.leavesTracked = o['balance.domains'];
  }

  init(): void {
    const { rqs, classes } = this.kernel;
    if (rqs.length === 1) return;
    this.busyTurns = new Uint32Array(rqs.length);
    const mine = (cls: SchedClass): boolean => !STRICT.has(cls.name) && !(this.leavesTracked && cls.load?.tracked === true);
    this.shared = classes.slice(0, -1).filter(mine);
    if (this.shared.length > 0 && this.often > 0) this.period = this.often;
  }

  newIdle(rq: RunQueue): boolean {
    if (!this.atNewIdle || this.shared.length === 0) return false;
    this.pullTo(rq, 1);
    return true;
  }

  periodic(rq: RunQueue): void {
    const busy = rq.curr !== rq.idle;
    if (busy && ++this.busyTurns[rq.cpu]! % this.busyFactor !== 0) return;
    this.pullTo(rq, 2);
  }

  /** Pulls one task from the CPU with the most contexts of a class, at least `more` than here; ties go to the lower CPU. */
  private pullTo(rq: RunQueue, more: number): void {
    const { rqs, idleCpus } = this.kernel;
    for (const cls of this.shared) {
      const i = this.kernel.rank(cls);
      if (this.occupied(rq, i)) continue;
      let chosen: Task | null = null;
      let most = nrWanting(rq, cls, i) + more - 1;
      // Who is idle with an empty queue has nothing to give, and on a large machine most may be.
      for (let cpu = idleCpus.nextAbsent(-1); cpu >= 0; cpu = idleCpus.nextAbsent(cpu)) {
        const other = rqs[cpu]!;
        const wanting = nrWanting(other, cls, i);
        if (other === rq || wanting <= (other.donor.sched.cls === cls ? 1 : 0)) continue;
        const load = wanting + (this.occupied(other, i) ? 2 : 0);
        const p = load > most ? this.candidate(cls, other, rq) : null;
        if (p === null) continue;
        chosen = p;
        most = load;
      }
      if (chosen === null) continue;
      this.kernel.move(chosen, rq, 'balance');
      return;
    }
  }

  /** In the hands of a class above the `i`th. */
  private occupied(rq: RunQueue, i: number): boolean {
    return this.kernel.rank(rq.donor.sched.cls) < i;
  }

  /** What the class offers; of a class that offers nothing the lowest pid that may go there, O(tasks). */
  private candidate(cls: SchedClass, from: RunQueue, to: RunQueue): Task | null {
    if (cls.pushable !== undefined) return cls.pushable(from, to.cpu);
    for (const p of this.kernel.tasks) {
      if (p.cpu === from.cpu && p.sched.cls === cls && p.exec.cpusAllowed.has(to.cpu) && this.kernel.isMovable(p)) return p;
    }
    return null;
  }
}

/** Classes that `push-pull` looks after. */
const STRICT: ReadonlySet<string> = new Set(['deadline', 'rt']);

/** Contexts of class `i` on `rq` that want its CPU; a class that puts some aside (out of bandwidth) says so. */
function nrWanting(rq: RunQueue, cls: SchedClass, i: number): number {
  return cls.load === undefined ? rq.nrByClass[i]! : cls.load.hNrQueued(rq.cpu);
}
