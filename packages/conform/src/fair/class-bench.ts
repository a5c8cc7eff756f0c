import {
  CpuSet,
  DEQUEUE_DELAYED,
  DEQUEUE_MIGRATE,
  DEQUEUE_SAVE,
  DEQUEUE_SLEEP,
  ENQUEUE_DELAYED,
  ENQUEUE_MIGRATED,
  ENQUEUE_RESTORE,
  EventQueue,
  Topology,
  type TaskGroup,
  type CpuId,
  type FairPolicy,
  type Kernel,
  type Nanos,
  type OptionValue,
  type RunQueue,
  type SchedClass,
  type Task,
} from '@proxysched/core';
import { CfsClass, FairClass } from '@proxysched/fair';

/** As much of a kernel as a fair class needs, driven from outside operation by operation. */
export class ClassBench {
  readonly queue = new EventQueue();
  readonly rqs: RunQueue[] = [];
  readonly idleCpus: CpuSet;
  readonly topology: Topology;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly groups: TaskGroup[] = [];
  readonly tasks: Task[] = [];
  readonly cls: SchedClass;

  constructor(cpus: number, hz: number, dials: Readonly<Record<string, OptionValue>>, groups: readonly TaskGroup[], now: Nanos) {
    this.queue.now = now;
    this.machine = { cpus, hz };
    this.topology = Topology.of(this.machine);
    this.idleCpus = new CpuSet(cpus);
    this.groups.push(...groups);
    const kernel = this as unknown as Kernel;
    this.cls = dials['fair.version'] === '6.1' ? new CfsClass(kernel, dials) : new FairClass(kernel, dials);
    for (let cpu = 0; cpu < cpus; cpu++) {
      const idle = { comm: 'idle', sched: { cls: null } } as unknown as Task;
      const rq = {
        cpu,
        idle,
        donor: idle,
        curr: idle,
        charged: now,
        needResched: false,
        nrQueued: 0,
        nrByClass: [0],
      } as unknown as RunQueue;
      this.rqs.push(rq);
      this.cls.init(rq);
    }
  }

  task(comm: string, policy: FairPolicy, group: TaskGroup): Task {
    const cpusAllowed = CpuSet.all(this.machine.cpus);
    const sched = { cls: this.cls, policy, group };
    const pid = this.tasks.length + 1;
    const p = {
      pid,
      comm,
      sched,
      cpu: 0,
      onRq: 'no',
      schedDelayed: false,
      isBlocked: false,
      exec: { cpusAllowed, held: 0 },
    } as unknown as Task;
    p.sched.entity = this.cls.entity(p);
    this.tasks.push(p);
    return p;
  }

  resched(rq: RunQueue): void {
    rq.needResched = true;
  }

  charge(rq: RunQueue): void {
    const delta = this.queue.now - rq.charged;
    rq.charged = this.queue.now;
    if (delta > 0 && rq.donor !== rq.idle) this.cls.updateCurr(rq, delta);
  }

  finishDelayed(rq: RunQueue, p: Task): void {
    this.cls.dequeueTask(rq, p, DEQUEUE_SLEEP | DEQUEUE_DELAYED);
    p.schedDelayed = false;
    p.onRq = 'no';
    rq.nrQueued--;
  }

  enqueue(rq: RunQueue, p: Task, flags: number): void {
    const requeued = (flags & ENQUEUE_DELAYED) !== 0;
    if (!requeued) this.charge(rq);
    this.cls.enqueueTask(rq, p, flags);
    if (!requeued) rq.nrQueued++;
    p.onRq = 'queued';
    p.schedDelayed &&= !requeued;
  }

  dequeue(rq: RunQueue, p: Task, flags: number): void {
    this.charge(rq);
    if (this.cls.dequeueTask(rq, p, flags) === false) {
      p.schedDelayed = true;
      return;
    }
    rq.nrQueued--;
    if ((flags & DEQUEUE_SAVE) === 0) p.onRq = 'no';
  }

  checkPreempt(rq: RunQueue, p: Task, flags: number): void {
    if (rq.donor === p) return;
    if (rq.donor === rq.idle || this.cls.wakeupPreempt(rq, p, flags)) this.resched(rq);
  }

  /** A pass, in which `block` leaves first. */
  schedule(rq: RunQueue, block: Task | null, flags: number): Task {
    this.charge(rq);
    if (block !== null) this.dequeue(rq, block, flags);
    this.cls.settle?.(rq);
    const next = this.cls.pickTask(rq) ?? rq.idle;
    const prev = rq.donor;
    if (next !== prev) {
      if (prev !== rq.idle) this.cls.putPrevTask?.(rq, prev, next);
      rq.donor = rq.curr = next;
      rq.charged = this.queue.now;
      if (next !== rq.idle) this.cls.setNextTask?.(rq, next, true);
    }
    rq.needResched = false;
    return next;
  }

  /** `__sched_setscheduler` and `set_user_nice`, with the rule for changed priorities. */
  change(rq: RunQueue, p: Task, policy: FairPolicy, save: number): void {
    const before = niceOf(p);
    const queued = p.onRq === 'queued';
    const donor = rq.donor === p;
    if (queued) this.dequeue(rq, p, save);
    if (queued && donor) this.cls.putPrevTask?.(rq, p, null);
    p.sched.policy = policy;
    if (!queued) return this.cls.policyChanged?.(p);
    this.enqueue(rq, p, ENQUEUE_RESTORE);
    if (donor) this.cls.setNextTask?.(rq, p, false);
    if (policy.nice === before || rq.nrQueued === 1) return;
    if (!donor) this.checkPreempt(rq, p, 0);
    else if (policy.nice > before) this.resched(rq);
  }

  migrate(rq: RunQueue, p: Task, to: RunQueue): void {
    this.dequeue(rq, p, DEQUEUE_MIGRATE);
    p.cpu = to.cpu;
    this.enqueue(to, p, ENQUEUE_MIGRATED);
    this.checkPreempt(to, p, 0);
  }

  assign(p: Task, cpu: CpuId): void {
    this.cls.migrateTaskRq?.(p, cpu);
    p.cpu = cpu;
  }
}

function niceOf(p: Task): number {
  return (p.sched.policy as FairPolicy).nice;
}
