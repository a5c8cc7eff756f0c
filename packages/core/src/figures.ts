/**
 * What a run can be judged by, by the names that scenarios use in `expect`. `time`: ns; `count`: a number of things. Whoever
 * computes them (`trace`) is held to these lists by the compiler.
 */

/** Of one task. */
export const TASK_FIGURES = {
  jobs: 'count',
  'response.max': 'time',
  'response.p99': 'time',
  'response.median': 'time',
  misses: 'count',
  late: 'time',
  'lockWait.max': 'time',
  'lockWait.p99': 'time',
  'lockWait.median': 'time',
  'lockWait.total': 'time',
  'lockWait.count': 'count',
  'lockHold.max': 'time',
  'lockHold.p99': 'time',
  'lockHold.median': 'time',
  'lockHold.total': 'time',
  'lockHold.count': 'count',
  'cpuWait.max': 'time',
  'cpuWait.p99': 'time',
  'cpuWait.total': 'time',
  donatedTo: 'time',
  donatedBy: 'time',
  executed: 'time',
  charged: 'time',
  inverted: 'time',
  /** While a less urgent one had a CPU that its chain could have used. */
  outranked: 'time',
  /** Queued, as a waiter, where it may not execute. */
  outside: 'time',
  parked: 'time',
  /** Off the queue for I/O. */
  ioWait: 'time',
  spun: 'time',
  migrations: 'count',
  proxyMigrations: 'count',
  /** Proxy migrations that were of no use. */
  wastedMoves: 'count',
  steals: 'count',
  /** Times it was refused a wait/wound mutex and had to let go of what it held (EDEADLK). */
  backOffs: 'count',
  /** Other tries for a lock that ended without it: a signal, its time, a lock that was taken when it would not wait. */
  lockFailures: 'count',
} as const satisfies Readonly<Record<string, FigureKind>>;

/** Of one lock. */
export const LOCK_FIGURES = {
  taken: 'count',
  'wait.count': 'count',
  'wait.total': 'time',
  'wait.max': 'time',
  'wait.p99': 'time',
  'wait.median': 'time',
  'hold.count': 'count',
  'hold.total': 'time',
  'hold.max': 'time',
  'hold.p99': 'time',
  'hold.median': 'time',
  'spin.total': 'time',
  stolen: 'count',
  handedOver: 'count',
  handedToDonor: 'count',
} as const satisfies Readonly<Record<string, FigureKind>>;

/** Of the whole run. */
export const RUN_FIGURES = {
  simulated: 'time',
  passes: 'count',
  switches: 'count',
  preemptions: 'count',
  repicks: 'count',
  /** Most re-picks in one pass. */
  mostRepicks: 'count',
  proxyMigrations: 'count',
  returnMigrations: 'count',
  migrations: 'count',
  wastedMoves: 'count',
  /** Proxy migrations that were of no use since the lock's owner had left. */
  wastedByOwner: 'count',
  inversion: 'time',
  longestInversion: 'time',
  /** The top-N property violated. */
  outranked: 'time',
  longestOutranked: 'time',
  /** How often that began. */
  outrankings: 'count',
  /** Some waiter queued where it may not execute; and the most at once. */
  outside: 'time',
  mostOutside: 'count',
  parked: 'time',
  parks: 'count',
  donated: 'time',
  busy: 'time',
  spun: 'time',
  idleVisits: 'count',
  idleVisitTime: 'time',
  /** Tasks in the longest chain of waits. */
  chainDepth: 'count',
  /** Most links in a walk that found somebody to run. */
  walkDepth: 'count',
  deadlocks: 'count',
  backOffs: 'count',
  lockFailures: 'count',
  steals: 'count',
  /** Releases that named the next owner, in whatever way; the donor; the first who had asked for it (HANDOFF). */
  handOffs: 'count',
  handOffsToDonor: 'count',
  /** Waits counted as I/O, and how many CPUs still count one at the end. */
  ioWaits: 'count',
  ioWaitsLeft: 'count',
  /** CPUs taken out of the machine; tasks whose affinity was broken by that. */
  unplugs: 'count',
  affinitiesLost: 'count',
  handOffsAsked: 'count',
  /** Releases that left the lock free while somebody waited. */
  leftFree: 'count',
  misses: 'count',
  /** Tasks that ran to the end of their program. */
  finished: 'count',
} as const satisfies Readonly<Record<string, FigureKind>>;

export type FigureKind = 'time' | 'count';
export type TaskFigure = keyof typeof TASK_FIGURES;
export type LockFigure = keyof typeof LOCK_FIGURES;
export type RunFigure = keyof typeof RUN_FIGURES;
