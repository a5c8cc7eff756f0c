import { RANK_WAKE, type CpuId, type Kernel, type Nanos, type Task, type Timer } from '@proxysched/core';

/** Waiters parked on owners that sleep, or that run and need no help: they come back when that ends (`proxy-execution.md` 9, 14.4). */
export class SleepingOwners {
  private readonly parked = new Map<Task, Task[]>();
  /** Of owners that are awake, whose parked tasks are not back yet. */
  private readonly returns = new Map<Task, Timer>();
  /** `Gaps.park`. */
  private readonly gap: Nanos;

  constructor(private readonly kernel: Kernel) {
    this.gap = kernel.machine.gaps?.park ?? 0;
  }

  /** `p` leaves its queue until `owner` wakes, or no longer runs. */
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

  /** `owner` is awake: those parked on it come back, at once or after the gap. It may sleep again by then; they find out when they are picked. */
  ownerWoke(owner: Task): void {
    if (this.gap === 0) return this.activate(owner);
    if (!this.parked.has(owner)) return;
    let timer = this.returns.get(owner);
    if (timer === undefined) {
      timer = this.kernel.queue.timer(`parked/${owner.comm}`, RANK_WAKE, () => this.activate(owner), owner.pid);
      this.returns.set(owner, timer);
    }
    if (timer.at < 0) this.kernel.queue.arm(timer, this.kernel.queue.now + this.gap);
  }

  /**
   * `owner` is awake, or runs no longer: its whole list is detached at once, and with each task those parked on it. Whoever has been
   * woken for itself meanwhile is no longer blocked off the queue and is passed over.
   */
  activate(owner: Task): void {
    const work = [owner];
    for (let o = work.pop(); o !== undefined; o = work.pop()) {
      const list = this.parked.get(o);
      if (list === undefined) continue;
      this.parked.delete(o);
      for (const p of list) if (this.comeBack(p, owner, owner.cpu)) work.push(p);
    }
  }

  /**
   * `owner` runs on and has released a lock: for those parked on it the chain may be another one now. Each goes to its next link; not
   * `next`, who is named or woken.
   */
  scatter(owner: Task, next: Task | null): void {
    const list = this.parked.get(owner);
    if (list === undefined) return;
    this.parked.delete(owner);
    for (const p of list) {
      if (p === next) this.parked.set(owner, [p]);
      else this.comeBack(p, owner, p.blockedOn?.owner?.cpu ?? owner.cpu);
    }
  }

  private comeBack(p: Task, owner: Task, cpu: CpuId): boolean {
    if (!p.isBlocked || p.onRq !== 'no' || p.blockedOn === null) return false;
    this.kernel.activateBlocked(this.kernel.rqs[cpu]!, p);
    this.kernel.trace.proxyUnpark(this.kernel.queue.now, p, owner);
    return true;
  }
}
