import {
  findCycle,
  type ChainOutcome,
  type DeadlockAction,
  type LockError,
  type Mutex,
  type Nanos,
  type Task,
  type TraceSink,
} from '@proxysched/core';
import type { CpuId, MoveReason } from '@proxysched/core';

/** A scheduling pass that had to pick again. */
export interface LongPass {
  readonly cpu: number;
  readonly at: Nanos;
  readonly repicks: number;
}

/** Passes of more re-picks than this are listed: what the debug build of June 2023 took for a deadlock. */
const LONG = 50;

/** Who lent its context to whom on a CPU, through which waiters, and since when. */
interface Loan {
  readonly since: Nanos;
  readonly through: readonly Task[];
}

/** Watches a run beside the policy under study, and knows the truth: it follows the owners each time a task blocks. */
export class Observer implements TraceSink {
  /** Instants at which the first circle closed, the policy first named a true one, and the first wait in a circle ended; −1: never. */
  closedAt: Nanos = -1;
  noticedAt: Nanos = -1;
  openedAt: Nanos = -1;
  alarms = 0;
  falseAlarms = 0;
  /** Picks again, the passes that had to, and the longest of them. */
  repicks = 0;
  passes = 0;
  longest: LongPass = { cpu: -1, at: -1, repicks: 0 };
  /** Passes of more than fifty. */
  readonly longPasses: LongPass[] = [];
  proxyMoves = 0;
  returns = 0;
  idleVisits = 0;
  /** Moves after which the context lent no time where it had come to: it was moved on, woken, or there was nobody to run for it. */
  wastedMoves = 0;
  readonly finished = new Set<string>();
  readonly inCycle = new Set<string>();
  /** Moved for somebody to run in its name, and nobody has yet. */
  private readonly unused = new Set<Task>();
  private readonly loans: (Loan | undefined)[] = [];

  /**
   * @param onClose the first circle has just closed.
   * @param onNotice the policy has just named a true one for the first time.
   * @param onBlock a task has blocked, and so many links follow from it.
   */
  constructor(
    private readonly onClose: () => void = () => undefined,
    private readonly onNotice: () => void = () => undefined,
    private readonly onBlock?: (links: number) => void,
  ) {}

  mutexBlocked(now: Nanos, p: Task, _m: Mutex): void {
    const cycle = findCycle(p);
    if (cycle !== null) {
      for (const member of cycle) this.inCycle.add(member.comm);
      if (this.closedAt < 0) {
        this.closedAt = now;
        this.onClose();
      }
    }
    this.onBlock?.(linksFrom(p));
  }

  mutexFailed(now: Nanos, p: Task, _m: Mutex, _error: LockError): void {
    if (this.openedAt < 0 && this.inCycle.has(p.comm)) this.openedAt = now;
  }

  deadlock(now: Nanos, cycle: readonly Task[], _action: DeadlockAction): void {
    this.alarms++;
    // A member that has just blocked stands in the cycle already; a victim that was taken off its queue still does.
    if (!cycle.some(p => findCycle(p) !== null)) {
      this.falseAlarms++;
    } else if (this.noticedAt < 0) {
      this.noticedAt = now;
      this.onNotice();
    }
  }

  schedRepick(at: Nanos, cpu: CpuId, repicks: number): void {
    this.repicks += repicks;
    this.passes++;
    const pass = { cpu, at, repicks };
    if (repicks > this.longest.repicks) this.longest = pass;
    if (repicks > LONG) this.longPasses.push(pass);
  }

  proxyOutcome(_now: Nanos, _cpu: CpuId, _donor: Task, outcome: ChainOutcome): void {
    if (outcome.kind === 'idle') this.idleVisits++;
  }

  schedSwitch(now: Nanos, cpu: CpuId, _prev: Task, next: Task, donor: Task): void {
    this.repay(now, cpu);
    this.loans[cpu] = next === donor ? undefined : { since: now, through: waitersBetween(donor, next) };
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.leaves(now, p);
  }

  schedMigrate(now: Nanos, p: Task, from: CpuId, _to: CpuId, why: MoveReason): void {
    if (why === 'return') this.returns++;
    if (why !== 'proxy') return;
    this.repay(now, from);
    this.leaves(now, p);
    this.proxyMoves++;
    this.unused.add(p);
  }

  taskExit(_now: Nanos, p: Task): void {
    this.finished.add(p.comm);
  }

  end(now: Nanos): void {
    this.loans.forEach((_, cpu) => this.repay(now, cpu));
    this.wastedMoves += this.unused.size;
  }

  private leaves(now: Nanos, p: Task): void {
    this.repay(now, p.cpu);
    if (this.unused.delete(p)) this.wastedMoves++;
  }

  /** Time has passed in somebody's name: his context, and all it came through, were of use. */
  private repay(now: Nanos, cpu: number): void {
    const loan = this.loans[cpu];
    if (loan === undefined || loan.since === now) return;
    for (const p of loan.through) this.unused.delete(p);
  }
}

/** Owners that follow on `p`, each once: what a search at block time goes through. */
function linksFrom(p: Task): number {
  const met = new Set<Task>();
  for (let t: Task | null = p; t !== null && !met.has(t); t = t.waitsIn?.owner ?? null) {
    met.add(t);
    if (t.waitsIn?.owner === p) return met.size; // back at the beginning
  }
  return met.size - 1;
}

/** `donor` and the waiters on the way from it to `end`. */
function waitersBetween(donor: Task, end: Task): Task[] {
  const path: Task[] = [];
  for (let p: Task | null = donor; p !== null && p !== end && path.length < 4096; p = p.blockedOn?.owner ?? null) path.push(p);
  return path;
}
