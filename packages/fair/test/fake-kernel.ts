import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CpuSet,
  DEQUEUE_DELAYED,
  DEQUEUE_SAVE,
  DEQUEUE_SLEEP,
  ENQUEUE_DELAYED,
  ENQUEUE_RESTORE,
  EventQueue,
  TaskGroup,
  Topology,
  type Kernel,
  type OptionValue,
  type Policy,
  type RunQueue,
  type Task,
} from '@proxysched/core';
import { FairClass } from '../src/fair-class.js';

/** A file of recorded values, as it is. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, '../../conform/data/fair', `${name}.json`), 'utf8')) as T;
}

/** As much of a kernel as a class needs, driven from outside. */
export class FakeKernel {
  readonly queue = new EventQueue();
  readonly rqs: RunQueue[] = [];
  readonly idleCpus: CpuSet;
  readonly topology: Topology;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly cls: FairClass;
  private pids = 0;

  constructor(
    cpus: number,
    hz: number,
    options: Readonly<Record<string, OptionValue>>,
    now = 0,
    readonly groups: readonly TaskGroup[] = [new TaskGroup(0, '/', 1024, null)],
  ) {
    this.machine = { cpus, hz };
    this.topology = Topology.of(this.machine);
    this.queue.now = now;
    this.idleCpus = new CpuSet(cpus);
    this.cls = new FairClass(this as unknown as Kernel, options);
    for (let cpu = 0; cpu < cpus; cpu++) {
      const idle = { comm: 'idle', sched: { cls: null } } as unknown as Task;
      this.rqs.push({ cpu, idle, donor: idle, curr: idle, charged: now, needResched: false, nrQueued: 0 } as unknown as RunQueue);
      this.cls.init(this.rqs[cpu]!);
    }
  }

  task(comm: string, policy: Policy, group: TaskGroup = this.groups[0]!): Task {
    const cpusAllowed = CpuSet.all(this.machine.cpus);
    const sched = { cls: this.cls, policy, group };
    const p = {
      pid: ++this.pids,
      comm,
      sched,
      cpu: 0,
      onRq: 'no',
      schedDelayed: false,
      isBlocked: false,
      exec: { cpusAllowed, held: 0 },
    } as unknown as Task;
    p.sched.entity = this.cls.entity(p);
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
    this.charge(rq);
    this.cls.enqueueTask(rq, p, flags);
    if ((flags & ENQUEUE_DELAYED) === 0) rq.nrQueued++;
    p.onRq = 'queued';
    p.schedDelayed &&= (flags & ENQUEUE_DELAYED) === 0;
  }

  dequeue(rq: RunQueue, p: Task, flags: number): void {
    this.charge(rq);
    if (this.cls.dequeueTask(rq, p, flags) === false) {
      p.schedDelayed = true;
    } else {
      rq.nrQueued--;
      if ((flags & DEQUEUE_SAVE) === 0) p.onRq = 'no';
    }
  }

  checkPreempt(rq: RunQueue, p: Task, flags: number): void {
    if (rq.donor === p) return;
    if (rq.donor === rq.idle || this.cls.wakeupPreempt(rq, p, flags)) this.resched(rq);
  }

  schedule(rq: RunQueue, block: Task | null, flags: number): Task {
    this.charge(rq);
    if (block !== null) this.dequeue(rq, block, flags);
    this.cls.settle(rq);
    const next = this.cls.pickTask(rq) ?? rq.idle;
    const prev = rq.donor;
    if (next !== prev) {
      if (prev !== rq.idle) this.cls.putPrevTask(rq, prev, next);
      rq.donor = rq.curr = next;
      rq.charged = this.queue.now;
      if (next !== rq.idle) this.cls.setNextTask(rq, next, true);
    }
    rq.needResched = false;
    return next;
  }

  /** `__sched_setscheduler`, with the rule for changed priorities. */
  change(rq: RunQueue, p: Task, policy: Policy): void {
    const before = niceOf(p.sched.policy);
    const queued = p.onRq === 'queued';
    const donor = rq.donor === p;
    if (queued) this.dequeue(rq, p, DEQUEUE_SAVE);
    if (queued && donor) this.cls.putPrevTask(rq, p, null);
    p.sched.policy = policy;
    if (!queued) return this.cls.policyChanged(p);
    this.enqueue(rq, p, ENQUEUE_RESTORE);
    if (donor) this.cls.setNextTask(rq, p, false);
    if (niceOf(policy) === before || this.cls.queue(rq).nrQueued === 1) return;
    if (!donor) this.checkPreempt(rq, p, 0);
    else if (niceOf(policy) > before) this.resched(rq);
  }
}

function niceOf(policy: Policy): number {
  return 'nice' in policy ? policy.nice : 0;
}
