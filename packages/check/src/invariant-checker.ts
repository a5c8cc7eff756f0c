import {
  executor,
  InvariantViolation,
  type CpuId,
  type Kernel,
  type MoveReason,
  type Nanos,
  type Task,
  type TraceSink,
} from '@proxysched/core';
import { checkInvariants, type Problem } from './check-invariants.js';

export interface CheckerOptions {
  /** Look after every n-th event; K7 still adds up every one. Absent: 1. */
  readonly every?: number;
  /** What to do with what is wrong. Absent: throw the first as `InvariantViolation`. */
  readonly report?: (problems: readonly Problem[], kernel: Kernel) => void;
}

/**
 * The checker with a memory: `probe` goes to `run`, and where it is also listed among the sinks it looks at every switch.
 *
 *     const checker = new InvariantChecker();
 *     createSimulation(scenario, modules, [checker]).run(checker.probe);
 *
 * Beyond `checkInvariants` it knows K7 (a task has executed for as long as it was somewhere current) and, as a sink, K3 in
 * full: at the moment of a switch the chain from donor to current is whole and all of it is queued there. And it watches
 * moves: who is blocked is moved by nobody but the resolver.
 */
export class InvariantChecker implements TraceSink {
  /** Events looked at. */
  checked = 0;
  private readonly every: number;
  private readonly report: (problems: readonly Problem[], kernel: Kernel) => void;
  private kernel: Kernel | null = null;
  private events = 0;
  private lastNow: Nanos = 0;
  /** By CPU: who has been current since the last event. */
  private readonly running: Task[] = [];
  private readonly executed = new Map<Task, Nanos>();
  private readonly seen: Problem[] = [];
  /** The CPU that is in a pass, −1: none. */
  private passOn = -1;

  constructor(options: CheckerOptions = {}) {
    this.every = options.every ?? 1;
    this.report = options.report ?? throwFirst;
  }

  readonly probe = (kernel: Kernel): void => {
    this.events++;
    const problems = this.seen.splice(0);
    this.addUp(kernel, problems);
    if (this.events % this.every === 0) {
      this.checked++;
      problems.push(...checkInvariants(kernel));
    }
    if (problems.length > 0) this.report(problems, kernel);
  };

  begin(kernel: Kernel): void {
    this.kernel = kernel;
  }

  schedEntry(_now: Nanos, cpu: CpuId): void {
    this.passOn = cpu;
  }

  schedExit(): void {
    this.passOn = -1;
  }

  schedSwitch(_now: Nanos, cpu: CpuId, _prev: Task, next: Task, donor: Task): void {
    // Outside a pass the runner takes over from a donor that left, and its back link lasts until the pick that follows.
    if (cpu === this.passOn && donor.blockedDonor !== null)
      this.note('K3', `${String(donor)} was just picked on CPU ${cpu} and still believes to run for another`);
    if (next === donor) return;
    const trail = [donor];
    for (let p = donor; p !== next;) {
      const owner = p.blockedOn?.owner ?? null;
      const link = `${trail.map(String).join(' -> ')} on CPU ${cpu}, for whom ${String(next)} runs`;
      if (!this.looksBlocked(p) || owner === null) return this.note('K3', `the chain ends early: ${link}`);
      if (owner.cpu !== cpu || owner.onRq !== 'queued') return this.note('K3', `${String(owner)} is not queued here: ${link}`);
      if (trail.includes(owner)) return this.note('K3', `the chain goes in circles: ${link}`);
      trail.push((p = owner));
    }
    if (this.looksBlocked(next)) this.note('K3', `${String(next)} is blocked and runs for ${String(donor)} on CPU ${cpu}`);
  }

  /** As the pick sees it. */
  private looksBlocked(p: Task): boolean {
    return this.kernel?.resolver.looksBlocked?.(p) ?? p.isBlocked;
  }

  schedMigrate(_now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void {
    // Proxy execution alone moves whom it likes, or says whom push and pull may take; everyone else moves who can run, to where it may.
    if (why === 'proxy') return;
    if (p.isBlocked && (why === 'push' || why === 'pull') && this.kernel?.resolver.reach !== undefined) return;
    if (!p.exec.cpusAllowed.has(to)) this.note('K2', `${String(p)} goes from CPU ${from} to ${to} (${why}), where it may not run`);
    if (why === 'balance' && p.schedDelayed) return; // asleep, and of interest as load only
    // Off every queue it only has another home.
    if (why === 'affinity' && p.onRq === 'no') return;
    if (p.isBlocked && why !== 'wakeup' && why !== 'return' && why !== 'unplug' && this.kernel?.resolver.movesBlocked !== true) {
      this.note('K4', `${String(p)} is blocked and was moved from CPU ${from} to ${to} (${why})`);
    }
  }

  /** K7. What happened since the last event happened under the roles that it left behind. */
  private addUp(kernel: Kernel, problems: Problem[]): void {
    const { now } = kernel.queue;
    for (const [cpu, p] of this.running.entries()) {
      if (p !== kernel.rqs[cpu]!.idle) this.executed.set(p, (this.executed.get(p) ?? 0) + now - this.lastNow);
    }
    this.lastNow = now;
    for (const rq of kernel.rqs) this.running[rq.cpu] = executor(rq, kernel.charging);
    for (const p of kernel.tasks) {
      const rq = kernel.rqs[p.cpu]!;
      const ran = p.exec.ran + (executor(rq, kernel.charging) === p ? now - rq.clock : 0);
      const expected = this.executed.get(p) ?? 0;
      if (ran !== expected) problems.push({ code: 'K7', detail: `${String(p)} has executed ${expected} ns, its account says ${ran}` });
    }
  }

  private note(code: string, detail: string): void {
    if (this.kernel !== null) this.seen.push({ code, detail: `at ${this.kernel.queue.now} ns, ${detail}` });
  }
}

function throwFirst(problems: readonly Problem[], kernel: Kernel): void {
  const [first, ...rest] = problems;
  if (first === undefined) return;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  throw new InvariantViolation(first.code, `at ${kernel.queue.now} ns: ${first.detail}${more}`);
}
