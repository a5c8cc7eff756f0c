import type {
  LockError,
  BackOffReason,
  ChargeRule,
  ChainOutcome,
  CpuId,
  DeadlockAction,
  Kernel,
  MoveReason,
  Mutex,
  Nanos,
  Policy,
  ReleaseKind,
  SimResult,
  Task,
  TraceSink,
} from '@proxysched/core';
import type { HotplugChange } from '@proxysched/core';
import {
  BACK_OFFS,
  LOCK_ERRORS,
  ACQUIRED_STOLEN,
  ACQUIRED_WAITED,
  ACTIONS,
  EVENT,
  HOTPLUG,
  MOVE_REASONS,
  OUTCOMES,
  RELEASES,
  RESULTS,
  opIndex,
  outcomeDetail,
  outcomeTask,
  pidOf,
  switchBits,
  type EventName,
} from './events.js';

/** What is known of a task that occurs in a recording. */
export interface TaskInfo {
  readonly pid: number;
  readonly comm: string;
  /** As it was when the task was first seen. */
  readonly policy: Policy;
  /** Position of its class, 0 is the highest. */
  readonly rank: number;
  /** Relative deadline of its jobs in ns, 0: none given. */
  readonly deadline: Nanos;
  /** CPUs on which it might execute when it was first seen, ascending; `null`: all. */
  readonly cpus: readonly CpuId[] | null;
}

/** One event of a recording. The same object every time: copy what you keep. */
export interface EventCursor {
  readonly index: number;
  /** A number of `EVENT`. */
  readonly kind: number;
  readonly name: EventName;
  /** ns */
  readonly time: Nanos;
  readonly cpu: number;
  /** Meaning by event, in the table of `ColumnSink`. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  /** The event's wide numbers (times and values of more than 32 bits). */
  readonly x: number;
  readonly y: number;
}

/** What is known of a run beside its events: who and what the numbers in them stand for, and how it ended. */
export interface RunNames {
  /** Events so far. */
  readonly length: number;
  readonly nrCpus: number;
  /** Who paid while one ran in another's name; absent: the donor was charged, the runner has executed. */
  readonly charging?: ChargeRule;
  /** By pid; a hole is a pid that never occurred. It grows when tasks are forked. */
  readonly tasks: readonly (TaskInfo | undefined)[];
  /** Names by mutex id. */
  readonly mutexes: readonly string[];
  /** Names of class marks. */
  readonly marks: readonly string[];
  /** Pids of each deadlock met, in walk order. */
  readonly cycles: readonly (readonly number[])[];
  /** Scheduling passes that were completed. */
  readonly nrPasses: number;
  /** Instant of the last event, ns. */
  readonly endTime: Nanos;
  /** How the run ended, `null` while it has not. */
  readonly outcome: SimResult['outcome'] | null;
  /** Events the machine processed, as its result says. */
  readonly nrMachineEvents: number;
}

/**
 * Makes a row of numbers of each event, for whoever keeps or folds them (`push`). One row an event:
 *
 * | event         | cpu         | a       | b          | c          | d                  | e          | x, y              |
 * |---------------|-------------|---------|------------|------------|--------------------|------------|-------------------|
 * | schedEntry    | where       |         |            |            |                    |            |                   |
 * | schedExit     | where       |         |            |            | 1: switched        |            |                   |
 * | schedSwitch   | where       | prev    | next       | donor      | `switchBits`       |            |                   |
 * | schedRepick   | where       | repicks |            |            |                    |            |                   |
 * | schedWaking   | of waker    | p       | waker or 0 | target CPU | 1: fork            |            |                   |
 * | schedWakeup   | of p        | p       |            |            |                    |            |                   |
 * | schedMigrate  | from        | p       | from       | to         | `MOVE_REASONS`     |            |                   |
 * | mutexRequest  | of p        | p       | mutex      | op index   |                    |            |                   |
 * | mutexSpin     | of p        | p       | mutex      | 1 on 0 off |                    |            |                   |
 * | mutexBlocked  | of p        | p       | mutex      | owner or 0 | waiters            |            |                   |
 * | mutexAcquired | of p        | p       | mutex      | op index   | `ACQUIRED_*`       |            |                   |
 * | mutexReleased | of by       | by      | mutex      | op index   | next owner or 0    | `RELEASES` |                   |
 * | mutexFailed   | of p        | p       | mutex      | op index   | `LOCK_ERRORS`      |            |                   |
 * | mutexBackOff  | of victim   | victim  | mutex      | by         | `BACK_OFFS`        |            |                   |
 * | proxyOutcome  | where       | donor   | `OUTCOMES` | task or 0  | `outcomeDetail`    |            |                   |
 * | proxyPark     | of p        | p       | owner      |            |                    |            |                   |
 * | proxyUnpark   | of p        | p       | owner      |            |                    |            |                   |
 * | deadlock      | of first    | first   | `ACTIONS`  | in cycles  | tasks in the cycle |            |                   |
 * | jobRelease    | of p        | p       |            |            |                    |            | release, deadline |
 * | jobDone       | of p        | p       |            | op index   |                    |            | release           |
 * | taskExit      | of p        | p       |            | op index   |                    |            |                   |
 * | classMark     | where       | p       |            | in marks   |                    |            | value             |
 * | cpuHotplug    | which       |         |            | `HOTPLUG`  |                    |            |                   |
 * | affinityLost | it was on  | p       |            |            |                    |            |                   |
 * | ioWait        | that counts | p       | count      | 1 begins   |                    |            |                   |
 * | end           | 0           |         |            | `RESULTS`  |                    |            | machine events    |
 *
 * Tasks are pids, 0 the idle task of the CPU. Times are ns. Ends of passes are counted, and rows only for who wants them (`passes`).
 */
export abstract class RowSink implements TraceSink, RunNames {
  length = 0;
  nrCpus = 0;
  charging: ChargeRule = 'split';
  readonly tasks: (TaskInfo | undefined)[] = [];
  readonly mutexes: string[] = [];
  readonly marks: string[] = [];
  readonly cycles: number[][] = [];
  nrPasses = 0;
  endTime: Nanos = 0;
  outcome: SimResult['outcome'] | null = null;
  nrMachineEvents = 0;

  private kernel: Kernel | null = null;
  private readonly markIds = new Map<string, number>();

  protected constructor(private readonly passes: boolean) {}

  /** Takes a row; `length` and `endTime` are the row's business to keep. */
  protected abstract push(
    kind: number,
    now: Nanos,
    cpu: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e?: number,
    x?: number,
    y?: number,
  ): void;

  begin(kernel: Kernel): void {
    this.kernel = kernel;
    this.nrCpus = kernel.rqs.length;
    this.charging = kernel.charging;
    for (const m of kernel.mutexes) this.mutexes[m.id] = m.name;
    for (const p of kernel.tasks) this.see(p);
  }

  schedEntry(now: Nanos, cpu: CpuId): void {
    if (this.passes) this.push(EVENT.schedEntry, now, cpu, 0, 0, 0, 0);
  }

  schedExit(now: Nanos, cpu: CpuId, switched: boolean): void {
    this.nrPasses++;
    if (this.passes) this.push(EVENT.schedExit, now, cpu, 0, 0, 0, switched ? 1 : 0);
  }

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task, preempted: boolean): void {
    this.push(EVENT.schedSwitch, now, cpu, this.see(prev), this.see(next), this.see(donor), switchBits(prev, preempted));
  }

  schedRepick(now: Nanos, cpu: CpuId, repicks: number): void {
    this.push(EVENT.schedRepick, now, cpu, repicks, 0, 0, 0);
  }

  schedWaking(now: Nanos, p: Task, waker: Task | null, fork: boolean): void {
    const by = waker === null ? 0 : this.see(waker);
    this.push(EVENT.schedWaking, now, waker === null || by === 0 ? p.cpu : waker.cpu, this.see(p), by, p.cpu, fork ? 1 : 0);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.push(EVENT.schedWakeup, now, p.cpu, this.see(p), 0, 0, 0);
  }

  schedMigrate(now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void {
    this.push(EVENT.schedMigrate, now, from, this.see(p), from, to, MOVE_REASONS.indexOf(why));
  }

  mutexRequest(now: Nanos, p: Task, m: Mutex): void {
    this.push(EVENT.mutexRequest, now, p.cpu, this.see(p), this.seeMutex(m), this.opOf(p), 0);
  }

  mutexSpin(now: Nanos, p: Task, m: Mutex, on: boolean): void {
    this.push(EVENT.mutexSpin, now, p.cpu, this.see(p), this.seeMutex(m), on ? 1 : 0, 0);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    this.push(EVENT.mutexBlocked, now, p.cpu, this.see(p), this.seeMutex(m), pidOf(m.owner), m.nrWaiters);
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void {
    const bits = (waited ? ACQUIRED_WAITED : 0) | (stolen ? ACQUIRED_STOLEN : 0);
    this.push(EVENT.mutexAcquired, now, p.cpu, this.see(p), this.seeMutex(m), this.opOf(p), bits);
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null, how: ReleaseKind): void {
    this.push(EVENT.mutexReleased, now, by.cpu, this.see(by), this.seeMutex(m), this.opOf(by), pidOf(to), RELEASES.indexOf(how));
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex, error: LockError): void {
    this.push(EVENT.mutexFailed, now, p.cpu, this.see(p), this.seeMutex(m), this.opOf(p), LOCK_ERRORS.indexOf(error));
  }

  mutexBackOff(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void {
    this.push(EVENT.mutexBackOff, now, victim.cpu, this.see(victim), this.seeMutex(m), pidOf(by), BACK_OFFS.indexOf(why));
  }

  proxyOutcome(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void {
    const kind = OUTCOMES.indexOf(outcome.kind);
    this.push(EVENT.proxyOutcome, now, cpu, this.see(donor), kind, pidOf(outcomeTask(outcome)), outcomeDetail(outcome));
  }

  proxyPark(now: Nanos, p: Task, owner: Task): void {
    this.push(EVENT.proxyPark, now, p.cpu, this.see(p), this.see(owner), 0, 0);
  }

  proxyUnpark(now: Nanos, p: Task, owner: Task): void {
    this.push(EVENT.proxyUnpark, now, p.cpu, this.see(p), this.see(owner), 0, 0);
  }

  deadlock(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void {
    const first = cycle[0];
    const id = this.cycles.push(cycle.map(p => this.see(p))) - 1;
    this.push(EVENT.deadlock, now, first?.cpu ?? 0, pidOf(first ?? null), ACTIONS.indexOf(action.kind), id, cycle.length);
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    this.push(EVENT.jobRelease, now, p.cpu, this.see(p), 0, 0, 0, 0, release, deadline);
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    this.push(EVENT.jobDone, now, p.cpu, this.see(p), 0, this.opOf(p), 0, 0, release);
  }

  taskExit(now: Nanos, p: Task): void {
    this.push(EVENT.taskExit, now, p.cpu, this.see(p), 0, this.opOf(p), 0);
  }

  classMark(now: Nanos, cpu: CpuId, mark: string, p: Task, value: number): void {
    let id = this.markIds.get(mark);
    if (id === undefined) {
      id = this.marks.push(mark) - 1;
      this.markIds.set(mark, id);
    }
    this.push(EVENT.classMark, now, cpu, this.see(p), 0, id, 0, 0, value);
  }

  cpuHotplug(now: Nanos, cpu: CpuId, what: HotplugChange): void {
    this.push(EVENT.cpuHotplug, now, cpu, 0, 0, HOTPLUG.indexOf(what), 0);
  }

  affinityLost(now: Nanos, p: Task, cpu: CpuId): void {
    this.push(EVENT.affinityLost, now, cpu, this.see(p), 0, 0, 0);
  }

  ioWait(now: Nanos, p: Task, cpu: CpuId, count: number, waits: boolean): void {
    this.push(EVENT.ioWait, now, cpu, this.see(p), count, waits ? 1 : 0, 0);
  }

  end(now: Nanos, result: SimResult): void {
    this.outcome = result.outcome;
    this.nrMachineEvents = result.events;
    this.push(EVENT.end, now, 0, 0, 0, RESULTS.indexOf(result.outcome), 0, 0, result.events);
  }

  private see(p: Task): number {
    const pid = p.pid;
    if (pid <= 0) return 0;
    if (this.tasks[pid] === undefined) {
      const rank = this.kernel === null ? 0 : this.kernel.rank(p.sched.cls);
      this.tasks[pid] = { pid, comm: p.comm, policy: p.sched.policy, rank, deadline: p.deadline, cpus: this.cpusOf(p) };
    }
    return pid;
  }

  private seeMutex(m: Mutex): number {
    if (this.mutexes[m.id] === undefined) this.mutexes[m.id] = m.name;
    return m.id;
  }

  /** Index of the operation `p` is at; 0 where nobody reads it. */
  protected opOf(p: Task): number {
    return opIndex(p);
  }

  private cpusOf({ exec: { cpusAllowed } }: Task): readonly CpuId[] | null {
    return cpusAllowed.size >= this.nrCpus ? null : [...cpusAllowed];
  }
}

/** Name of a task for people: `idle` for pid 0. */
export function commOf(names: RunNames, pid: number): string {
  return pid === 0 ? 'idle' : (names.tasks[pid]?.comm ?? `pid ${pid}`);
}

/** Name of a mutex. */
export function mutexName(names: RunNames, id: number): string {
  return names.mutexes[id] ?? `mutex ${id}`;
}

/** Tasks that occur, by pid. */
export function taskList(names: RunNames): readonly TaskInfo[] {
  return names.tasks.filter(p => p !== undefined);
}
