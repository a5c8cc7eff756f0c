import type { Nanos } from '@proxysched/core';
import type { Columns, EventCursor } from './column-sink.js';
import { EVENT, MOVE_REASONS, OUTCOMES, SWITCH_QUEUED, SWITCH_STATE_SHIFT, TASK_STATES } from './events.js';

/** Where a task is, as far as the trace tells. */
export const OFF = 0;
/** Able to run, waiting for a CPU. */
export const READY = 1;
export const RUNNING = 2;
/** Waits for a lock, its context still queued: it may be picked and donate. */
export const BLOCKED_QUEUED = 3;
/** Waits for a lock off the queue. */
export const BLOCKED_OFF = 4;
/** Waits for a lock off the queue until its sleeping owner comes back. */
export const PARKED = 5;

const RUNS = TASK_STATES.indexOf('running');
const BLOCKED = TASK_STATES.indexOf('blocked');
const PARK = OUTCOMES.indexOf('park');
const DEACTIVATE = OUTCOMES.indexOf('deactivate');

/** Reasons of `schedMigrate`, by number. */
export const MOVED_PROXY = MOVE_REASONS.indexOf('proxy');
export const MOVED_RETURN = MOVE_REASONS.indexOf('return');

const NONE: readonly number[] = [];

/**
 * The machine as a reader of the trace knows it: what runs in whose name on each CPU, where each task is, who waits for
 * what and who holds it. Apply the events one by one; everything that is derived from a recording looks at this.
 */
export class Replay {
  /** Instant of the last event applied, ns. */
  now: Nanos = 0;
  /** Pids by CPU, 0 for idle. */
  readonly curr: Int32Array;
  readonly donor: Int32Array;
  /** By pid: `OFF` … `PARKED`. */
  readonly state: Uint8Array;
  /** By pid: the CPU it runs on or is queued on. */
  readonly cpu: Int16Array;
  /** By pid: mutex id it waits for, from blocking until it has the lock; −1 none. */
  readonly waitsFor: Int32Array;
  /** By pid: CPU whose donor it is, −1 none. */
  readonly donorOn: Int16Array;
  /** By pid: mutexes held, oldest first. A new array at each change. */
  readonly held: (readonly number[])[];
  /** By mutex id: pid of the owner or 0. */
  readonly owner: Int32Array;
  /** By pid: 1 while its class keeps it from running (`throttle` … `replenish`). */
  readonly throttled: Uint8Array;
  /** Pids that wait for a lock, in no order. */
  readonly waiters: number[] = [];

  private readonly place: Int32Array;
  private readonly parked: Uint8Array;
  private readonly throttleMark: number;
  private readonly freeMarks: ReadonlySet<number>;

  constructor(columns: Columns) {
    const tasks = Math.max(1, columns.tasks.length);
    const cpus = Math.max(1, columns.nrCpus);
    this.curr = new Int32Array(cpus);
    this.donor = new Int32Array(cpus);
    this.state = new Uint8Array(tasks);
    this.cpu = new Int16Array(tasks);
    this.waitsFor = new Int32Array(tasks).fill(-1);
    this.donorOn = new Int16Array(tasks).fill(-1);
    this.held = Array.from({ length: tasks }, () => NONE);
    this.owner = new Int32Array(columns.mutexes.length);
    this.throttled = new Uint8Array(tasks);
    this.place = new Int32Array(tasks).fill(-1);
    this.parked = new Uint8Array(tasks);
    this.throttleMark = columns.marks.indexOf('throttle');
    this.freeMarks = new Set(['replenish', 'unthrottle'].map(mark => columns.marks.indexOf(mark)).filter(id => id >= 0));
  }

  apply(e: EventCursor): void {
    this.now = e.time;
    switch (e.kind) {
      case EVENT.schedSwitch:
        return this.switchTo(e.cpu, e.a, e.b, e.c, e.d);
      case EVENT.schedWakeup:
        if (this.state[e.a] !== RUNNING) this.state[e.a] = READY;
        this.cpu[e.a] = e.cpu;
        this.parked[e.a] = 0;
        return;
      case EVENT.schedMigrate:
        this.cpu[e.a] = e.c;
        return;
      case EVENT.mutexBlocked:
        return this.wait(e.a, e.b);
      case EVENT.mutexAcquired:
        this.stopWaiting(e.a);
        this.owner[e.b] = e.a;
        if (!this.held[e.a]!.includes(e.b)) this.held[e.a] = [...this.held[e.a]!, e.b];
        return;
      case EVENT.mutexFailed:
        return this.stopWaiting(e.a);
      case EVENT.mutexReleased:
        this.owner[e.b] = e.d;
        this.held[e.a] = this.held[e.a]!.filter(m => m !== e.b);
        return;
      case EVENT.proxyOutcome:
        if (e.b === PARK || e.b === DEACTIVATE) this.leaveQueue(e.c, e.b === PARK);
        return;
      case EVENT.taskExit:
        this.stopWaiting(e.a);
        if (this.state[e.a] !== RUNNING) this.state[e.a] = OFF;
        return;
      case EVENT.classMark:
        if (e.c === this.throttleMark) this.throttled[e.a] = 1;
        else if (this.freeMarks.has(e.c)) this.throttled[e.a] = 0;
        return;
    }
  }

  /** The task at the end of `pid`'s chain of waits: it waits for nobody. 0 when a lock has no owner or the chain is a ring. */
  chainEnd(pid: number): number {
    let p = pid;
    for (let steps = 0; steps <= this.waiters.length; steps++) {
      const m = this.waitsFor[p]!;
      if (m < 0) return p;
      const next = this.owner[m]!;
      if (next === 0) return 0;
      // Named by a hand-off, and not there yet: the wait is one for the CPU now.
      if (next === p) return p;
      p = next;
    }
    return 0;
  }

  /** Pids from `pid` to the end of its chain, both included; a ring ends before it repeats. */
  chain(pid: number): number[] {
    const pids = [pid];
    for (let p = pid; ;) {
      const m = this.waitsFor[p]!;
      const next = m < 0 ? 0 : this.owner[m]!;
      if (next === 0 || pids.includes(next)) return pids;
      pids.push(next);
      p = next;
    }
  }

  /** Is `pid` in the chain that begins at `from`? */
  inChain(from: number, pid: number): boolean {
    let p = from;
    for (let steps = 0; steps <= this.waiters.length; steps++) {
      if (p === pid) return true;
      const m = this.waitsFor[p]!;
      const next = m < 0 ? 0 : this.owner[m]!;
      if (next === 0 || next === p) return false;
      p = next;
    }
    return false;
  }

  private switchTo(cpu: number, prev: number, next: number, donor: number, bits: number): void {
    const before = this.donor[cpu]!;
    if (this.donorOn[before] === cpu) this.donorOn[before] = -1;
    // The trace may move it before it reports the switch; if it runs elsewhere by now, it is not ours to change.
    const elsewhere = this.cpu[prev] !== cpu && this.curr[this.cpu[prev]!] === prev;
    if (prev !== 0 && prev !== next && this.state[prev] === RUNNING && !elsewhere) this.leaveCpu(prev, bits);
    this.curr[cpu] = next;
    this.donor[cpu] = donor;
    if (next !== 0) {
      this.state[next] = RUNNING;
      this.cpu[next] = cpu;
      this.parked[next] = 0;
    }
    if (donor !== 0) {
      this.donorOn[donor] = cpu;
      // It was picked, so it is queued, however it came back.
      if (this.state[donor] === BLOCKED_OFF || this.state[donor] === PARKED) this.state[donor] = BLOCKED_QUEUED;
      if (donor !== next) this.cpu[donor] = cpu;
    }
  }

  private leaveCpu(prev: number, bits: number): void {
    const state = bits >> SWITCH_STATE_SHIFT;
    if (state === RUNS) this.state[prev] = READY;
    else if (state !== BLOCKED) this.state[prev] = OFF;
    else if ((bits & SWITCH_QUEUED) !== 0) this.state[prev] = BLOCKED_QUEUED;
    else this.state[prev] = this.parked[prev] === 1 ? PARKED : BLOCKED_OFF;
  }

  private leaveQueue(pid: number, parked: boolean): void {
    this.parked[pid] = parked ? 1 : 0;
    if (this.state[pid]! >= BLOCKED_QUEUED) this.state[pid] = parked ? PARKED : BLOCKED_OFF;
  }

  private wait(pid: number, mutex: number): void {
    this.waitsFor[pid] = mutex;
    if (this.place[pid]! < 0) this.place[pid] = this.waiters.push(pid) - 1;
  }

  private stopWaiting(pid: number): void {
    this.waitsFor[pid] = -1;
    const place = this.place[pid]!;
    if (place < 0) return;
    this.place[pid] = -1;
    const last = this.waiters.pop()!;
    if (last === pid) return;
    this.waiters[place] = last;
    this.place[last] = place;
  }
}
