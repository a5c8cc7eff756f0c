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
  'lockWait.total': 'time',
  'lockWait.count': 'count',
  'cpuWait.max': 'time',
  'cpuWait.total': 'time',
  donatedTo: 'time',
  donatedBy: 'time',
  executed: 'time',
  charged: 'time',
  inverted: 'time',
  migrations: 'count',
  proxyMigrations: 'count',
  steals: 'count',
  /** Times it was refused a wait/wound mutex and had to let go of what it held (EDEADLK). */
  backOffs: 'count',
  /** Other tries for a lock that ended without it: a signal, its time, a lock that was taken when it would not wait. */
  lockFailures: 'count',
} as const satisfies Readonly<Record<string, FigureKind>>;

/** Of the whole run. */
export const RUN_FIGURES = {
  simulated: 'time',
  switches: 'count',
  preemptions: 'count',
  repicks: 'count',
  /** Most re-picks in one pass. */
  mostRepicks: 'count',
  proxyMigrations: 'count',
  returnMigrations: 'count',
  migrations: 'count',
  inversion: 'time',
  longestInversion: 'time',
  donated: 'time',
  busy: 'time',
  idleVisits: 'count',
  /** Tasks in the longest chain of waits. */
  chainDepth: 'count',
  deadlocks: 'count',
  backOffs: 'count',
  lockFailures: 'count',
  steals: 'count',
  misses: 'count',
  /** Tasks that ran to the end of their program. */
  finished: 'count',
} as const satisfies Readonly<Record<string, FigureKind>>;

export type FigureKind = 'time' | 'count';
export type TaskFigure = keyof typeof TASK_FIGURES;
export type RunFigure = keyof typeof RUN_FIGURES;
