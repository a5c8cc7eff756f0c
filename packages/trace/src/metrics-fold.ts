import type { Nanos } from '@proxysched/core';
import { ACQUIRED_STOLEN, EVENT, HOTPLUG, LOCK_ERRORS, MOVE_REASONS, OUTCOMES, OUTCOME_WHYS, RELEASES } from './events.js';
import { grown } from './grown.js';
import { Histogram } from './histogram.js';
import { isInverted } from './inversion.js';
import { byName, LockFold } from './lock-fold.js';
import type { DonorPair, Metrics, Peak, TaskMetrics, Totals } from './metrics.js';
import { OutrankedFinder } from './outranked.js';
import { BLOCKED_QUEUED, MOVED_PROXY, MOVED_RETURN, READY, Replay } from './replay.js';
import { mutexName, taskList, type EventCursor, type RunNames, type TaskInfo } from './row-sink.js';
import { waitsOf } from './samples.js';
import { Spell } from './spell.js';
import { TaskFold } from './task-fold.js';
import { LEAST_URGENT, urgencyOf } from './urgency.js';

const [RUN, RETAKE, PARK, DEACTIVATE, IDLE] = (['run', 'retake', 'park', 'deactivate', 'idle'] as const).map(kind =>
  OUTCOMES.indexOf(kind),
);
const UNPLUG = HOTPLUG.indexOf('unplug');
const WHYS_OF_OWNER = new Set(['ownerAsleep', 'ownerElsewhere'].map(why => OUTCOME_WHYS.indexOf(why as 'ownerAsleep')));

const REFUSED = LOCK_ERRORS.indexOf('EDEADLK');
const HELD = LOCK_ERRORS.indexOf('EALREADY');

/** Above every pid: with it a pair of pids is one number. */
const PAIR = 2 ** 26;

/** The metrics of a run, event by event. What it keeps depends on how many tasks, locks and CPUs there are, not on events. */
export class MetricsFold {
  private readonly replay: Replay;
  private readonly folds: TaskFold[] = [];
  private readonly locks: LockFold[] = [];
  private urgency: Int32Array = new Int32Array(64).fill(LEAST_URGENT);
  private readonly pairs = new Map<number, Nanos>();
  /** Per CPU: accounted up to; idle for a moment since (−1: not); something was picked since time last passed. */
  private readonly since: Float64Array;
  private readonly idleSince: Float64Array;
  private readonly picked: Uint8Array;
  private readonly pickedCpus: number[] = [];
  /** Moved waiters in whose name nobody has run. */
  private nrUnused = 0;
  private readonly moved = new Float64Array(MOVE_REASONS.length);
  private readonly outcomes = new Float64Array(OUTCOMES.length);
  private readonly whys = new Float64Array(OUTCOME_WHYS.length);
  private readonly releases = new Float64Array(RELEASES.length);
  private readonly repicksPerPass = new Histogram();
  private readonly chainDepths = new Histogram();
  private readonly walkDepths = new Histogram();
  private passesWithRepicks = 0;
  private switches = 0;
  private idleSwitches = 0;
  private donorChanges = 0;
  private preemptions = 0;
  private repicks = 0;
  private repicksPeak = { value: 0, at: -1, cpu: -1 };
  private chainDepth = { value: 0, at: -1, pid: 0 };
  private idleVisitTime: Nanos = 0;
  private ownerLeft = 0;
  private unneeded = 0;
  private deadlocks = 0;
  private ioWaiting = 0;
  private unplugs = 0;
  private affinitiesLost = 0;
  private overruns = 0;
  private exits = 0;
  private busy: Nanos = 0;
  private donated: Nanos = 0;
  /** What is looked for when time passes, if anything has changed since. */
  private stale = false;
  private readonly finder: OutrankedFinder;
  private readonly inverted: number[] = [];
  private readonly outranked: number[] = [];
  private readonly outside: number[] = [];
  private readonly inversion = new Spell();
  private readonly outranking = new Spell();
  private readonly beingOutside = new Spell();
  private outsideMost = { value: 0, at: -1 };

  constructor(private readonly names: RunNames) {
    const cpus = Math.max(1, names.nrCpus);
    this.replay = new Replay(names);
    this.finder = new OutrankedFinder(names, this.replay);
    this.since = new Float64Array(cpus);
    this.idleSince = new Float64Array(cpus).fill(-1);
    this.picked = new Uint8Array(cpus);
    this.meet();
  }

  add(e: EventCursor): void {
    const { replay } = this;
    if (this.names.tasks.length > this.folds.length) this.meet();
    if (e.time > replay.now) this.pass(e.time);
    if (e.kind === EVENT.schedSwitch) this.account(e.cpu, e.time);
    replay.apply(e);
    this.count(e);
  }

  finish(): Metrics {
    const { names } = this;
    const at = names.endTime;
    this.pass(at);
    for (let cpu = 0; cpu < names.nrCpus; cpu++) {
      this.account(cpu, at);
      this.endIdleVisit(cpu, at);
    }
    for (const spell of [this.inversion, this.outranking, this.beingOutside]) spell.end(at);
    this.folds.forEach((f, pid) => this.close(f, pid, at));
    const tasks = taskList(names).map(p => this.taskMetrics(p));
    return {
      tasks,
      totals: this.totals(tasks),
      pairs: [...this.pairs]
        .map(([key, time]): DonorPair => ({ donor: Math.floor(key / PAIR), runner: key % PAIR, time }))
        .sort((x, y) => y.time - x.time || x.donor - y.donor || x.runner - y.runner),
      locks: names.mutexes.map((_, id) => this.lock(id).metrics(id, mutexName(names, id))),
      at,
      outcome: names.outcome,
      events: names.length,
      nrCpus: names.nrCpus,
    };
  }

  private totals(tasks: readonly TaskMetrics[]): Totals {
    const sum = (pick: (t: TaskMetrics) => number): number => tasks.reduce((total, t) => total + pick(t), 0);
    const { nrPasses } = this.names;
    return {
      switches: this.switches,
      idleSwitches: this.idleSwitches,
      donorChanges: this.donorChanges,
      preemptions: this.preemptions,
      passes: nrPasses,
      repicks: this.repicks,
      repicksPerPass: this.repicksPerPass.bars(Math.max(0, nrPasses - this.passesWithRepicks)),
      repicksPeak: this.repicksPeak,
      outcomes: byName(OUTCOMES, this.outcomes),
      whys: byName(OUTCOME_WHYS, this.whys),
      migrations: byName(MOVE_REASONS, this.moved),
      inversion: this.inversion.total,
      inversionMax: this.inversion.longest,
      idleVisits: this.outcomes[IDLE!]!,
      idleVisitTime: this.idleVisitTime,
      wastedMoves: { ownerLeft: this.ownerLeft, unneeded: this.unneeded },
      ioWaits: { count: sum(t => t.ioWait.count), left: this.ioWaiting },
      unplugs: this.unplugs,
      affinitiesLost: this.affinitiesLost,
      parked: { count: sum(t => t.parked.count), time: sum(t => t.parked.total) },
      outranked: this.outranking.total,
      outrankings: this.outranking.count,
      outrankedMax: this.outranking.longest,
      outsideMost: this.outsideMost,
      outside: this.beingOutside.total,
      chainDepth: this.chainDepth,
      chainDepths: this.chainDepths.bars(),
      walkDepths: this.walkDepths.bars(),
      deadlocks: this.deadlocks,
      exits: this.exits,
      busy: this.busy,
      donated: this.donated,
      spun: sum(t => t.spun),
      steals: sum(t => t.steals),
      backOffs: sum(t => t.backOffs),
      lockFailures: sum(t => t.lockFailures),
      releases: byName(RELEASES, this.releases),
      misses: sum(t => t.misses),
      overruns: this.overruns,
    };
  }

  /** Tasks seen for the first time. */
  private meet(): void {
    const tasks = Math.max(1, this.names.tasks.length);
    if (tasks > this.urgency.length) this.urgency = grown(this.urgency, new Int32Array(2 * tasks).fill(LEAST_URGENT));
    for (let pid = this.folds.length; pid < tasks; pid++) {
      this.folds.push(new TaskFold());
      const p = this.names.tasks[pid];
      if (p !== undefined) this.urgency[pid] = urgencyOf(p);
    }
    this.stale = true;
  }

  private lock(id: number): LockFold {
    return (this.locks[id] ??= new LockFold());
  }

  // --- while time passes -------------------------------------------------------------------------------------------

  /** Time goes on to `to` in the state reached: the moment to see what is wrong with it. O(waiters), and only after a change. */
  private pass(to: Nanos): void {
    const { now } = this.replay;
    const dt = to - now;
    if (dt <= 0) return;
    if (this.pickedCpus.length > 0) this.noteUse();
    if (this.stale) {
      this.stale = false;
      this.look(now);
    }
    for (const w of this.inverted) this.folds[w]!.inverted += dt;
    for (const p of this.outranked) this.folds[p]!.outranked += dt;
    for (const w of this.outside) this.folds[w]!.outside += dt;
  }

  private look(now: Nanos): void {
    const { replay, names } = this;
    this.inverted.length = this.outside.length = 0;
    for (const w of replay.waiters) {
      if (isInverted(replay, this.urgency, w)) this.inverted.push(w);
      const cpus = names.tasks[w]!.cpus;
      if (cpus !== null && replay.state[w] === BLOCKED_QUEUED && !(cpus as readonly number[]).includes(replay.cpu[w]!))
        this.outside.push(w);
    }
    this.finder.find(this.urgency, this.outranked);
    this.inversion.set(this.inverted.length > 0, now);
    this.outranking.set(this.outranked.length > 0, now);
    this.beingOutside.set(this.outside.length > 0, now);
    if (this.outside.length > this.outsideMost.value) this.outsideMost = { value: this.outside.length, at: now };
  }

  /** Who donates on a CPU that picked, and everyone between donor and runner, is of use from now on. */
  private noteUse(): void {
    const { replay } = this;
    for (const cpu of this.pickedCpus) {
      this.picked[cpu] = 0;
      const curr = replay.curr[cpu]!;
      if (curr === 0 || curr === replay.donor[cpu]) continue;
      for (let p = replay.donor[cpu]!, steps = 0; p !== 0 && p !== curr && steps <= replay.waiters.length; steps++) {
        const f = this.folds[p]!;
        if (f.unused) this.nrUnused--;
        f.unused = false;
        const m = replay.waitsFor[p]!;
        p = m < 0 ? 0 : replay.owner[m]!;
      }
    }
    this.pickedCpus.length = 0;
  }

  private notePick(cpu: number): void {
    if (this.nrUnused === 0 || this.picked[cpu] === 1) return;
    this.picked[cpu] = 1;
    this.pickedCpus.push(cpu);
  }

  /** A proxy migration of `f` is over; was it of any use? */
  private endOfMove(f: TaskFold, ownerLeft: boolean): void {
    if (!f.unused) return;
    f.unused = false;
    this.nrUnused--;
    f.wastedMoves++;
    if (ownerLeft) this.ownerLeft++;
    else this.unneeded++;
  }

  private account(cpu: number, to: Nanos): void {
    const dt = to - this.since[cpu]!;
    this.since[cpu] = to;
    const curr = this.replay.curr[cpu]!;
    const donor = this.replay.donor[cpu]!;
    if (curr === 0 || dt <= 0) return;
    this.busy += dt;
    const { charging } = this.names;
    this.folds[charging === 'donor' ? donor : curr]!.executed += dt;
    this.folds[charging === 'runner' ? curr : donor]!.charged += dt;
    if (donor === curr || donor === 0) return;
    this.donated += dt;
    this.folds[donor]!.donatedTo += dt;
    this.folds[curr]!.donatedBy += dt;
    const key = donor * PAIR + curr;
    this.pairs.set(key, (this.pairs.get(key) ?? 0) + dt);
  }

  private endIdleVisit(cpu: number, at: Nanos): void {
    if (this.idleSince[cpu]! < 0) return;
    this.idleVisitTime += at - this.idleSince[cpu]!;
    this.idleSince[cpu] = -1;
  }

  // --- event by event ----------------------------------------------------------------------------------------------

  private count(e: EventCursor): void {
    const f = this.folds[e.a];
    switch (e.kind) {
      case EVENT.schedSwitch:
        if (e.a === e.b) this.donorChanges++;
        else if (e.a === 0 || e.b === 0) this.idleSwitches++;
        else this.switches++;
        if ((e.d & 1) !== 0 && e.a !== e.b) this.preemptions++;
        if (e.b !== 0) this.endIdleVisit(e.cpu, e.time);
        this.notePick(e.cpu);
        this.watchReady(e.a, e.time);
        this.watchReady(e.b, e.time);
        this.stale = true;
        return;
      case EVENT.schedRepick:
        this.repicks += e.a;
        this.passesWithRepicks++;
        this.repicksPerPass.add(e.a);
        if (e.a > this.repicksPeak.value) this.repicksPeak = { value: e.a, at: e.time, cpu: e.cpu };
        return;
      case EVENT.schedWakeup:
        this.endOfMove(f!, false);
        this.endParked(f!, e.time);
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.schedMigrate:
        this.moved[e.d]!++;
        f!.migrations++;
        if (e.d === MOVED_PROXY || e.d === MOVED_RETURN) f!.proxyMigrations++;
        this.endOfMove(f!, e.d === MOVED_PROXY);
        if (e.d === MOVED_PROXY) {
          f!.unused = true;
          this.nrUnused++;
        }
        this.stale = true;
        return;
      case EVENT.mutexSpin:
        if (e.c === 1) {
          f!.spinsSince = e.time;
          f!.spinsOn = e.b;
        } else {
          f!.spun += e.time - f!.spinsSince;
          this.lock(e.b).spun += e.time - f!.spinsSince;
          f!.spinsSince = -1;
        }
        return;
      case EVENT.mutexBlocked:
        if (f!.waitSince < 0) f!.waitSince = e.time;
        f!.lastMutex = e.b;
        f!.lastOwner = e.c;
        this.watchReady(e.a, e.time);
        this.watchDepth(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.mutexAcquired:
        this.endWait(f!, e);
        f!.took(e.b, e.time);
        this.lock(e.b).taken++;
        if ((e.d & ACQUIRED_STOLEN) !== 0) {
          f!.steals++;
          this.lock(e.b).steals++;
        }
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.mutexFailed:
        this.endWait(f!, e);
        this.lock(e.b).failed++;
        if (e.d === REFUSED) f!.backOffs++;
        else if (e.d !== HELD) f!.lockFailures++;
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
      case EVENT.mutexReleased:
        this.endHold(f!, e.b, e.time);
        this.releases[e.e]!++;
        this.lock(e.b).releases[e.e]!++;
        this.stale = true;
        return;
      case EVENT.proxyOutcome:
        this.walked(e);
        this.stale = true;
        return;
      case EVENT.proxyPark:
        this.endOfMove(f!, true);
        f!.parkedSince = e.time;
        this.stale = true;
        return;
      case EVENT.proxyUnpark:
        this.endParked(f!, e.time);
        this.stale = true;
        return;
      case EVENT.ioWait:
        if (e.c === 1) {
          f!.ioSince = e.time;
          this.ioWaiting++;
        } else this.endIoWait(f!, e.time);
        return;
      case EVENT.cpuHotplug:
        if (e.c === UNPLUG) this.unplugs++;
        return;
      case EVENT.affinityLost:
        this.affinitiesLost++;
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
        if (this.names.marks[e.c] === 'overrun') this.overruns++;
        this.stale = true;
        return;
      case EVENT.taskExit:
        this.exits++;
        f!.waitSince = -1;
        this.endOfMove(f!, false);
        this.watchReady(e.a, e.time);
        this.stale = true;
        return;
    }
  }

  private walked(e: EventCursor): void {
    this.outcomes[e.b]!++;
    if (e.b === IDLE) {
      if (this.idleSince[e.cpu]! < 0) this.idleSince[e.cpu] = e.time;
      this.whys[e.d]!++;
      return;
    }
    this.endIdleVisit(e.cpu, e.time);
    if (e.b === RUN || e.b === RETAKE) {
      this.walkDepths.add(e.d);
      this.notePick(e.cpu);
    } else if (e.b === DEACTIVATE) {
      this.whys[e.d]!++;
      this.endOfMove(this.folds[e.c]!, WHYS_OF_OWNER.has(e.d));
    } else if (e.b === PARK) {
      this.endOfMove(this.folds[e.c]!, true);
    }
  }

  private endIoWait(f: TaskFold, at: Nanos): void {
    this.ioWaiting--;
    f.ioWait.add(at - f.ioSince, at);
    f.ioSince = -1;
  }

  private endWait(f: TaskFold, e: EventCursor): void {
    this.endOfMove(f, false);
    if (f.waitSince < 0) return;
    f.lockWait.add(e.time - f.waitSince, e.time);
    this.lock(e.b).wait.add(e.time - f.waitSince, e.time);
    f.waitSince = -1;
  }

  private endHold(f: TaskFold, mutex: number, at: Nanos): void {
    const since = f.letGo(mutex);
    if (since < 0) return;
    f.lockHold.add(at - since, at);
    this.lock(mutex).hold.add(at - since, at);
  }

  private endParked(f: TaskFold, at: Nanos): void {
    if (f.parkedSince >= 0) f.parked.add(at - f.parkedSince, at);
    f.parkedSince = -1;
  }

  /** What is still open at the end of the run. */
  private close(f: TaskFold, pid: number, at: Nanos): void {
    const waits = this.replay.waitsFor[pid]!;
    if (f.waitSince >= 0) {
      f.lockWait.add(at - f.waitSince, at);
      if (waits >= 0) this.lock(waits).wait.add(at - f.waitSince, at);
    } else if (f.readySince >= 0 && at > f.readySince) f.cpuWait.add(at - f.readySince, at);
    if (f.deadline >= 0 && at > f.deadline) this.miss(f, at);
    if (f.spinsSince >= 0) {
      f.spun += at - f.spinsSince;
      this.lock(f.spinsOn).spun += at - f.spinsSince;
    }
    for (let m = f.anyHeld; m >= 0; m = f.anyHeld) this.endHold(f, m, at);
    this.endParked(f, at);
    this.endOfMove(f, false);
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
    const depth = this.replay.depth(pid);
    this.chainDepths.add(depth);
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
    const { max, median, p99 } = waitsOf(f.response);
    return {
      task,
      jobs: f.response.count,
      response: { max, p99, median },
      misses: f.misses,
      late: peak(f.late, f.lateAt),
      lockWait: waitsOf(f.lockWait),
      cpuWait: waitsOf(f.cpuWait),
      lockHold: waitsOf(f.lockHold),
      parked: waitsOf(f.parked),
      ioWait: waitsOf(f.ioWait),
      donatedTo: f.donatedTo,
      donatedBy: f.donatedBy,
      executed: f.executed,
      charged: f.charged,
      inverted: f.inverted,
      outranked: f.outranked,
      outside: f.outside,
      migrations: f.migrations,
      proxyMigrations: f.proxyMigrations,
      wastedMoves: f.wastedMoves,
      spun: f.spun,
      steals: f.steals,
      backOffs: f.backOffs,
      lockFailures: f.lockFailures,
      lastBlock: f.lastMutex < 0 ? null : { mutex: f.lastMutex, owner: f.lastOwner },
    };
  }
}

function peak(value: number, at: Nanos): Peak {
  return { value, at };
}
