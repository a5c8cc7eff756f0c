import type { Balancer, Kernel, Mutex, RunQueue, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { BandwidthInheritance } from './bandwidth-inheritance.js';
import { chainEnd } from './chain-end.js';

/**
 * M-BWI (Faggioli, Lipari, Cucinotta 2010; `locking.md` 8): a selected server of a blocked task executes the end of its chain on its
 * own CPU; while that executes in another server it burns its budget, and takes over as soon as the other loses its CPU.
 *
 * A server that spins is `curr` and donor at once, and blocked. It also spins where the owner may not run: affinity binds.
 */
@Injectable()
export class MultiprocessorBandwidthInheritance extends BandwidthInheritance implements Balancer {
  override readonly name = 'mbwi';
  readonly spins = true;
  /** A server is scheduled where its class likes, whether its task is blocked or not. */
  readonly movesBlocked = true;

  /** By CPU: what the server that burns its budget there spins for. */
  private readonly spinsFor: (Mutex | null)[] = [];
  private readonly spinners: (Task | null)[] = [];

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
    this.noteSpin(rq);
    this.lookAgain();
  }

  afterSwitch(rq: RunQueue): void {
    this.noteSpin(rq);
    this.lookAgain();
  }

  protected override elsewhere(rq: RunQueue, donor: Task, end: Task): Task | null {
    if (!this.canHost(rq, end)) return donor;
    this.kernel.move(end, rq, 'pull');
    return end;
  }

  /** Listeners hear when a server on `rq` begins to spin, and when it stops. */
  private noteSpin(rq: RunQueue): void {
    const { queue, trace } = this.kernel;
    const now = rq.curr.isBlocked ? rq.curr : null;
    const before = this.spinners[rq.cpu] ?? null;
    if (now === before) return;
    if (before !== null) trace.mutexSpin(queue.now, before, this.spinsFor[rq.cpu]!, false);
    this.spinners[rq.cpu] = now;
    this.spinsFor[rq.cpu] = now === null ? null : now.blockedOn;
    if (now !== null) trace.mutexSpin(queue.now, now, now.blockedOn!, true);
  }

  /** Servers that spin and could take over pick again. */
  private lookAgain(): void {
    for (const rq of this.kernel.rqs) {
      const spinner = rq.curr;
      if (spinner === rq.idle || !spinner.isBlocked) continue;
      const end = chainEnd(spinner);
      if (end === null || end.onRq !== 'queued' || this.canHost(rq, end)) this.kernel.resched(rq);
    }
  }

  /** It executes nowhere, nor is it about to, and it may run here. */
  private canHost(rq: RunQueue, end: Task): boolean {
    const there = this.kernel.rqs[end.cpu]!;
    return there.curr !== end && there.donor !== end && end.exec.cpusAllowed.has(rq.cpu);
  }
}
