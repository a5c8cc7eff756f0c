import type { RecordedTask } from '@proxysched/workload';
import type { LockMark } from './trace-event.js';

type Op = [string, number];

/** An operation whose moment the trace shows, as the recordings tell it. */
export interface SeenOp {
  readonly t: number;
  readonly cpu: number;
  readonly index: number;
  readonly op: 'lock' | 'unlock';
  readonly phase: LockMark;
}

/**
 * What one task does, gathered as the trace is read: it runs while it is on a CPU, it sleeps from leaving the CPU in a state that
 * is not running until it is woken, and what lies between a request for a lock and having it is neither, but waiting.
 */
export class TaskBuilder {
  readonly seen: SeenOp[] = [];
  readonly cpus = new Set<number>();
  /** Sleeps, and how many of them ended while a task ran on the CPU that woke it: it may have waited for that task. */
  sleeps = 0;
  wokenByOthers = 0;
  ran = 0;
  private readonly ops: Op[] = [];
  private readonly prios = new Map<number, number>();
  private start = -1;
  private onCpuSince = -1;
  private asleepSince = -1;
  private work = 0;
  /** The lock asked for and not had yet. */
  private waitsFor = -1;
  private readonly held: number[] = [];

  constructor(readonly name: string) {}

  prio(prio: number): void {
    this.prios.set(prio, (this.prios.get(prio) ?? 0) + 1);
  }

  in(t: number, cpu: number): void {
    this.wake(t, false);
    this.onCpuSince = t;
    this.cpus.add(cpu);
  }

  out(t: number, cpu: number, state: string): void {
    if (this.onCpuSince < 0) {
      // It ran when the trace began, at 0.
      if (this.start < 0) this.start = 0;
      this.onCpuSince = 0;
      this.cpus.add(cpu);
    }
    this.spend(t);
    this.onCpuSince = -1;
    if (!state.startsWith('R') && !/^[XZ]/.test(state) && this.waitsFor < 0) this.asleepSince = t;
  }

  wake(t: number, byTask: boolean): void {
    if (this.start < 0) this.start = t;
    if (this.asleepSince < 0) return;
    this.flush();
    this.ops.push(['sleep', Math.max(1, t - this.asleepSince)]);
    this.sleeps++;
    if (byTask) this.wokenByOthers++;
    this.asleepSince = -1;
  }

  mark(t: number, cpu: number, phase: LockMark, lock: number): void {
    this.spend(t);
    if (phase === 'req') {
      this.flush();
      this.seen.push({ t, cpu, index: this.ops.push(['lock', lock]) - 1, op: 'lock', phase });
      this.waitsFor = lock;
    } else if (phase === 'got' && this.waitsFor === lock) {
      this.seen.push({ t, cpu, index: this.ops.length - 1, op: 'lock', phase });
      this.waitsFor = -1;
      this.work = 0;
      this.held.push(lock);
    } else if (phase === 'rel' && this.held.includes(lock)) {
      this.flush();
      this.seen.push({ t, cpu, index: this.ops.push(['unlock', lock]) - 1, op: 'unlock', phase });
      this.held.splice(this.held.indexOf(lock), 1);
    }
  }

  /** The task in the form of the recordings; locks that are held at the end are let go there. */
  build(end: number, machineCpus: number): { readonly task: RecordedTask; readonly notes: readonly string[] } {
    this.spend(end);
    this.flush();
    if (this.waitsFor >= 0) this.held.push(this.waitsFor);
    for (const lock of this.held.reverse()) this.ops.push(['unlock', lock]);
    const notes: string[] = [];
    const pinned = machineCpus > 1 && this.cpus.size === 1;
    if (pinned) notes.push(`${this.name}: seen on CPU ${[...this.cpus].join()} only, taken for pinned to it`);
    const [prio, ...others] = [...this.prios].sort((a, b) => b[1] - a[1]).map(([p]) => p);
    if (others.length > 0) notes.push(`${this.name}: its priority changes (${[prio, ...others].join(', ')}); the most frequent is taken`);
    const policy = policyOf(prio ?? 120);
    if (policy.note !== undefined) notes.push(`${this.name}: ${policy.note}`);
    const task: RecordedTask = {
      name: this.name,
      ...policy.fields,
      slice_us: 0,
      cpus: pinned ? [...this.cpus] : [],
      start_us: Math.max(0, this.start),
      loops: 1,
      ops: this.ops,
    };
    return { task, notes };
  }

  private spend(t: number): void {
    if (this.onCpuSince < 0) return;
    this.work += t - this.onCpuSince;
    this.ran += t - this.onCpuSince;
    this.onCpuSince = t;
  }

  private flush(): void {
    if (this.work > 0) this.ops.push(['run', this.work]);
    this.work = 0;
  }
}

/** A kernel priority says the policy, as far as it does (`formats.md` 3.3). */
function policyOf(prio: number): { readonly fields: Pick<RecordedTask, 'policy' | 'nice' | 'prio'>; readonly note?: string } {
  if (prio >= 100) return { fields: { policy: 'fair', nice: Math.min(19, Math.max(-20, prio - 120)) } };
  if (prio >= 0) return { fields: { policy: 'fifo', nice: 0, prio: Math.max(1, 99 - prio) } };
  return {
    fields: { policy: 'fifo', nice: 0, prio: 99 },
    note: 'a deadline task, whose parameters a trace does not tell; taken for FIFO 99',
  };
}
