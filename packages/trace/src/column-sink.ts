import type {
  LockError,
  BackOffReason,
  ChainOutcome,
  CpuId,
  DeadlockAction,
  Kernel,
  MoveReason,
  Mutex,
  Nanos,
  Policy,
  SimResult,
  Task,
  TraceSink,
} from '@proxysched/core';
import {
  BACK_OFFS,
  LOCK_ERRORS,
  ACQUIRED_STOLEN,
  ACQUIRED_WAITED,
  ACTIONS,
  EVENT,
  EVENT_NAMES,
  MOVE_REASONS,
  OUTCOMES,
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
  /** The event's wide numbers (times and values of more than 32 bits). */
  readonly x: number;
  readonly y: number;
}

/** A recorded run: what metrics, pictures and exports are computed from. */
export interface Columns {
  readonly length: number;
  readonly nrCpus: number;
  /** By pid; a hole is a pid that never occurred. */
  readonly tasks: readonly (TaskInfo | undefined)[];
  /** Names by mutex id. */
  readonly mutexes: readonly string[];
  /** Names of class marks. */
  readonly marks: readonly string[];
  /** Pids of each deadlock met, in walk order. */
  readonly cycles: readonly (readonly number[])[];
  /** Instant of the last event, ns. */
  readonly endTime: Nanos;
  /** How the run ended, `null` while it has not. */
  readonly outcome: SimResult['outcome'] | null;
  /** Events the machine processed, as its result says. */
  readonly nrMachineEvents: number;
  forEach(visit: (e: EventCursor) => void): void;
  at(index: number): EventCursor;
}

/**
 * Records a run in typed arrays, 27 bytes an event, nothing allocated but when they grow. One row an event:
 *
 * | event         | cpu         | a       | b          | c          | d                  | x, y              |
 * |---------------|-------------|---------|------------|------------|--------------------|-------------------|
 * | schedSwitch   | where       | prev    | next       | donor      | `switchBits`       |                   |
 * | schedRepick   | where       | repicks |            |            |                    |                   |
 * | schedWaking   | of waker    | p       | waker or 0 | target CPU | 1: fork            |                   |
 * | schedWakeup   | of p        | p       |            |            |                    |                   |
 * | schedMigrate  | from        | p       | from       | to         | `MOVE_REASONS`     |                   |
 * | mutexRequest  | of p        | p       | mutex      | op index   |                    |                   |
 * | mutexSpin     | of p        | p       | mutex      | 1 on 0 off |                    |                   |
 * | mutexBlocked  | of p        | p       | mutex      | owner or 0 | waiters            |                   |
 * | mutexAcquired | of p        | p       | mutex      | op index   | `ACQUIRED_*`       |                   |
 * | mutexReleased | of by       | by      | mutex      | op index   | next owner or 0    |                   |
 * | mutexFailed   | of p        | p       | mutex      | op index   | `LOCK_ERRORS`      |                   |
 * | mutexBackOff  | of victim   | victim  | mutex      | by         | `BACK_OFFS`        |                   |
 * | proxyOutcome  | where       | donor   | `OUTCOMES` | task or 0  | `outcomeDetail`    |                   |
 * | deadlock      | of first    | first   | `ACTIONS`  | in cycles  | tasks in the cycle |                   |
 * | jobRelease    | of p        | p       | (wide)     |            |                    | release, deadline |
 * | jobDone       | of p        | p       | (wide)     | op index   |                    | release           |
 * | taskExit      | of p        | p       |            | op index   |                    |                   |
 * | classMark     | where       | p       | (wide)     | in marks   |                    | value             |
 * | end           | 0           |         | (wide)     | `RESULTS`  |                    | machine events    |
 *
 * Tasks are pids, 0 the idle task of the CPU. Times are ns.
 */
export class ColumnSink implements TraceSink, Columns {
  nrCpus = 0;
  readonly tasks: (TaskInfo | undefined)[] = [];
  readonly mutexes: string[] = [];
  readonly marks: string[] = [];
  readonly cycles: number[][] = [];
  endTime: Nanos = 0;
  outcome: SimResult['outcome'] | null = null;
  nrMachineEvents = 0;

  private kernel: Kernel | null = null;
  private readonly markIds = new Map<string, number>();
  private rows = 0;
  private wides = 0;
  private kind: Uint8Array;
  private cpu: Int16Array;
  private time: Float64Array;
  private a: Int32Array;
  private b: Int32Array;
  private c: Int32Array;
  private d: Int32Array;
  private wide: Float64Array;

  /** @param capacity Events expected; it grows by doubling. */
  constructor(capacity = 1024) {
    this.kind = new Uint8Array(capacity);
    this.cpu = new Int16Array(capacity);
    this.time = new Float64Array(capacity);
    this.a = new Int32Array(capacity);
    this.b = new Int32Array(capacity);
    this.c = new Int32Array(capacity);
    this.d = new Int32Array(capacity);
    this.wide = new Float64Array(64);
  }

  get length(): number {
    return this.rows;
  }

  /** Every event in causal order, through one cursor. */
  forEach(visit: (e: EventCursor) => void): void {
    const cursor = new Cursor();
    for (let i = 0; i < this.rows; i++) visit(this.read(cursor, i));
  }

  /** One event, in a cursor of its own. */
  at(index: number): EventCursor {
    return this.read(new Cursor(), index);
  }

  begin(kernel: Kernel): void {
    this.kernel = kernel;
    this.nrCpus = kernel.rqs.length;
    for (const m of kernel.mutexes) this.mutexes[m.id] = m.name;
    for (const p of kernel.tasks) this.see(p);
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
    this.push(EVENT.mutexRequest, now, p.cpu, this.see(p), this.seeMutex(m), opIndex(p), 0);
  }

  mutexSpin(now: Nanos, p: Task, m: Mutex, on: boolean): void {
    this.push(EVENT.mutexSpin, now, p.cpu, this.see(p), this.seeMutex(m), on ? 1 : 0, 0);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    this.push(EVENT.mutexBlocked, now, p.cpu, this.see(p), this.seeMutex(m), pidOf(m.owner), m.nrWaiters);
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void {
    const bits = (waited ? ACQUIRED_WAITED : 0) | (stolen ? ACQUIRED_STOLEN : 0);
    this.push(EVENT.mutexAcquired, now, p.cpu, this.see(p), this.seeMutex(m), opIndex(p), bits);
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null): void {
    this.push(EVENT.mutexReleased, now, by.cpu, this.see(by), this.seeMutex(m), opIndex(by), pidOf(to));
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex, error: LockError): void {
    this.push(EVENT.mutexFailed, now, p.cpu, this.see(p), this.seeMutex(m), opIndex(p), LOCK_ERRORS.indexOf(error));
  }

  mutexBackOff(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void {
    this.push(EVENT.mutexBackOff, now, victim.cpu, this.see(victim), this.seeMutex(m), pidOf(by), BACK_OFFS.indexOf(why));
  }

  proxyOutcome(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void {
    const kind = OUTCOMES.indexOf(outcome.kind);
    this.push(EVENT.proxyOutcome, now, cpu, this.see(donor), kind, pidOf(outcomeTask(outcome)), outcomeDetail(outcome));
  }

  deadlock(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void {
    const first = cycle[0];
    const id = this.cycles.push(cycle.map(p => this.see(p))) - 1;
    this.push(EVENT.deadlock, now, first?.cpu ?? 0, pidOf(first ?? null), ACTIONS.indexOf(action.kind), id, cycle.length);
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    this.push(EVENT.jobRelease, now, p.cpu, this.see(p), this.pushWide(release, deadline), 0, 0);
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    this.push(EVENT.jobDone, now, p.cpu, this.see(p), this.pushWide(release, 0), opIndex(p), 0);
  }

  taskExit(now: Nanos, p: Task): void {
    this.push(EVENT.taskExit, now, p.cpu, this.see(p), 0, opIndex(p), 0);
  }

  classMark(now: Nanos, cpu: CpuId, mark: string, p: Task, value: number): void {
    let id = this.markIds.get(mark);
    if (id === undefined) {
      id = this.marks.push(mark) - 1;
      this.markIds.set(mark, id);
    }
    this.push(EVENT.classMark, now, cpu, this.see(p), this.pushWide(value, 0), id, 0);
  }

  end(now: Nanos, result: SimResult): void {
    this.outcome = result.outcome;
    this.nrMachineEvents = result.events;
    this.push(EVENT.end, now, 0, 0, this.pushWide(result.events, 0), RESULTS.indexOf(result.outcome), 0);
  }

  private read(cursor: Cursor, i: number): EventCursor {
    cursor.index = i;
    cursor.kind = this.kind[i]!;
    cursor.time = this.time[i]!;
    cursor.cpu = this.cpu[i]!;
    cursor.a = this.a[i]!;
    cursor.b = this.b[i]!;
    cursor.c = this.c[i]!;
    cursor.d = this.d[i]!;
    if (HAS_WIDE[cursor.kind] === 1) {
      cursor.x = this.wide[cursor.b]!;
      cursor.y = this.wide[cursor.b + 1]!;
    } else {
      cursor.x = cursor.y = 0;
    }
    return cursor;
  }

  private see(p: Task): number {
    const pid = p.pid;
    if (pid <= 0) return 0;
    if (this.tasks[pid] === undefined) {
      const rank = this.kernel === null ? 0 : this.kernel.rank(p.sched.cls);
      this.tasks[pid] = { pid, comm: p.comm, policy: p.sched.policy, rank, deadline: p.deadline };
    }
    return pid;
  }

  private seeMutex(m: Mutex): number {
    if (this.mutexes[m.id] === undefined) this.mutexes[m.id] = m.name;
    return m.id;
  }

  private push(kind: number, now: Nanos, cpu: number, a: number, b: number, c: number, d: number): void {
    const i = this.rows;
    if (i === this.kind.length) this.grow();
    this.kind[i] = kind;
    this.time[i] = now;
    this.cpu[i] = cpu;
    this.a[i] = a;
    this.b[i] = b;
    this.c[i] = c;
    this.d[i] = d;
    this.rows = i + 1;
    this.endTime = now;
  }

  private pushWide(x: number, y: number): number {
    const i = this.wides;
    if (i === this.wide.length) this.wide = grown(this.wide, new Float64Array(2 * i));
    this.wide[i] = x;
    this.wide[i + 1] = y;
    this.wides = i + 2;
    return i;
  }

  private grow(): void {
    const n = Math.max(16, 2 * this.rows);
    this.kind = grown(this.kind, new Uint8Array(n));
    this.cpu = grown(this.cpu, new Int16Array(n));
    this.time = grown(this.time, new Float64Array(n));
    this.a = grown(this.a, new Int32Array(n));
    this.b = grown(this.b, new Int32Array(n));
    this.c = grown(this.c, new Int32Array(n));
    this.d = grown(this.d, new Int32Array(n));
  }
}

const HAS_WIDE = new Uint8Array(EVENT_NAMES.length);
for (const kind of [EVENT.jobRelease, EVENT.jobDone, EVENT.classMark, EVENT.end]) HAS_WIDE[kind] = 1;

class Cursor implements EventCursor {
  index = 0;
  kind = 0;
  time: Nanos = 0;
  cpu = 0;
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  x = 0;
  y = 0;

  get name(): EventName {
    return EVENT_NAMES[this.kind]!;
  }
}

function grown<T extends Uint8Array | Int16Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Name of a task for people: `idle` for pid 0. */
export function commOf(columns: Columns, pid: number): string {
  return pid === 0 ? 'idle' : (columns.tasks[pid]?.comm ?? `pid ${pid}`);
}

/** Name of a mutex. */
export function mutexName(columns: Columns, id: number): string {
  return columns.mutexes[id] ?? `mutex ${id}`;
}

/** Tasks that occur, by pid. */
export function taskList(columns: Columns): readonly TaskInfo[] {
  return columns.tasks.filter(p => p !== undefined);
}
