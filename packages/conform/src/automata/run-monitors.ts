import type { CpuId, Kernel, Mutex, Nanos, Task, TraceSink } from '@proxysched/core';
import { DlEntity } from '@proxysched/deadline';
import type { AutomatonFile } from './automaton-file.js';
import { Monitor, type MonitorViolation } from './monitor.js';

/** A listener that feeds one automaton from a run of ours. */
export interface RunMonitor extends TraceSink {
  readonly violations: readonly MonitorViolation[];
  readonly taken: number;
}

/**
 * Automata that a run of ours can be held against, by name. Our steps are atomic: a task that blocks declares it (`set_state`)
 * and leaves the CPU at once. "Switch" is of the task that executes; a blocked donor that is selected is not switched in.
 *
 * @param thresholds `stall`: how long a task that is able to run may wait.
 */
export function monitorFor(file: AutomatonFile, thresholds: { readonly stall?: Nanos } = {}): RunMonitor | null {
  switch (file.name) {
    case 'sssw':
      return new SuspendMonitor(file);
    case 'wwnr':
      return new WakeupMonitor(file);
    case 'snroc':
      return new OwnStateMonitor(file);
    case 'stall':
      return new StallMonitor(file, thresholds.stall ?? 1e9);
    case 'nomiss':
      return new NomissMonitor(file);
    case 'mutex_owner_word':
      return new OwnerWordMonitor(file);
    case 'grub_task_state':
      return new MarkMonitor(file, GRUB_MARKS);
    case 'dl_server':
      return new MarkMonitor(file, {});
    default:
      return null;
  }
}

abstract class TaskMonitor implements RunMonitor {
  protected readonly monitor: Monitor<Task>;

  constructor(file: AutomatonFile, parameters?: (p: Task) => Readonly<Record<string, number>>) {
    this.monitor = new Monitor(file, parameters);
  }

  get violations(): readonly MonitorViolation[] {
    return this.monitor.violations;
  }

  get taken(): number {
    return this.monitor.taken;
  }

  end(now: Nanos): void {
    this.monitor.end(now);
  }
}

/** sssw: no task runs after it suspended and before it is woken. With proxy execution the best single rule. */
class SuspendMonitor extends TaskMonitor {
  schedSwitch(now: Nanos, _cpu: CpuId, prev: Task, next: Task, _donor: Task, preempted: boolean): void {
    if (prev === next) return;
    if (prev.pid !== 0) {
      if (prev.state !== 'running') this.monitor.deliver(prev, 'sched_set_state_sleepable', now);
      this.monitor.deliver(prev, preempted ? 'sched_switch_preempt' : 'sched_switch_suspend', now);
    }
    if (next.pid !== 0) this.monitor.deliver(next, 'sched_switch_in', now);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.monitor.deliver(p, 'sched_wakeup', now);
  }
}

/** wwnr: a task is woken only while it does not run. */
class WakeupMonitor extends TaskMonitor {
  schedSwitch(now: Nanos, _cpu: CpuId, prev: Task, next: Task): void {
    if (prev === next) return;
    if (prev.pid !== 0) this.monitor.deliver(prev, 'switch_out', now, {}, prev.state === 'sleeping' ? 'start' : 'event');
    if (next.pid !== 0) this.monitor.deliver(next, 'switch_in', now);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.monitor.deliver(p, 'wakeup', now);
  }
}

/** snroc: a task sets its own state only while it executes; a donor never does while it lends. */
class OwnStateMonitor extends TaskMonitor {
  schedSwitch(now: Nanos, _cpu: CpuId, prev: Task, next: Task): void {
    if (prev === next) return;
    if (prev.pid !== 0) {
      if (prev.state === 'sleeping') this.monitor.deliver(prev, 'sched_set_state', now, {}, 'event');
      this.monitor.deliver(prev, 'sched_switch_out', now);
    }
    if (next.pid !== 0) this.monitor.deliver(next, 'sched_switch_in', now);
  }

  mutexBlocked(now: Nanos, p: Task): void {
    this.monitor.deliver(p, 'sched_set_state', now, {}, 'event');
  }
}

/** stall: who is able to run does so within a threshold. Waiting donors are asleep for it. */
class StallMonitor extends TaskMonitor {
  constructor(file: AutomatonFile, threshold: Nanos) {
    super(file, () => ({ threshold_jiffies: threshold }));
  }

  schedSwitch(now: Nanos, _cpu: CpuId, prev: Task, next: Task, _donor: Task, preempted: boolean): void {
    if (prev === next) return;
    if (prev.pid !== 0) this.monitor.deliver(prev, preempted ? 'sched_switch_preempt' : 'sched_switch_wait', now);
    if (next.pid !== 0) this.monitor.deliver(next, 'sched_switch_in', now);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.monitor.start(p, now);
    this.monitor.deliver(p, 'sched_wakeup', now);
  }
}

/**
 * nomiss: each period of a reservation is finished, slept or throttled by its deadline and a tolerance. Fed with donors: a
 * context that is selected is switched in, and one that blocks suspends when it leaves the queue.
 */
class NomissMonitor extends TaskMonitor {
  private kernel: Kernel | null = null;
  private readonly deadlines = new Map<Task, Nanos>();
  /** By CPU. */
  private readonly donors: (Task | undefined)[] = [];

  constructor(file: AutomatonFile) {
    // A tolerance of one tick; where budgets are exact 1 ns, because the clock may not reach the bound.
    super(file, p => ({ DEADLINE_NS: entity(p)!.dlDeadline + this.tolerance() }));
  }

  begin(kernel: Kernel): void {
    this.kernel = kernel;
  }

  schedSwitch(now: Nanos, cpu: CpuId, _prev: Task, _next: Task, donor: Task): void {
    const old = this.donors[cpu];
    if (old === donor) return;
    this.donors[cpu] = donor;
    if (old !== undefined && entity(old) !== null && old.onRq === 'no') this.monitor.deliver(old, 'sched_switch_suspend', now);
    if (entity(donor) !== null) this.monitor.deliver(donor, 'sched_switch_in', now, this.env(donor), 'start-run');
  }

  schedWakeup(now: Nanos, p: Task): void {
    if (entity(p) === null) return;
    this.renewed(now, p);
    this.monitor.deliver(p, 'sched_wakeup', now, this.env(p));
  }

  classMark(now: Nanos, _cpu: CpuId, mark: string, p: Task): void {
    if (entity(p) === null) return;
    if (mark === 'throttle') this.monitor.deliver(p, 'dl_throttle', now, this.env(p));
    else this.renewed(now, p);
  }

  /** A later deadline is a replenishment. */
  private renewed(now: Nanos, p: Task): void {
    const { deadline } = entity(p)!;
    if (this.deadlines.get(p) === deadline) return;
    this.deadlines.set(p, deadline);
    this.monitor.deliver(p, 'dl_replenish', now, this.env(p));
  }

  private env(p: Task): Readonly<Record<string, number>> {
    return { is_constr_dl: entity(p)!.implicit ? 0 : 1, is_defer: 0 };
  }

  private tolerance(): Nanos {
    const { hz } = this.kernel!.machine;
    return hz === null ? 1 : Math.ceil(1e9 / hz);
  }
}

function entity(p: Task): DlEntity | null {
  const e = p.sched.entity;
  return e instanceof DlEntity ? e : null;
}

/** mutex_owner_word: the owner word takes legal steps only. */
class OwnerWordMonitor implements RunMonitor {
  private readonly monitor: Monitor<Mutex>;
  private readonly waiting = new Set<Task>();
  /** Who will take a lock that was handed over. */
  private readonly named = new Map<Mutex, Task>();

  constructor(file: AutomatonFile) {
    this.monitor = new Monitor<Mutex>(file);
  }

  get violations(): readonly MonitorViolation[] {
    return this.monitor.violations;
  }

  get taken(): number {
    return this.monitor.taken;
  }

  begin(kernel: Kernel): void {
    for (const m of kernel.mutexes) this.monitor.start(m, 0);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    if (!this.waiting.has(p)) this.monitor.deliver(m, 'add_waiter', now);
    else if (m.handoff && m.firstWaiter === p) this.monitor.deliver(m, 'request_handoff', now);
    this.waiting.add(p);
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean): void {
    // In line it was preempted before it could block, and then found the lock free.
    if (waited && !this.waiting.has(p)) this.monitor.deliver(m, 'add_waiter', now);
    const named = this.named.get(m) === p;
    this.monitor.deliver(m, named ? 'pickup' : 'acquire', now);
    this.named.delete(m);
    if (waited) this.leave(now, p, m);
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex): void {
    if (this.waiting.has(p)) this.leave(now, p, m);
  }

  private leave(now: Nanos, p: Task, m: Mutex): void {
    this.waiting.delete(p);
    this.monitor.deliver(m, m.nrWaiters > 0 ? 'del_waiter' : 'del_last_waiter', now);
  }

  mutexReleased(now: Nanos, m: Mutex, _by: Task, to: Task | null): void {
    if (to === null) return this.monitor.deliver(m, 'unlock', now);
    // A hand-over that nobody asked for, to the donor: as if it had been asked for just before.
    this.monitor.deliver(m, 'request_handoff', now);
    this.monitor.deliver(m, 'handoff', now);
    this.named.set(m, to);
  }
}

const GRUB_MARKS: Readonly<Record<string, string>> = {
  contending: 'wakeup',
  nonContending: 'block_before_0lag',
  inactive: 'block_after_0lag',
  inactiveTimer: 'inactive_timer',
};

/** Automata whose events a class marks itself, by their names (`dlServerStart` is `dl_server_start`) or by `words`. */
class MarkMonitor implements RunMonitor {
  private readonly monitor: Monitor<Task>;
  private readonly events: ReadonlySet<string>;

  constructor(
    file: AutomatonFile,
    private readonly words: Readonly<Record<string, string>>,
  ) {
    this.monitor = new Monitor<Task>(file);
    this.events = new Set(file.events);
  }

  get violations(): readonly MonitorViolation[] {
    return this.monitor.violations;
  }

  get taken(): number {
    return this.monitor.taken;
  }

  classMark(now: Nanos, _cpu: CpuId, mark: string, p: Task): void {
    const event = this.words[mark] ?? mark.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
    if (!this.events.has(event)) return;
    this.monitor.start(p, now);
    this.monitor.deliver(p, event, now);
  }
}
