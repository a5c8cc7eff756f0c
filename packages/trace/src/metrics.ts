import type { Nanos, SimResult } from '@proxysched/core';
import { taskList, type Columns, type EventCursor, type TaskInfo } from './column-sink.js';
import { ACQUIRED_STOLEN, EVENT, LOCK_ERRORS, MOVE_REASONS, OUTCOMES } from './events.js';
import { MOVED_PROXY, MOVED_RETURN, READY, Replay } from './replay.js';
import { Samples } from './samples.js';
import { urgencyLevels } from './urgency.js';

/** The largest of several, and the instant at which it was reached (ns; −1: there was none). */
export interface Peak {
  readonly value: number;
  readonly at: Nanos;
}

/** Waits of one kind, ns. */
export interface Waits {
  readonly count: number;
  readonly total: Nanos;
  readonly max: Peak;
}

/** All times in ns. */
export interface TaskMetrics {
  readonly task: TaskInfo;
  /** Jobs that ended. */
  readonly jobs: number;
  /** Release to end of a job. */
  readonly response: { readonly max: Peak; readonly p99: Nanos; readonly median: Nanos };
  /** Jobs that ended after their deadline, or were open when it passed. */
  readonly misses: number;
  /** Largest time by which a deadline was missed. */
  readonly late: Peak;
  /** From blocking on a lock until having it, all rounds: waiting for a CPU on the way counts here. Waits open at the end count. */
  readonly lockWait: Waits;
  /** Able to run, not waiting for a lock, and not running. */
  readonly cpuWait: Waits;
  /** While it was donor and another ran. */
  readonly donatedTo: Nanos;
  /** While it ran and another was donor. */
  readonly donatedBy: Nanos;
  /** While it ran, in whoever's name. */
  readonly executed: Nanos;
  /** While it was donor of a CPU that did not idle: what its class charged it for. */
  readonly charged: Nanos;
  /** While it waited for a lock and the end of its chain was able to run but did not: see `totals.inversion`. */
  readonly inverted: Nanos;
  readonly migrations: number;
  readonly proxyMigrations: number;
  /** While it spun for a lock: executed, and nothing done. */
  readonly spun: Nanos;
  /** Locks taken past waiters. */
  readonly steals: number;
  /** Wait/wound mutexes refused: it let go of what it held. */
  readonly backOffs: number;
  /** Tries for a lock that ended without it for another reason (what it holds already is none). */
  readonly lockFailures: number;
}

export interface DonorPair {
  readonly donor: number;
  readonly runner: number;
  readonly time: Nanos;
}

export interface Totals {
  /** A CPU went from one task to another. */
  readonly switches: number;
  /** A CPU went from a task to idle or back. */
  readonly idleSwitches: number;
  /** Only the donor changed. */
  readonly donorChanges: number;
  readonly preemptions: number;
  readonly repicks: number;
  /** Most re-picks in one pass. */
  readonly repicksPeak: Peak & { readonly cpu: number };
  readonly migrations: Readonly<Record<(typeof MOVE_REASONS)[number], number>>;
  /**
   * Priority inversion: time during which some task w waits for a lock whose chain of owners ends in a task that is able to
   * run and does not, while on that task's CPU the donor is less urgent than w and neither the donor nor the runner is in
   * w's chain. Urgency is the order of classes, then real-time priority or nice; deadline tasks are equals. Several
   * waiters at one instant count once.
   */
  readonly inversion: Nanos;
  /** The longest uninterrupted inversion, and when it ended. */
  readonly inversionMax: Peak;
  /** Times a CPU was given to idle to come straight back. */
  readonly idleVisits: number;
  /** Tasks in the longest chain of waits, its end included; `pid` the task that closed it. */
  readonly chainDepth: Peak & { readonly pid: number };
  readonly deadlocks: number;
  /** Tasks that came to the end of their program. */
  readonly exits: number;
  /** CPUs not idle, ns over all CPUs. */
  readonly busy: Nanos;
  readonly donated: Nanos;
  /** CPUs on which a task spun for a lock, ns over all CPUs. */
  readonly spun: Nanos;
  /** Locks taken past waiters. */
  readonly steals: number;
  readonly backOffs: number;
  readonly lockFailures: number;
  readonly misses: number;
  /** Budgets that ended under deadline tasks that asked to be told (`overrun`). */
  readonly overruns: number;
}

export interface Metrics {
  /** By pid. */
  readonly tasks: readonly TaskMetrics[];
  readonly totals: Totals;
  /** Most time first. */
  readonly pairs: readonly DonorPair[];
  /** Simulated time, ns. */
  readonly at: Nanos;
  readonly outcome: SimResult['outcome'] | null;
  /** Events recorded. */
  readonly events: number;
  readonly nrCpus: number;
}

/** Everything the summary says about a run, computed from its recording in one pass. */
export function computeMetrics(columns: Columns): Metrics {
  const fold = new MetricsFold(columns);
  columns.forEach(e => fold.add(e));
  return fold.finish();
}

/** Running figures of one task. */
class TaskFold {
  readonly response = new Samples();
  readonly lockWait = new Samples();
  readonly cpuWait = new Samples();
  misses = 0;
  late: Nanos = 0;
  lateAt: Nanos = -1;
  deadline: Nanos = -1;
  waitSince: Nanos = -1;
  readySince: Nanos = -1;
  donatedTo: Nanos = 0;
  donatedBy: Nanos = 0;
  executed: Nanos = 0;
  charged: Nanos = 0;
  inverted: Nanos = 0;
  migrations = 0;
  proxyMigrations = 0;
  spinsSince: Nanos = -1;
  spun: Nanos = 0;
  steals = 0;
  backOffs = 0;
  lockFailures = 0;
}

const IDLE = OUTCOMES.indexOf('idle');
const REFUSED = LOCK_ERRORS.indexOf('EDEADLK');
const HELD = LOCK_ERRORS.indexOf('EALREADY');

class MetricsFold {
  private readonly replay: Replay;
  private readonly folds: TaskFold[];
  private readonly urgency: Int32Array;
  private readonly pairs = new Map<number, Nanos>();
  /** Per CPU: accounted up to. */
  private readonly since: Float64Array;
  private readonly moved = new Int32Array(MOVE_REASONS.length);
  private switches = 0;
  private idleSwitches = 0;
  private donorChanges = 0;
  private preemptions = 0;
  private repicks = 0;
  private repicksPeak = { value: 0, at: -1, cpu: -1 };
  private inversion: Nanos = 0;
  private inversionSince: Nanos = -1;
  private inversionMax = { value: 0, at: -1 };
  private inverted: number[] = [];
  private stale = false;
  private idleVisits = 0;
  private chainDepth = { value: 0, at: -1, pid: 0 };
  private deadlocks = 0;
  private overruns = 0;
  private exits = 0;
  private busy: Nanos = 0;
  private donated: Nanos = 0;

  constructor(private readonly columns: Columns) {
    this.replay = new Replay(columns);
    this.folds = Array.from({ length: Math.max(1, columns.tasks.length) }, () => new TaskFold());
    this.urgency = urgencyLevels(columns.tasks);
    this.since = new Float64Array(Math.max(1, columns.nrCpus));
  }

  add(e: EventCursor): void {
    const { replay } = this;
    if (e.time > replay.now) this.pass(e.time);
    if (e.kind === EVENT.schedSwitch) this.account(e.cpu, e.time);
    replay.apply(e);
    this.count(e);
  }

  finish(): Metrics {
    const { columns } = this;
    const at = columns.endTime;
    this.pass(at);
    for (let cpu = 0; cpu < columns.nrCpus; cpu++) this.account(cpu, at);
    this.endInversion(at);
    for (const f of this.folds) {
      if (f.waitSince >= 0) f.lockWait.add(at - f.waitSince, at);
      else if (f.readySince >= 0 && at > f.readySince) f.cpuWait.add(at - f.readySince, at);
      if (f.deadline >= 0 && at > f.deadline) this.miss(f, at);
      if (f.spinsSince >= 0) f.spun += at - f.spinsSince;
    }
    const tasks = taskList(columns).map(p => this.taskMetrics(p));
    const pids = this.folds.length;
    return {
      tasks,
      totals: {
        switches: this.switches,
        idleSwitches: this.idleSwitches,
        donorChanges: this.donorChanges,
        preemptions: this.preemptions,
        repicks: this.repicks,
        repicksPeak: this.repicksPeak,
        migrations: Object.fromEntries(MOVE_REASONS.map((why, i) => [why, this.moved[i]!])) as Totals['migrations'],
        inversion: this.inversion,
        inversionMax: this.inversionMax,
        idleVisits: this.idleVisits,
        chainDepth: this.chainDepth,
        deadlocks: this.deadlocks,
        exits: this.exits,
        busy: this.busy,
        donated: this.donated,
        spun: tasks.reduce((sum, t) => sum + t.spun, 0),
        steals: tasks.reduce((sum, t) => sum + t.steals, 0),
        backOffs: tasks.reduce((sum, t) => sum + t.backOffs, 0),
        lockFailures: tasks.reduce((sum, t) => sum + t.lockFailures, 0),
        misses: tasks.reduce((sum, t) => sum + t.misses, 0),
        overruns: this.overruns,
      },
      pairs: [...this.pairs]
        .map(([key, time]) => ({ donor: Math.floor(key / pids), runner: key % pids, time }))
        .sort((x, y) => y.time - x.time || x.donor - y.donor || x.runner - y.runner),
      at,
      outcome: columns.outcome,
      events: columns.length,
      nrCpus: columns.nrCpus,
    };
  }

  /** Time goes on to `to` in the state reached: the moment to look for inversions. O(waiters), and only after a change. */
  private pass(to: Nanos): void {
    const dt = to - this.replay.now;
    if (dt <= 0) return;
    if (this.stale) {
      this.stale = false;
      this.inverted = this.replay.waiters.filter(w => isInverted(this.replay, this.urgency, w));
      if (this.inverted.length === 0) this.endInversion(this.replay.now);
      else if (this.inversionSince < 0) this.inversionSince = this.replay.now;
    }
    if (this.inverted.length === 0) return;
    this.inversion += dt;
    for (const w of this.inverted) this.folds[w]!.inverted += dt;
  }

  private endInversion(at: Nanos): void {
    if (this.inversionSince < 0) return;
    const length = at - this.inversionSince;
    if (length > this.inversionMax.value) this.inversionMax = { value: length, at };
    this.inversionSince = -1;
  }

  private account(cpu: number, to: Nanos): void {
    const dt = to - this.since[cpu]!;
    this.since[cpu] = to;
    const curr = this.replay.curr[cpu]!;
    const donor = this.replay.donor[cpu]!;
    if (curr === 0 || dt <= 0) return;
    this.busy += dt;
    this.folds[curr]!.executed += dt;
    this.folds[donor]!.charged += dt;
    if (donor === curr || donor === 0) return;
    this.donated += dt;
    this.folds[donor]!.donatedTo += dt;
    this.folds[curr]!.donatedBy += dt;
    const key = donor * this.folds.length + curr;
    this.pairs.set(key, (this.pairs.get(key) ?? 0) + dt);
  }

  private count(e: EventCursor): void {
    const f = this.folds[e.a];
    switch (e.kind) {
      case EVENT.schedSwitch:
        if (e.a === e.b) this.donorChanges++;
        else if (e.a === 0 || e.b === 0) this.idleSwitches++;
        else this.switches++;
        if ((e.d & 1) !== 0 && e.a !== e.b) this.preemptions++;
        this.watchReady(e.a, e.time);
        this.watchReady(e.b, e.time);
        this.stale = true;
        return;
      case EVENT.schedRepick:
        this.repicks += e.a;
        if (e.a > this.repicksPeak.value) this.repicksPeak = { value: e.a, at: e.time, cpu: e.cpu };
        return;
      case EVENT.schedWakeup:
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.schedMigrate:
        this.moved[e.d]!++;
        f!.migrations++;
        if (e.d === MOVED_PROXY || e.d === MOVED_RETURN) f!.proxyMigrations++;
        this.stale = true;
        return;
      case EVENT.mutexSpin:
        if (e.c === 1) {
          f!.spinsSince = e.time;
        } else {
          f!.spun += e.time - f!.spinsSince;
          f!.spinsSince = -1;
        }
        return;
      case EVENT.mutexBlocked:
        if (f!.waitSince < 0) f!.waitSince = e.time;
        this.watchReady(e.a, e.time);
        this.watchDepth(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.mutexAcquired:
        if (f!.waitSince >= 0) f!.lockWait.add(e.time - f!.waitSince, e.time);
        f!.waitSince = -1;
        if ((e.d & ACQUIRED_STOLEN) !== 0) f!.steals++;
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.mutexFailed:
        if (e.d === REFUSED) f!.backOffs++;
        else if (e.d !== HELD) f!.lockFailures++;
        if (f!.waitSince >= 0) f!.lockWait.add(e.time - f!.waitSince, e.time);
        f!.waitSince = -1;
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.mutexReleased:
        this.stale = true;
        return;
      case EVENT.proxyOutcome:
        if (e.b === IDLE) this.idleVisits++;
        this.stale = true;
        return;
      case EVENT.deadlock:
        this.deadlocks++;
        return;
      case EVENT.jobRelease:
        f!.deadline = e.y;
        return;
      case EVENT.jobDone:
        f!.response.add(e.time - e.x, e.time);
        if (f!.deadline >= 0 && e.time > f!.deadline) this.miss(f!, e.time);
        f!.deadline = -1;
        return;
      case EVENT.classMark:
        if (this.columns.marks[e.c] === 'overrun') this.overruns++;
        return;
      case EVENT.taskExit:
        this.exits++;
        f!.waitSince = -1;
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
    }
  }

  /** Begins or ends a wait for the CPU, by what the replay now says. */
  private watchReady(pid: number, now: Nanos): void {
    if (pid === 0) return;
    const f = this.folds[pid]!;
    const ready = this.replay.state[pid] === READY && this.replay.waitsFor[pid]! < 0;
    if (ready && f.readySince < 0) f.readySince = now;
    else if (!ready && f.readySince >= 0) {
      if (now > f.readySince) f.cpuWait.add(now - f.readySince, now);
      f.readySince = -1;
    }
  }

  private watchDepth(pid: number, now: Nanos): void {
    const depth = this.replay.chain(pid).length;
    if (depth > this.chainDepth.value) this.chainDepth = { value: depth, at: now, pid };
  }

  private miss(f: TaskFold, at: Nanos): void {
    f.misses++;
    if (at - f.deadline > f.late) {
      f.late = at - f.deadline;
      f.lateAt = at;
    }
  }

  private taskMetrics(task: TaskInfo): TaskMetrics {
    const f = this.folds[task.pid]!;
    return {
      task,
      jobs: f.response.count,
      response: { max: peak(f.response), p99: f.response.quantile(99, 100), median: f.response.quantile(1, 2) },
      misses: f.misses,
      late: { value: f.late, at: f.lateAt },
      lockWait: waits(f.lockWait),
      cpuWait: waits(f.cpuWait),
      donatedTo: f.donatedTo,
      donatedBy: f.donatedBy,
      executed: f.executed,
      charged: f.charged,
      inverted: f.inverted,
      migrations: f.migrations,
      proxyMigrations: f.proxyMigrations,
      spun: f.spun,
      steals: f.steals,
      backOffs: f.backOffs,
      lockFailures: f.lockFailures,
    };
  }
}

/** Is waiter `w` inverted at this instant, by the definition of `Totals.inversion`? */
export function isInverted(replay: Replay, urgency: Int32Array, w: number): boolean {
  const end = replay.chainEnd(w);
  if (end === 0 || end === w || replay.state[end] !== READY) return false;
  const cpu = replay.cpu[end]!;
  const curr = replay.curr[cpu]!;
  const donor = replay.donor[cpu]!;
  if (curr === 0 || urgency[donor]! <= urgency[w]!) return false;
  return !replay.inChain(w, donor) && !replay.inChain(w, curr);
}

function peak(samples: Samples): Peak {
  return { value: samples.max, at: samples.maxAt };
}

function waits(samples: Samples): Waits {
  return { count: samples.count, total: samples.total, max: peak(samples) };
}
