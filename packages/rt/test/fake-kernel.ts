import {
  CpuSet,
  EventQueue,
  kernelPrio,
  makeTracer,
  NO_COSTS,
  RunQueue,
  Task,
  TaskGroup,
  type CpuId,
  type Kernel,
  type MoveReason,
  type Nanos,
  type Pid,
  type Policy,
  type SchedClass,
} from '@proxysched/core';

/** As much of a machine as a class can see: queues, a clock, the donor role. Programs, locks and chains are left out. */
export class FakeKernel {
  readonly queue = new EventQueue();
  readonly trace;
  readonly machine;
  readonly rqs: RunQueue[] = [];
  readonly tasks: Task[] = [];
  readonly balancers: Kernel['balancers'][number][] = [];
  classes: SchedClass[] = [];
  /** `mark cpu comm value` of every class mark. */
  readonly marks: string[] = [];
  private readonly group = new TaskGroup(0, '/', 1024, null);

  constructor(cpus: number, hz: number | null = null) {
    this.machine = { cpus, hz, hrtick: false, tickPhase: 0, costs: NO_COSTS };
    this.trace = makeTracer([
      { classMark: (now, cpu, mark, p, value) => void this.marks.push(`${now} ${mark} ${cpu} ${p.comm} ${value}`) },
    ]);
  }

  /** The part of the contract that classes use. */
  get kernel(): Kernel {
    return this as unknown as Kernel;
  }

  attach(...classes: SchedClass[]): void {
    const idle = { name: 'idle', policies: [], updateCurr: () => undefined, wakeupPreempt: () => true } as unknown as SchedClass;
    this.classes = [...classes, idle];
    for (let cpu = 0; cpu < this.machine.cpus; cpu++) {
      const swapper = this.make(0, 'swapper', { kind: 'normal', nice: 0 }, idle, [cpu]);
      const timer = (name: string) => this.queue.timer(name, 4, () => undefined);
      this.rqs.push(
        new RunQueue(cpu as CpuId, swapper, this.classes.length, 1024, {
          opDone: timer('op'),
          slice: timer('slice'),
          tick: timer('tick'),
          pass: timer('pass'),
        }),
      );
    }
    for (const cls of classes) for (const rq of this.rqs) cls.init(rq);
  }

  task(policy: Policy, cpus?: readonly number[], cls: SchedClass = this.classes[0]!): Task {
    const pid = this.tasks.length + 1;
    const p = this.make(pid, `t${pid}`, policy, cls, cpus);
    p.sched.entity = cls.entity(p);
    this.tasks.push(p);
    return p;
  }

  /** `p` able to run on `cpu`. */
  wake(p: Task, cpu: number, flags = 1): void {
    p.cpu = p.wakeCpu = cpu as CpuId;
    p.state = 'running';
    this.activate(this.rqs[cpu]!, p, flags);
  }

  activate(rq: RunQueue, p: Task, flags: number): void {
    if (rq.donor.sched.cls === p.sched.cls) this.charge(rq);
    p.sched.cls.enqueueTask(rq, p, flags);
    p.onRq = 'queued';
    rq.nrQueued++;
    rq.nrByClass[this.rank(p.sched.cls)]!++;
  }

  deactivate(rq: RunQueue, p: Task, flags: number): void {
    if (rq.donor.sched.cls === p.sched.cls) this.charge(rq);
    p.sched.cls.dequeueTask(rq, p, flags);
    p.onRq = 'no';
    rq.nrQueued--;
    rq.nrByClass[this.rank(p.sched.cls)]!--;
  }

  charge(rq: RunQueue): void {
    const delta = this.queue.now - rq.charged;
    rq.charged = this.queue.now;
    if (delta > 0) rq.donor.sched.cls.updateCurr(rq, delta);
  }

  resched(rq: RunQueue): void {
    rq.needResched = true;
  }

  rank(cls: SchedClass): number {
    return this.classes.indexOf(cls);
  }

  isMovable(p: Task): boolean {
    const rq = this.rqs[p.cpu]!;
    return p.onRq === 'queued' && !p.isBlocked && p !== rq.curr && p !== rq.donor;
  }

  reach(p: Task): CpuSet | null {
    return this.isMovable(p) ? p.exec.cpusAllowed : null;
  }

  move(p: Task, to: RunQueue, _why: MoveReason): void {
    this.deactivate(this.rqs[p.cpu]!, p, 8);
    p.cpu = p.wakeCpu = to.cpu;
    this.activate(to, p, 8);
    this.checkPreempt(to, p, 0);
  }

  checkPreempt(rq: RunQueue, p: Task, flags: number): void {
    const mine = this.rank(p.sched.cls);
    const donors = this.rank(rq.donor.sched.cls);
    if (mine === donors ? p.sched.cls.wakeupPreempt(rq, p, flags) : mine < donors) this.resched(rq);
  }

  /** A pass: charge, pick, hand the roles over. */
  schedule(cpu: number): Task {
    const rq = this.rqs[cpu]!;
    this.charge(rq);
    rq.needResched = false;
    for (const b of this.balancers) b.beforePick?.(rq);
    const pick = this.pick(rq);
    if (pick !== rq.donor) {
      rq.donor.sched.cls.putPrevTask?.(rq, rq.donor, pick);
      rq.donor = rq.curr = pick;
      rq.charged = this.queue.now;
      pick.sched.cls.setNextTask?.(rq, pick, true);
    }
    for (const b of this.balancers) b.afterSwitch?.(rq);
    return pick;
  }

  pick(rq: RunQueue): Task {
    for (const [i, cls] of this.classes.entries()) {
      const p = rq.nrByClass[i]! > 0 ? cls.pickTask(rq) : null;
      if (p !== null) return p;
    }
    return rq.idle;
  }

  /** Changes the policy of `p` within its class, as `sched_setscheduler` does. */
  setPolicy(p: Task, policy: Policy, flags = 0): void {
    const rq = this.rqs[p.cpu]!;
    this.charge(rq);
    const { cls } = p.sched;
    if (p.onRq === 'queued') cls.dequeueTask(rq, p, 16);
    p.sched.policy = policy;
    p.sched.prio = kernelPrio(policy);
    if (p.onRq === 'queued') cls.enqueueTask(rq, p, 16 | flags);
  }

  /** Fires what is due up to `at` and leaves the clock there. */
  advance(at: Nanos): void {
    for (let t = this.queue.next(at); t !== null; t = this.queue.next(at)) t.fire();
    this.queue.now = at;
  }

  private make(pid: number, comm: string, policy: Policy, cls: SchedClass, cpus?: readonly number[]): Task {
    const { cpus: nrCpus } = this.machine;
    const cpusAllowed = cpus === undefined ? CpuSet.all(nrCpus) : CpuSet.of(nrCpus, cpus);
    const exec = {
      program: { ops: [] },
      jumps: new Int32Array(0),
      pc: 0,
      opLeft: 0,
      phase: 'begin',
      until: 0,
      stall: 0,
      cpusAsked: cpusAllowed,
      cpusAllowed,
      ran: 0,
      spun: 0,
      context: null,
      signalPending: false,
        refusal: null,
        refusedAt: 0,
        section: 0,
        sectionInContext: false,
        undo: 'no',
      held: 0,
    };
    const sched = { cls, entity: null as never, policy, prio: kernelPrio(policy), group: this.group };
    return new Task(pid as Pid, comm, sched, exec as Task['exec'], 0, cpusAllowed.first() as CpuId, null);
  }
}
