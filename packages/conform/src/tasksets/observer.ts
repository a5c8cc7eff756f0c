import type { CpuId, Mutex, Nanos, Task, TraceSink } from '@proxysched/core';
import { DlEntity, nextPeriod } from '@proxysched/deadline';

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
}

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
  /** What a server had when it was last seen, for the next wake-up to be compared with. */
  private readonly had = new Map<Task, { readonly budget: Nanos; readonly deadline: Nanos }>();

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task): void {
    this.close(now, cpu);
    this.remember(prev);
    if (next.pid !== 0) this.open.set(cpu, { start: now, task: next, donor });
  }

  schedWakeup(now: Nanos, p: Task): void {
    const e = p.sched.entity;
    if (!(e instanceof DlEntity) || e.throttled) return;
    const had = this.had.get(p);
    const event = had?.deadline !== e.deadline ? 'new_deadline' : had.budget === e.runtime ? 'keep_deadline' : 'revised_budget';
    this.serverEvent(now, event, p, e);
  }

  classMark(now: Nanos, _cpu: CpuId, mark: string, p: Task): void {
    const e = p.sched.entity;
    if (!(e instanceof DlEntity)) return;
    if (mark === 'throttle') this.servers.push({ t: now, event: 'throttle_until', server: p.comm, until: nextPeriod(e) });
    else this.serverEvent(now, mark, p, e);
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

  private remember(p: Task): void {
    const e = p.sched.entity;
    if (e instanceof DlEntity) this.had.set(p, { budget: e.runtime, deadline: e.deadline });
  }

  private serverEvent(t: Nanos, event: string, p: Task, e: DlEntity): void {
    this.servers.push({ t, event, server: p.comm, budget: e.runtime, deadline: e.deadline });
    this.remember(p);
  }
}
