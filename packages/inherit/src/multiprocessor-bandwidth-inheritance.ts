import type { Balancer, Kernel, RunQueue, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { BandwidthInheritance } from './bandwidth-inheritance.js';
import { chainEnd } from './chain-end.js';

/**
 * M-BWI (Faggioli, Lipari, Cucinotta 2010; `locking.md` 8): a selected server of a blocked task executes the end of its chain on its
 * own CPU; while that executes in another server it burns its budget, and takes over as soon as the other loses its CPU.
 *
 * A server that spins is `curr` and donor at once, and blocked. An owner that may not run on the waiter's CPU keeps its
 * own, and the waiter's server goes there, as under proxy execution.
 */
@Injectable()
export class MultiprocessorBandwidthInheritance extends BandwidthInheritance implements Balancer {
  override readonly name = 'mbwi';
  readonly spins = true;

  constructor(@Inject(KERNEL) kernel: Kernel) {
    super(kernel);
  }

  onOwner(): void {
    this.lookAgain();
  }

  override onWakeup(p: Task): void {
    super.onWakeup(p);
    const rq = this.kernel.rqs[p.cpu]!;
    if (rq.curr === p) this.kernel.resched(rq); // it has what it was spinning for
    this.lookAgain();
  }

  afterSwitch(): void {
    this.lookAgain();
  }

  protected override elsewhere(rq: RunQueue, donor: Task, end: Task): Task | null {
    const there = this.kernel.rqs[end.cpu]!;
    if (there.curr === end) return donor;
    if (!end.exec.cpusAllowed.has(rq.cpu)) return super.elsewhere(rq, donor, end);
    this.kernel.move(end, rq, 'pull');
    return end;
  }

  /** Servers that spin for someone who does not execute any more pick again. */
  private lookAgain(): void {
    for (const rq of this.kernel.rqs) {
      const spinner = rq.curr;
      if (spinner === rq.idle || !spinner.isBlocked) continue;
      const end = chainEnd(spinner);
      if (end === null || this.kernel.rqs[end.cpu]!.curr !== end) this.kernel.resched(rq);
    }
  }
}
