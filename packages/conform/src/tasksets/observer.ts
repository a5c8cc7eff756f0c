import type { CpuId, Mutex, Nanos, Task, TraceSink } from '@proxysched/core';

/** A task on a CPU, without a break, for one job, in one server. */
export interface Span {
  readonly start: Nanos;
  readonly end: Nanos;
  /** `undefined`: the server burns its budget in spinning. */
  readonly task: string | undefined;
  readonly job: number;
  /** The donor: who is charged. */
  readonly server: string;
}

export interface Job {
  readonly release: Nanos;
  /** Absolute; −1: none. */
  readonly deadline: Nanos;
  /** −1: not done when the run ended. */
  finish: Nanos;
}

export interface LockEvent {
  readonly t: Nanos;
  readonly event: 'lock' | 'block' | 'unlock' | 'handoff';
  readonly task: string;
  readonly lock: string;
  /** Of a `block`: who holds the lock. */
  readonly holder?: string;
}

/** What a server does, in the words of the files; numbers as they are after it. */
export interface ServerEvent {
  readonly t: Nanos;
  readonly event: string;
  readonly server: string;
  readonly budget?: Nanos;
  readonly deadline?: Nanos;
  readonly until?: Nanos;
  /** Of a start: when it will be looked at. */
  readonly timer?: Nanos;
}

/** Marks of the deadline class in the words of the files; what they leave out has no name there. */
const SERVER_EVENTS: Readonly<Record<string, string>> = {
  newDeadline: 'new_deadline',
  keepDeadline: 'keep_deadline',
  revisedBudget: 'revised_budget',
  recharge: 'recharge',
  throttle: 'throttle_until',
  replenish: 'replenish',
  dlServerStart: 'start',
  dlServerStartLate: 'start',
  zeroLaxityTimer: 'zero_laxity_timer',
  budgetExhausted: 'throttle',
  replenishTimer: 'replenish',
};

/** Notes of a run what task sets have expectations about. */
export class Observer implements TraceSink {
  readonly spans: Span[] = [];
  /** By task, in order of release. */
  readonly jobs = new Map<string, Job[]>();
  readonly locks: LockEvent[] = [];
  readonly servers: ServerEvent[] = [];
  private readonly open = new Map<CpuId, { readonly start: Nanos; readonly task: Task; readonly donor: Task }>();
  private readonly spinning = new Set<Task>();
  /** Who will take a lock that was handed over: the taking is no event of its own. */
  private readonly named = new Map<Mutex, Task>();

  schedSwitch(now: Nanos, cpu: CpuId, _prev: Task, next: Task, donor: Task): void {
    this.close(now, cpu);
    if (next.pid !== 0) this.open.set(cpu, { start: now, task: next, donor });
  }

  /** The marks of the deadline class: what happened, with the budget after it, then the deadline and the instant waited for. */
  classMark(now: Nanos, _cpu: CpuId, mark: string, p: Task, value: number): void {
    const event = SERVER_EVENTS[mark];
    const last = this.servers.at(-1);
    if (event !== undefined) this.servers.push({ t: now, event, server: p.comm, budget: value });
    else if (last?.server === p.comm && last.t === now && (mark === 'deadline' || mark === 'until'))
      this.servers[this.servers.length - 1] = { ...last, [last.event === 'start' && mark === 'until' ? 'timer' : mark]: value };
  }

  mutexSpin(now: Nanos, p: Task, _m: Mutex, on: boolean): void {
    this.splitAt(now, p);
    if (on) this.spinning.add(p);
    else this.spinning.delete(p);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    this.locks.push({ t: now, event: 'block', task: p.comm, lock: m.name, ...(m.owner === null ? {} : { holder: m.owner.comm }) });
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex): void {
    if (this.named.get(m) === p) this.named.delete(m);
    else this.locks.push({ t: now, event: 'lock', task: p.comm, lock: m.name });
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null): void {
    this.locks.push({ t: now, event: 'unlock', task: by.comm, lock: m.name });
    if (to === null) return;
    this.named.set(m, to);
    this.locks.push({ t: now, event: 'handoff', task: to.comm, lock: m.name });
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    const jobs = this.jobs.get(p.comm) ?? [];
    this.jobs.set(p.comm, jobs);
    this.splitAt(now, p);
    jobs.push({ release, deadline, finish: -1 });
  }

  jobDone(now: Nanos, p: Task): void {
    this.splitAt(now, p);
    this.jobs.get(p.comm)!.at(-1)!.finish = now;
  }

  end(now: Nanos): void {
    for (const cpu of [...this.open.keys()]) this.close(now, cpu);
  }

  /** A task that goes on with its next job begins a span of its own. */
  private splitAt(now: Nanos, p: Task): void {
    const running = this.open.get(p.cpu);
    if (running?.task !== p) return;
    this.close(now, p.cpu);
    this.open.set(p.cpu, { ...running, start: now });
  }

  private close(now: Nanos, cpu: CpuId): void {
    const running = this.open.get(cpu);
    this.open.delete(cpu);
    if (running === undefined || running.start === now) return;
    const { start, task, donor } = running;
    const name = this.spinning.has(task) ? undefined : task.comm;
    this.spans.push({ start, end: now, task: name, job: (this.jobs.get(task.comm)?.length ?? 1) - 1, server: donor.comm });
  }
}
