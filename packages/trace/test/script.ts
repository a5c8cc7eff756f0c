import {
  ClassicResolver,
  CpuSet,
  Mutex,
  MutexRules,
  Task,
  makeTracer,
  type ChainOutcome,
  type CpuId,
  type ExecContext,
  type Kernel,
  type MoveReason,
  type Policy,
  type ReleaseKind,
  type SchedClass,
  type SchedContext,
  type SimResult,
  type TraceSink,
  type Tracer,
} from '@proxysched/core';
import type { RunInfo } from '../src/index.js';

export const MS = 1_000_000;

const CLASSES = ['deadline', 'rt', 'fair', 'idle'].map(name => ({ name }) as unknown as SchedClass);
const CLASS_OF = { deadline: 0, fifo: 1, rr: 1, normal: 2, batch: 2, idle: 2, custom: 2 } as const;

/** A machine that does what the test says and tells its sinks, in the order in which the real one would. */
export class Script {
  readonly trace: Tracer;
  readonly tasks: Task[] = [];
  readonly mutexes: Mutex[] = [];
  private readonly idles: Task[];
  private readonly curr: Task[];
  private readonly donor: Task[];
  private readonly rqs: { cpu: number }[];
  private now = 0;

  constructor(
    readonly cpus: number,
    sinks: readonly TraceSink[],
  ) {
    this.trace = makeTracer(sinks);
    this.idles = Array.from({ length: cpus }, (_, cpu) => this.make(0, `swapper/${cpu}`, { kind: 'normal', nice: 0 }, 0, cpu));
    this.curr = [...this.idles];
    this.donor = [...this.idles];
    this.rqs = Array.from({ length: cpus }, (_, cpu) => ({ cpu }));
  }

  task(comm: string, policy: Policy, { deadline = 0, cpu = 0, cpus = null as readonly number[] | null } = {}): Task {
    const p = this.make(this.tasks.length + 1, comm, policy, deadline, cpu, cpus);
    this.tasks.push(p);
    return p;
  }

  mutex(name: string): Mutex {
    const m = new Mutex(this.mutexes.length, name, new MutexRules({ resolver: new ClassicResolver() }));
    this.mutexes.push(m);
    return m;
  }

  begin(): this {
    const kernel = {
      tasks: this.tasks,
      mutexes: this.mutexes,
      rqs: this.rqs,
      classes: CLASSES,
      rank: (c: SchedClass) => CLASSES.indexOf(c),
    };
    this.trace.begin(kernel as unknown as Kernel);
    return this;
  }

  /** Time goes on to `ms`. */
  at(ms: number): this {
    this.now = Math.round(ms * MS);
    return this;
  }

  /** A job of `p` begins and `p` wakes. */
  release(p: Task, waker: Task | null = null): this {
    p.release = this.now;
    this.trace.jobRelease(this.now, p, this.now, p.deadline === 0 ? -1 : this.now + p.deadline);
    return this.wake(p, waker, p.state === 'new');
  }

  wake(p: Task, waker: Task | null = null, fork = false): this {
    this.trace.schedWaking(this.now, p, waker, fork);
    p.state = 'running';
    p.onRq = 'queued';
    this.trace.schedWakeup(this.now, p);
    return this;
  }

  /** CPU runs `next` (`null`: idle), in the name of `donor`. */
  run(cpu: number, next: Task | null, donor: Task | null = next): this {
    const prev = this.curr[cpu]!;
    const to = next ?? this.idles[cpu]!;
    const name = donor ?? this.idles[cpu]!;
    this.trace.schedSwitch(this.now, cpu as CpuId, prev, to, name, prev.pid > 0 && prev !== to && prev.state === 'running');
    this.curr[cpu] = to;
    this.donor[cpu] = name;
    return this;
  }

  /** `p` takes a free mutex. */
  lock(p: Task, m: Mutex): this {
    this.trace.mutexRequest(this.now, p, m);
    return this.take(p, m, false);
  }

  take(p: Task, m: Mutex, waited: boolean, stolen = false): this {
    m.owner = p;
    if (p.waitsIn === m) m.removeWaiter(p);
    p.blockedOn = null;
    this.trace.mutexAcquired(this.now, p, m, waited, stolen);
    return this;
  }

  /** `p` blocks on `m`; `queued`: its context stays on the queue. */
  block(p: Task, m: Mutex, queued: boolean): this {
    this.trace.mutexRequest(this.now, p, m);
    m.addWaiter(p);
    p.blockedOn = m;
    this.trace.mutexBlocked(this.now, p, m);
    p.state = 'blocked';
    p.onRq = queued ? 'queued' : 'no';
    return this;
  }

  outcome(cpu: number, donor: Task, outcome: ChainOutcome): this {
    this.trace.proxyOutcome(this.now, cpu as CpuId, donor, outcome);
    return this;
  }

  unlock(p: Task, m: Mutex, to: Task | null, how: ReleaseKind = to === null ? 'unwanted' : 'waiter'): this {
    m.owner = to;
    this.trace.mutexReleased(this.now, m, p, to, how);
    return this;
  }

  move(p: Task, to: number, why: MoveReason): this {
    const from = p.cpu;
    p.cpu = to as CpuId;
    this.trace.schedMigrate(this.now, p, from, to as CpuId, why);
    return this;
  }

  done(p: Task): this {
    this.trace.jobDone(this.now, p, p.release);
    p.release = -1;
    return this;
  }

  sleep(p: Task): this {
    p.state = 'sleeping';
    p.onRq = 'no';
    return this;
  }

  exit(p: Task): this {
    p.state = 'dead';
    p.onRq = 'no';
    this.trace.taskExit(this.now, p);
    return this;
  }

  park(p: Task, owner: Task): this {
    p.onRq = 'no';
    this.trace.proxyPark(this.now, p, owner);
    return this;
  }

  unpark(p: Task, owner: Task): this {
    p.onRq = 'queued';
    p.cpu = owner.cpu;
    this.trace.proxyUnpark(this.now, p, owner);
    return this;
  }

  /** `passes` passes of the scheduler on `cpu`, which change nothing. */
  pass(cpu: number, passes = 1): this {
    for (let i = 0; i < passes; i++) {
      this.trace.schedEntry(this.now, cpu as CpuId);
      this.trace.schedExit(this.now, cpu as CpuId, false);
    }
    return this;
  }

  spin(p: Task, m: Mutex, on: boolean): this {
    this.trace.mutexSpin(this.now, p, m, on);
    return this;
  }

  repick(cpu: number, repicks: number): this {
    this.trace.schedRepick(this.now, cpu as CpuId, repicks);
    return this;
  }

  mark(cpu: number, mark: string, p: Task, value: number): this {
    this.trace.classMark(this.now, cpu as CpuId, mark, p, value);
    return this;
  }

  end(result: Partial<SimResult> = {}): this {
    this.trace.end(this.now, { outcome: 'finished', at: this.now, events: 42, ...result } as SimResult);
    return this;
  }

  private make(pid: number, comm: string, policy: Policy, deadline: number, cpu: number, cpus: readonly number[] | null = null): Task {
    const exec = {
      program: { ops: [{ op: 'run', ns: MS, src: 7 }] },
      pc: 0,
      opLeft: 0,
      phase: 0,
      jumps: new Int32Array(1),
      stall: 0,
      cpusAllowed: cpus === null ? CpuSet.all(this.cpus) : CpuSet.of(this.cpus, cpus),
      ran: 0,
      held: 0,
    } as unknown as ExecContext;
    const sched = { cls: CLASSES[CLASS_OF[policy.kind]], policy, entity: {}, group: {} } as unknown as SchedContext;
    return new Task(pid as Task['pid'], comm, sched, exec, deadline, cpu as CpuId, null);
  }
}

export const INFO: RunInfo = {
  workload: 'inversion',
  cpus: 1,
  proxy: '7.3',
  seed: 1,
  until: 20 * MS,
  classes: ['deadline', 'rt', 'fair', 'idle'],
  options: { 'fair.runToParity': true, 'core.a': 3 },
  version: '0.1.0',
};

/** The task set of `gantt-style.md`: one CPU, ms. high ends at 15 without proxying, at 9 with it. */
export function inversion(proxy: boolean, sinks: readonly TraceSink[]): void {
  const s = new Script(1, sinks);
  const low = s.task('low', { kind: 'fifo', prio: 10 });
  const mid = s.task('mid', { kind: 'fifo', prio: 20 });
  const high = s.task('high', { kind: 'fifo', prio: 30 }, { deadline: 10 * MS });
  const m = s.mutex('M');
  s.begin();
  s.at(0).release(low).run(0, low);
  s.at(1).lock(low, m);
  s.at(2).release(high).run(0, high);
  s.at(3).block(high, m, proxy);
  if (proxy) {
    s.outcome(0, high, { kind: 'run', task: low, depth: 1 }).run(0, low, high);
    s.at(3.5).release(mid);
    s.at(6).unlock(low, m, high, 'donor').wake(high, low).run(0, high).take(high, m, true);
    s.at(8).unlock(high, m, null);
    s.at(9).done(high).exit(high).run(0, mid);
    s.at(15).done(mid).exit(mid).run(0, low);
  } else {
    s.run(0, low);
    s.at(3.5).release(mid).run(0, mid);
    s.at(9.5).done(mid).exit(mid).run(0, low);
    s.at(12).unlock(low, m, high).wake(high, low).run(0, high).take(high, m, true);
    s.at(14).unlock(high, m, null);
    s.at(15).done(high).exit(high).run(0, low);
  }
  s.at(16).done(low).exit(low).run(0, null).end();
}

/** Two CPUs: a waiter is dragged to its owner's CPU and goes home; a chain of three; a parked waiter; a throttled task. */
export function twoCpus(sinks: readonly TraceSink[]): void {
  const s = new Script(2, sinks);
  const own = s.task('own', { kind: 'normal', nice: 0 }, { cpu: 1 });
  const link = s.task('link', { kind: 'normal', nice: 0 }, { cpu: 0 });
  const top = s.task('top', { kind: 'normal', nice: -5 }, { cpu: 0, deadline: 9 * MS });
  const hog = s.task('hog', { kind: 'normal', nice: 5 }, { cpu: 0 });
  const dl = s.task('dl', { kind: 'deadline', runtime: MS, deadline: 4 * MS, period: 4 * MS }, { cpu: 1 });
  const a = s.mutex('a');
  const b = s.mutex('b');
  s.begin();
  s.at(0).release(own).run(1, own).lock(own, a).release(link).run(0, link).lock(link, b).release(hog);
  s.at(1)
    .block(link, a, true)
    .repick(0, 1)
    .outcome(0, link, { kind: 'migrate', task: link, to: 1 as CpuId })
    .move(link, 1, 'proxy')
    .run(0, hog);
  s.at(1.5).release(dl).run(1, dl);
  s.at(2.5).mark(1, 'throttle', dl, 0).run(1, own, link);
  s.at(3).release(top).run(0, top);
  s.at(4)
    .block(top, b, true)
    .repick(0, 2)
    .outcome(0, top, { kind: 'migrate', task: top, to: 1 as CpuId })
    .move(top, 1, 'proxy')
    .run(0, hog);
  s.at(4).run(1, own, top);
  s.at(5).mark(1, 'replenish', dl, MS).run(1, dl);
  s.at(5.5).done(dl).sleep(dl).run(1, own, top);
  s.at(7).unlock(own, a, link).wake(link, own).run(1, link, top).take(link, a, true);
  s.at(8).unlock(link, a, null).unlock(link, b, top).move(top, 0, 'return').wake(top, link).run(0, top).take(top, b, true).run(1, own);
  s.at(9).block(own, b, true).outcome(1, own, { kind: 'park', task: own, owner: top }).run(1, link);
  s.at(10).unlock(top, b, own).wake(own, top).done(top).exit(top).run(0, hog);
  s.at(11).done(link).exit(link).run(1, own).take(own, b, true);
  s.at(12).unlock(own, b, null).done(own).exit(own).run(1, null);
  s.at(14).end({ outcome: 'timeLimit' });
}
