import { readOptions, type Balancer, type Kernel, type Nanos, type OptionValue, type RunQueue, type SchedClass, type Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { loadOptions } from './options.js';

/**
 * Evens out the number of queued contexts of the classes that share (fair and its replacements): one domain of equal CPUs,
 * one task at a time. A CPU without work pulls from the most loaded one; a busy one does when that has two more.
 */
@Injectable()
export class LoadBalance implements Balancer {
  readonly name = 'load-balance';
  readonly period: Nanos;
  private readonly atNewIdle: boolean;

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const o = readOptions(loadOptions, given);
    this.period = o['balance.period'];
    this.atNewIdle = o['balance.newIdle'];
  }

  newIdle(rq: RunQueue): void {
    if (this.atNewIdle) this.pullTo(rq, 2);
  }

  periodic(rq: RunQueue): void {
    this.pullTo(rq, rq.nrQueued + 2);
  }

  /** Pulls one task from the CPU with the most contexts of a class, at least `atLeast`; ties go to the lower CPU. */
  private pullTo(rq: RunQueue, atLeast: number): void {
    const { rqs, classes } = this.kernel;
    if (rqs.length === 1) return;
    for (const cls of classes) {
      if (STRICT.has(cls.name)) continue;
      const i = this.kernel.rank(cls);
      let busiest: RunQueue | null = null;
      let most = atLeast - 1;
      for (const other of rqs) {
        if (other === rq || other.nrByClass[i]! <= most) continue;
        busiest = other;
        most = other.nrByClass[i]!;
      }
      const p = busiest === null ? null : this.candidate(cls, busiest, rq);
      if (p === null) continue;
      this.kernel.move(p, rq, 'balance');
      return;
    }
  }

  /** Lowest pid that may move there. O(tasks), and only when a queue was found that has too many. */
  private candidate(cls: SchedClass, from: RunQueue, to: RunQueue): Task | null {
    for (const p of this.kernel.tasks) {
      if (p.cpu === from.cpu && p.sched.cls === cls && p.exec.cpusAllowed.has(to.cpu) && this.kernel.isMovable(p)) return p;
    }
    return null;
  }
}

/** Classes that `push-pull` looks after. */
const STRICT: ReadonlySet<string> = new Set(['deadline', 'rt']);
