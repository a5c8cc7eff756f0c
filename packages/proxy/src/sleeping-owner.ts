import type { Kernel, Task } from '@proxysched/core';

/** Waiters parked on owners that sleep: they come back together with the owner (`proxy-execution.md` 9). */
export class SleepingOwners {
  private readonly parked = new Map<Task, Task[]>();

  constructor(private readonly kernel: Kernel) {}

  /** `p` leaves its queue until `owner` wakes. */
  park(p: Task, owner: Task): void {
    const rq = this.kernel.rqs[p.cpu]!;
    this.kernel.blockOffQueue(rq, p);
    // A class that puts the dequeue off would keep it here when the owner wakes elsewhere.
    if (p.schedDelayed) this.kernel.finishDelayed(rq, p);
    this.kernel.trace.proxyPark(this.kernel.queue.now, p, owner);
    const list = this.parked.get(owner);
    if (list === undefined) this.parked.set(owner, [p]);
    else list.push(p);
  }

  /**
   * `owner` is awake: its whole list is detached at once, and with each task those parked on it. Whoever has been woken for
   * itself meanwhile is no longer blocked off the queue and is passed over.
   */
  activate(owner: Task): void {
    const work = [owner];
    for (let o = work.pop(); o !== undefined; o = work.pop()) {
      const list = this.parked.get(o);
      if (list === undefined) continue;
      this.parked.delete(o);
      for (const p of list) {
        if (!p.isBlocked || p.onRq !== 'no' || p.blockedOn === null) continue;
        this.kernel.activateBlocked(this.kernel.rqs[owner.cpu]!, p);
        this.kernel.trace.proxyUnpark(this.kernel.queue.now, p, owner);
        work.push(p);
      }
    }
  }
}
