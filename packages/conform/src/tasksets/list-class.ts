import type { Balancer, CpuId, Kernel, RunQueue, SchedClass, SchedEntity, Task } from '@proxysched/core';
import { add, BALANCER, get, KERNEL, SCHED_CLASS, token, type SimModule } from '@proxysched/kit';

export const LIST = 'list';

/**
 * Non-preemptive list scheduling (R. Graham, 1969): a CPU that is free takes the first of the list that is ready, and nobody
 * is displaced. The list is the order of the tasks.
 */
class ListClass implements SchedClass, Balancer {
  readonly name = LIST;
  readonly policies = [] as const;
  readonly shared = true;
  /** Queued, and donor nowhere; in order of the list. */
  private readonly ready: Task[] = [];

  constructor(private readonly kernel: Pick<Kernel, 'idleCpus' | 'resched' | 'rqs'>) {}

  init(): void {
    // there is one list
  }

  entity(owner: Task): SchedEntity {
    return { owner };
  }

  enqueueTask(rq: RunQueue, p: Task): void {
    if (p !== rq.donor) this.insert(p);
  }

  dequeueTask(_rq: RunQueue, p: Task): void {
    this.remove(p);
  }

  pickTask(rq: RunQueue): Task | null {
    const { donor } = rq;
    return donor.sched.cls === this && donor.onRq === 'queued' ? donor : (this.ready[0] ?? null);
  }

  setNextTask(_rq: RunQueue, next: Task): void {
    this.remove(next);
  }

  putPrevTask(_rq: RunQueue, prev: Task): void {
    if (prev.onRq === 'queued') this.insert(prev);
  }

  updateCurr(): void {
    // time is free
  }

  wakeupPreempt(): boolean {
    return false;
  }

  selectTaskRq(_p: Task, prev: CpuId): CpuId {
    const { idleCpus } = this.kernel;
    return idleCpus.size > 0 ? (idleCpus.first() as CpuId) : prev;
  }

  /** Whoever is ready goes to the next CPU that is free. */
  afterSwitch(): void {
    const { idleCpus, rqs } = this.kernel;
    if (this.ready.length > 0 && idleCpus.size > 0) this.kernel.resched(rqs[idleCpus.first()]!);
  }

  private insert(p: Task): void {
    const at = this.ready.findIndex(other => other.pid > p.pid);
    this.ready.splice(at < 0 ? this.ready.length : at, 0, p);
  }

  private remove(p: Task): void {
    const at = this.ready.indexOf(p);
    if (at >= 0) this.ready.splice(at, 1);
  }
}

const INSTANCE = token<ListClass>('list-class');

export const listClass: SimModule = {
  name: LIST,
  register: c => {
    add(c, INSTANCE, { factory: from => new ListClass(get(from, KERNEL)) });
    add(c, SCHED_CLASS, { factory: from => get(from, INSTANCE) });
    add(c, BALANCER, { factory: from => get(from, INSTANCE) });
  },
};
