import type { Balancer } from '../balancer.js';
import type { Kernel } from '../kernel.js';
import type { RunQueue } from '../run-queue.js';
import type { Task } from '../task.js';

/** A CPU about to idle takes the first task it may run from anywhere. Moves as much as a balancer can, to shake the machine. */
export class PullAnything implements Balancer {
  readonly name = 'pull-anything';
  /** By pid: how long it had run when it was taken last. */
  private readonly taken: number[] = [];

  constructor(private readonly kernel: Kernel) {}

  newIdle(rq: RunQueue): boolean {
    const p = this.kernel.tasks.find(
      t => this.kernel.isMovable(t) && t.cpu !== rq.cpu && t.exec.cpusAllowed.has(rq.cpu) && !this.isUnderWay(t),
    );
    if (p !== undefined) {
      this.taken[p.pid] = p.exec.ran;
      this.kernel.move(p, rq, 'pull');
    }
    return true;
  }

  /** Taken by a CPU that has not picked since: two of them would have it by turns and never run it. */
  private isUnderWay(p: Task): boolean {
    return this.kernel.rqs[p.cpu]!.window !== 'none' && this.taken[p.pid] === p.exec.ran;
  }
}
