import { BLOCKED_QUEUED, READY, type Replay } from './replay.js';
import type { RunNames, TaskInfo } from './row-sink.js';

/** Finds who is outranked at an instant, by the definition of `Totals.outranked`. */
export class OutrankedFinder {
  private readonly urgent: TaskInfo[] = [];
  private known = 0;

  constructor(
    private readonly names: RunNames,
    private readonly replay: Replay,
  ) {}

  /** Pids into `found`, which is emptied first. A look at each real-time and deadline task, and at the CPUs for those that wait. */
  find(urgency: Int32Array, found: number[]): void {
    found.length = 0;
    this.learn();
    for (const p of this.urgent) if (this.isOutranked(urgency, p)) found.push(p.pid);
  }

  /** Tasks seen for the first time. */
  private learn(): void {
    const { tasks } = this.names;
    for (; this.known < tasks.length; this.known++) {
      const p = tasks[this.known];
      if (p !== undefined && URGENT.has(p.policy.kind)) this.urgent.push(p);
    }
  }

  private isOutranked(urgency: Int32Array, { pid, policy }: TaskInfo): boolean {
    const { replay, names } = this;
    const state = replay.state[pid]!;
    if ((state !== READY && state !== BLOCKED_QUEUED) || replay.donorOn[pid]! >= 0) return false;
    const isDeadline = policy.kind === 'deadline';
    if (isDeadline && replay.throttled[pid] === 1) return false;
    const end = state === READY ? pid : replay.chainEnd(pid);
    if (replay.state[end] !== READY) return false;
    const mayUse = names.tasks[end]!.cpus;
    const cpus = mayUse?.length ?? names.nrCpus;
    for (let i = 0; i < cpus; i++) {
      const cpu = mayUse === null ? i : mayUse[i]!;
      if (urgency[replay.donor[cpu]!]! <= urgency[pid]!) continue;
      if (isDeadline || replay.rtThrottled[cpu] === 0) return true;
    }
    return false;
  }
}

const URGENT = new Set(['fifo', 'rr', 'deadline']);
