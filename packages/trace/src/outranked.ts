import { BLOCKED_QUEUED, READY, type Replay } from './replay.js';
import type { RunNames } from './row-sink.js';
import { urgencyOf } from './urgency.js';

/** Some of the CPUs, and the least urgent of their donors, as a number of urgency. */
interface Cpus {
  /** `null`: all. */
  readonly ids: readonly number[] | null;
  /** Of all of them, and of those where real-time tasks have not used up their time. */
  least: number;
  leastRealTime: number;
  /** Number of the look in which that was so. */
  look: number;
}

/**
 * Finds who is outranked at an instant, by the definition of `Totals.outranked`: it is more urgent than the least urgent donor of the CPUs
 * that the end of its chain may use. A look costs one at each CPU, and one at each task that is more urgent than somebody who has a CPU:
 * where urgent tasks have them all, at nobody.
 */
export class OutrankedFinder {
  /** Pids of real-time and deadline tasks, the most urgent first. */
  private urgent = new Int32Array(0);
  private known = 0;
  private looks = 0;
  private readonly all: Cpus = { ids: null, least: -1, leastRealTime: -1, look: 0 };
  /** By pid: the CPUs that it may use, each set once. */
  private readonly cpusOf: Cpus[] = [];
  private readonly sets = new Map<string, Cpus>();

  constructor(
    private readonly names: RunNames,
    private readonly replay: Replay,
  ) {}

  /** Pids into `found`, which is emptied first. */
  find(urgency: Int32Array, found: number[]): void {
    found.length = 0;
    this.learn();
    if (this.urgent.length === 0) return;
    this.looks++;
    const least = this.lookAt(this.all, urgency).least;
    const { urgent } = this;
    const { donorOn } = this.replay;
    for (let i = 0; i < urgent.length; i++) {
      const pid = urgent[i]!;
      if (urgency[pid]! >= least) return;
      if (donorOn[pid]! < 0 && this.isOutranked(urgency, pid)) found.push(pid);
    }
  }

  /** Tasks seen for the first time. */
  private learn(): void {
    const { tasks } = this.names;
    if (this.known === tasks.length) return;
    const urgent = [...this.urgent].map(pid => tasks[pid]!);
    for (; this.known < tasks.length; this.known++) {
      const p = tasks[this.known];
      this.cpusOf.push(p === undefined || p.cpus === null ? this.all : this.setOf(p.cpus));
      if (p !== undefined && URGENT.has(p.policy.kind)) urgent.push(p);
    }
    urgent.sort((a, b) => urgencyOf(a) - urgencyOf(b) || a.pid - b.pid);
    this.urgent = Int32Array.from(urgent, p => p.pid);
  }

  private setOf(ids: readonly number[]): Cpus {
    const key = ids.join();
    let cpus = this.sets.get(key);
    if (cpus === undefined) this.sets.set(key, (cpus = { ids, least: -1, leastRealTime: -1, look: 0 }));
    return cpus;
  }

  /** `pid` is nobody's donor. */
  private isOutranked(urgency: Int32Array, pid: number): boolean {
    const { replay } = this;
    const state = replay.state[pid]!;
    if (state !== READY && state !== BLOCKED_QUEUED) return false;
    const isDeadline = this.names.tasks[pid]!.policy.kind === 'deadline';
    if (isDeadline && replay.throttled[pid] === 1) return false;
    const end = state === READY ? pid : replay.chainEnd(pid);
    if (replay.state[end] !== READY) return false;
    const cpus = this.lookAt(this.cpusOf[end]!, urgency);
    return urgency[pid]! < (isDeadline ? cpus.least : cpus.leastRealTime);
  }

  /** What is known of `cpus` is of now. */
  private lookAt(cpus: Cpus, urgency: Int32Array): Cpus {
    if (cpus.look === this.looks) return cpus;
    const { donor, rtThrottled } = this.replay;
    const { ids } = cpus;
    let least = -1;
    let leastRealTime = -1;
    const n = ids === null ? this.names.nrCpus : ids.length;
    for (let i = 0; i < n; i++) {
      const cpu = ids === null ? i : ids[i]!;
      const of = urgency[donor[cpu]!]!;
      if (of > least) least = of;
      if (of > leastRealTime && rtThrottled[cpu] === 0) leastRealTime = of;
    }
    cpus.least = least;
    cpus.leastRealTime = leastRealTime;
    cpus.look = this.looks;
    return cpus;
  }
}

const URGENT = new Set(['fifo', 'rr', 'deadline']);
