import type { Nanos, SimResult } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import type { MOVE_REASONS, OUTCOMES, OUTCOME_WHYS, RELEASES } from './events.js';
import type { Bar } from './histogram.js';
import { MetricsFold } from './metrics-fold.js';
import type { TaskInfo } from './row-sink.js';

/** The largest of several, and the instant at which it was reached (ns; −1: there was none). */
export interface Peak {
  readonly value: number;
  readonly at: Nanos;
}

/** Durations of one kind, ns. Quantiles by nearest rank; exact up to 16,384 of them, then up to a thousandth too large. */
export interface Waits {
  readonly count: number;
  readonly total: Nanos;
  readonly max: Peak;
  readonly median: Nanos;
  readonly p90: Nanos;
  readonly p99: Nanos;
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
  /** From having a lock until letting it go. Locks still held at the end count. */
  readonly lockHold: Waits;
  /** Off its queue until a sleeping owner came back. */
  readonly parked: Waits;
  /** Off its queue in a wait that counts as I/O. */
  readonly ioWait: Waits;
  /** While it was donor and another ran. */
  readonly donatedTo: Nanos;
  /** While it ran and another was donor. */
  readonly donatedBy: Nanos;
  /** While it ran, in whoever's name (`proxy.charge=donor`: the donor's). */
  readonly executed: Nanos;
  /** While it was donor of a CPU that did not idle: what its class charged it for (`proxy.charge=runner`: the runner). */
  readonly charged: Nanos;
  /** While it waited for a lock and the end of its chain was able to run but did not: see `totals.inversion`. */
  readonly inverted: Nanos;
  /** While a less urgent one had a CPU that its chain could have used: see `Totals.outranked`. */
  readonly outranked: Nanos;
  /** While it waited for a lock on the queue of a CPU on which it may not execute. */
  readonly outside: Nanos;
  readonly migrations: number;
  readonly proxyMigrations: number;
  /** Proxy migrations that were of no use: see `Totals.wastedMoves`. */
  readonly wastedMoves: number;
  /** While it spun for a lock: executed, and nothing done. */
  readonly spun: Nanos;
  /** Locks taken past waiters. */
  readonly steals: number;
  /** Wait/wound mutexes refused: it let go of what it held. */
  readonly backOffs: number;
  /** Tries for a lock that ended without it for another reason (what it holds already is none). */
  readonly lockFailures: number;
  /** Id of the lock it last blocked on and pid of its owner then (0: none), `null`: it never did. */
  readonly lastBlock: { readonly mutex: number; readonly owner: number } | null;
}

/** All of one lock. Times in ns. */
export interface LockMetrics {
  readonly id: number;
  readonly name: string;
  /** Times it was taken. */
  readonly taken: number;
  /** Times somebody asked for it in vain (`EDEADLK`, `ETIMEDOUT`…). */
  readonly failed: number;
  readonly wait: Waits;
  readonly hold: Waits;
  /** While tasks spun for it, all together. */
  readonly spun: Nanos;
  readonly steals: number;
  readonly releases: Releases;
}

/** How often a lock was let go in each way. */
export type Releases = Readonly<Record<(typeof RELEASES)[number], number>>;

/** Those that named the next owner. */
export function handOffs({ donor, asked, waiter }: Releases): number {
  return donor + asked + waiter;
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
  /** Scheduling passes that were completed. */
  readonly passes: number;
  /** Passes by the number of times they picked again. */
  readonly repicksPerPass: readonly Bar[];
  /** Most re-picks in one pass. */
  readonly repicksPeak: Peak & { readonly cpu: number };
  /** Chain walks by what they found. */
  readonly outcomes: Readonly<Record<(typeof OUTCOMES)[number], number>>;
  /** Walks that ended in idle or in classic blocking, by reason. */
  readonly whys: Readonly<Record<(typeof OUTCOME_WHYS)[number], number>>;
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
  /** Times a CPU was given to idle to come straight back, and the time until the next walk there or the next task, over all CPUs. */
  readonly idleVisits: number;
  readonly idleVisitTime: Nanos;
  /**
   * Proxy migrations after which nobody ran in the waiter's name on that CPU, neither for it as donor nor through it as a link of
   * the donor's chain. `ownerLeft`: it had to move on, or left the queue since the owner slept or was elsewhere. `unneeded`: its
   * wait ended first (the lock was free or handed to it, a signal, the end of the run).
   */
  readonly wastedMoves: { readonly ownerLeft: number; readonly unneeded: number };
  /** Waiters taken off their queues until a sleeping owner came back: how often, and for how long all together. */
  readonly parked: { readonly count: number; readonly time: Nanos };
  /** Waits for I/O, and those that some CPU still counts at the end. */
  readonly ioWaits: { readonly count: number; readonly left: number };
  /** CPUs taken out of the machine; tasks that lost their affinity by that. */
  readonly unplugs: number;
  readonly affinitiesLost: number;
  /**
   * The top-N property violated (`proxy-execution.md` I20, with affinity): time during which some real-time or deadline context is
   * queued, is no CPU's donor, the end of its chain is able to run and does not, and a CPU that this end may use runs a less
   * urgent donor, or idles. Who is throttled, or whose class is on that CPU, does not count. Urgency as in `inversion`.
   */
  readonly outranked: Nanos;
  /** How often that began, and the longest uninterrupted time of it and when it ended. */
  readonly outrankings: number;
  readonly outrankedMax: Peak;
  /** Most waiters queued at once on CPUs on which they may not execute; and the time with one at least. */
  readonly outsideMost: Peak;
  readonly outside: Nanos;
  /** Tasks in the longest chain of waits, its end included; `pid` the task that closed it. */
  readonly chainDepth: Peak & { readonly pid: number };
  /** Times somebody blocked on a lock, by the number of tasks in its chain then, both ends included. */
  readonly chainDepths: readonly Bar[];
  /** Walks that found somebody to run, by the number of links. */
  readonly walkDepths: readonly Bar[];
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
  readonly releases: Releases;
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
  /** By id. */
  readonly locks: readonly LockMetrics[];
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
