import type { CpuId, Kernel, Nanos, Task, TraceSink } from '@proxysched/core';
import { taskWeight } from '@proxysched/fair';
import { isShared } from './lag-bound.js';
import type { Extreme, Quantity } from './task-bound.js';

const NOTHING: Extreme = { value: 0, at: -1 };

/** Observes what bounds speak about: the longest response, the greatest tardiness, and the largest lag of each task. */
export class BoundsSink implements TraceSink {
  private kernel: Kernel | null = null;
  private readonly seen: Readonly<Record<Quantity, Map<string, Extreme>>> = { response: new Map(), tardiness: new Map(), lag: new Map() };
  private readonly open = new Map<Task, { readonly release: Nanos; readonly deadline: Nanos }>();
  /** Fair tasks that are able to run, with what each is owed beyond what it had, in ns. */
  private readonly lags = new Map<Task, number>();
  private since: Nanos = 0;
  private running: Task | null = null;
  /** First thing that makes shares unsteady, after which lag is not bounded. */
  unsteady: string | null = null;

  get resolver(): string {
    return this.kernel!.resolver.name;
  }

  extreme(quantity: Quantity, task: string): Extreme {
    return this.seen[quantity].get(task) ?? NOTHING;
  }

  begin(kernel: Kernel): void {
    this.kernel = kernel;
  }

  jobRelease(_now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    this.open.set(p, { release, deadline });
  }

  jobDone(now: Nanos, p: Task): void {
    this.judge(now, p);
    this.open.delete(p);
  }

  schedSwitch(now: Nanos, _cpu: CpuId, prev: Task, _next: Task, donor: Task): void {
    this.advance(now);
    this.running = donor.pid === 0 ? null : donor;
    if (prev.pid !== 0 && prev.state !== 'running' && isShared(prev.sched.policy)) {
      this.lags.delete(prev);
      this.unsteady ??= `${prev.comm} left the fair class at ${now / 1e6} ms`;
    }
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.advance(now);
    if (isShared(p.sched.policy) && !this.lags.has(p)) this.lags.set(p, 0);
  }

  /** A job that is still open has taken as long as it is old: that may be too long already. */
  end(now: Nanos): void {
    this.advance(now);
    for (const p of this.open.keys()) this.judge(now, p);
  }

  private judge(now: Nanos, p: Task): void {
    const job = this.open.get(p);
    if (job === undefined) return;
    this.raise('response', p, now - job.release, now);
    if (job.deadline >= 0) this.raise('tardiness', p, Math.max(0, now - job.deadline), now);
  }

  /** Shares since the last event: each its part by weight of the time that the fair class had, less its own. */
  private advance(now: Nanos): void {
    const delta = now - this.since;
    this.since = now;
    const { running } = this;
    if (delta === 0 || running === null || !this.lags.has(running) || this.unsteady !== null) return;
    let total = 0;
    for (const p of this.lags.keys()) total += taskWeight(p.sched.policy);
    for (const [p, lag] of this.lags) {
      const mine = lag + (delta * taskWeight(p.sched.policy)) / total - (p === running ? delta : 0);
      this.lags.set(p, mine);
      this.raise('lag', p, Math.abs(mine), now);
    }
  }

  private raise(quantity: Quantity, p: Task, value: number, at: Nanos): void {
    const seen = this.seen[quantity];
    const before = seen.get(p.comm);
    if (before === undefined || value > before.value) seen.set(p.comm, { value: Math.floor(value), at });
  }
}
