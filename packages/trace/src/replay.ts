import type { Nanos } from '@proxysched/core';
import { EVENT, MOVE_REASONS, OUTCOMES, SWITCH_QUEUED, SWITCH_STATE_SHIFT, TASK_STATES } from './events.js';
import { grown } from './grown.js';
import type { EventCursor, RunNames } from './row-sink.js';

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
  state: Uint8Array;
  /** By pid: the CPU it runs on or is queued on. */
  cpu: Int16Array;
  /** By pid: mutex id it waits for, from blocking until it has the lock; −1 none. */
  waitsFor: Int32Array;
  /** By pid: CPU whose donor it is, −1 none. */
  donorOn: Int16Array;
  /** By pid: mutexes held, oldest first. A new array at each change. */
  readonly held: (readonly number[])[];
  /** By mutex id: pid of the owner or 0. */
  owner: Int32Array;
  /** By pid: 1 while its class keeps it from running (`throttle` … `replenish`). */
  throttled: Uint8Array;
  /** By CPU: 1 while real-time tasks have used up what they may have there. */
  readonly rtThrottled: Uint8Array;
  /** Pids that wait for a lock, in no order. */
  readonly waiters: number[] = [];

  private place: Int32Array;
  private parked: Uint8Array;

  constructor(private readonly names: RunNames) {
    const tasks = Math.max(1, names.tasks.length);
    const cpus = Math.max(1, names.nrCpus);
    this.curr = new Int32Array(cpus);
    this.donor = new Int32Array(cpus);
    this.state = new Uint8Array(tasks);
    this.cpu = new Int16Array(tasks);
    this.waitsFor = new Int32Array(tasks).fill(-1);
    this.donorOn = new Int16Array(tasks).fill(-1);
    this.held = Array.from({ length: tasks }, () => NONE);
    this.owner = new Int32Array(names.mutexes.length);
    this.throttled = new Uint8Array(tasks);
    this.rtThrottled = new Uint8Array(cpus);
    this.place = new Int32Array(tasks).fill(-1);
    this.parked = new Uint8Array(tasks);
  }

  apply(e: EventCursor): void {
    if (this.names.tasks.length > this.state.length || this.names.mutexes.length > this.owner.length) this.grow();
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
      case EVENT.proxyPark:
        return this.leaveQueue(e.a, true);
      case EVENT.proxyUnpark:
        this.parked[e.a] = 0;
        this.cpu[e.a] = e.cpu;
        if (this.state[e.a]! >= BLOCKED_QUEUED) this.state[e.a] = BLOCKED_QUEUED;
        return;
      case EVENT.taskExit:
        this.stopWaiting(e.a);
        if (this.state[e.a] !== RUNNING) this.state[e.a] = OFF;
        return;
      case EVENT.classMark:
        return this.mark(e);
    }
  }

  /** Budgets are those of deadline tasks, one by one; real-time tasks share one for each CPU. */
  private mark(e: EventCursor): void {
    const mark = this.names.marks[e.c];
    const ends = mark === 'replenish' || mark === 'unthrottle';
    if (mark !== 'throttle' && !ends) return;
    if (this.names.tasks[e.a]?.policy.kind === 'deadline') {
      this.throttled[e.a] = ends ? 0 : 1;
      return;
    }
    this.rtThrottled[e.cpu] = ends ? 0 : 1;
    for (const p of this.names.tasks) {
      const realTime = p?.policy.kind === 'fifo' || p?.policy.kind === 'rr';
      if (realTime && this.cpu[p.pid] === e.cpu) this.throttled[p.pid] = ends ? 0 : 1;
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

  /** Tasks in the chain that begins with `pid`, itself included. */
  depth(pid: number): number {
    let p = pid;
    for (let depth = 1; depth <= this.waiters.length + 1; depth++) {
      const m = this.waitsFor[p]!;
      const next = m < 0 ? 0 : this.owner[m]!;
      if (next === 0 || next === p) return depth;
      p = next;
    }
    return this.chain(pid).length; // a ring
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

  /** Tasks were forked since. */
  private grow(): void {
    const tasks = Math.max(2 * this.state.length, this.names.tasks.length);
    this.state = grown(this.state, new Uint8Array(tasks));
    this.cpu = grown(this.cpu, new Int16Array(tasks));
    this.waitsFor = grown(this.waitsFor, new Int32Array(tasks).fill(-1));
    this.donorOn = grown(this.donorOn, new Int16Array(tasks).fill(-1));
    this.throttled = grown(this.throttled, new Uint8Array(tasks));
    this.place = grown(this.place, new Int32Array(tasks).fill(-1));
    this.parked = grown(this.parked, new Uint8Array(tasks));
    while (this.held.length < tasks) this.held.push(NONE);
    this.owner = grown(this.owner, new Int32Array(this.names.mutexes.length));
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
