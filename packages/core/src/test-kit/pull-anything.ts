import type { Balancer } from '../balancer.js';
import type { Kernel } from '../kernel.js';
import type { RunQueue } from '../run-queue.js';

/** A CPU about to idle takes the first task it may run from anywhere. Moves as much as a balancer can, to shake the machine. */
export class PullAnything implements Balancer {
  readonly name = 'pull-anything';

  constructor(private readonly kernel: Kernel) {}

  newIdle(rq: RunQueue): void {
    const p = this.kernel.tasks.find(t => this.kernel.isMovable(t) && t.cpu !== rq.cpu && t.exec.cpusAllowed.has(rq.cpu));
    if (p !== undefined) this.kernel.move(p, rq, 'pull');
  }
}
