import {
  LOCK_FIGURES,
  nameFits,
  RUN_FIGURES,
  TASK_FIGURES,
  type Claim,
  type Comparison,
  type FigureKind,
  type LockFigure,
  type Nanos,
  type RunFigure,
  type TaskFigure,
} from '@proxysched/core';
import { msText } from './format.js';
import { handOffs, type LockMetrics, type Metrics, type TaskMetrics } from './metrics.js';

/** A figure of a task, ns or a count; `null` where there is none (the response of a task whose jobs never ended). */
export const TASK_FIGURE: Readonly<Record<TaskFigure, (t: TaskMetrics) => number | null>> = {
  jobs: t => t.jobs,
  'response.max': t => ofJobs(t, t.response.max.value),
  'response.p99': t => ofJobs(t, t.response.p99),
  'response.median': t => ofJobs(t, t.response.median),
  misses: t => t.misses,
  late: t => t.late.value,
  'lockWait.max': t => t.lockWait.max.value,
  'lockWait.p99': t => t.lockWait.p99,
  'lockWait.median': t => t.lockWait.median,
  'lockWait.total': t => t.lockWait.total,
  'lockWait.count': t => t.lockWait.count,
  'lockHold.max': t => t.lockHold.max.value,
  'lockHold.p99': t => t.lockHold.p99,
  'lockHold.median': t => t.lockHold.median,
  'lockHold.total': t => t.lockHold.total,
  'lockHold.count': t => t.lockHold.count,
  'cpuWait.max': t => t.cpuWait.max.value,
  'cpuWait.p99': t => t.cpuWait.p99,
  'cpuWait.total': t => t.cpuWait.total,
  donatedTo: t => t.donatedTo,
  donatedBy: t => t.donatedBy,
  executed: t => t.executed,
  charged: t => t.charged,
  inverted: t => t.inverted,
  outranked: t => t.outranked,
  outside: t => t.outside,
  parked: t => t.parked.total,
  ioWait: t => t.ioWait.total,
  spun: t => t.spun,
  migrations: t => t.migrations,
  proxyMigrations: t => t.proxyMigrations,
  wastedMoves: t => t.wastedMoves,
  steals: t => t.steals,
  backOffs: t => t.backOffs,
  lockFailures: t => t.lockFailures,
};

/** A figure of a lock, ns or a count. */
export const LOCK_FIGURE: Readonly<Record<LockFigure, (l: LockMetrics) => number>> = {
  taken: l => l.taken,
  'wait.count': l => l.wait.count,
  'wait.total': l => l.wait.total,
  'wait.max': l => l.wait.max.value,
  'wait.p99': l => l.wait.p99,
  'wait.median': l => l.wait.median,
  'hold.count': l => l.hold.count,
  'hold.total': l => l.hold.total,
  'hold.max': l => l.hold.max.value,
  'hold.p99': l => l.hold.p99,
  'hold.median': l => l.hold.median,
  'spin.total': l => l.spun,
  stolen: l => l.steals,
  handedOver: l => handOffs(l.releases),
  handedToDonor: l => l.releases.donor,
};

export const RUN_FIGURE: Readonly<Record<RunFigure, (m: Metrics) => number>> = {
  simulated: m => m.at,
  passes: m => m.totals.passes,
  switches: m => m.totals.switches,
  preemptions: m => m.totals.preemptions,
  repicks: m => m.totals.repicks,
  mostRepicks: m => m.totals.repicksPeak.value,
  proxyMigrations: m => m.totals.migrations.proxy,
  returnMigrations: m => m.totals.migrations.return,
  migrations: m => Object.values(m.totals.migrations).reduce((a, b) => a + b, 0),
  wastedMoves: m => m.totals.wastedMoves.ownerLeft + m.totals.wastedMoves.unneeded,
  wastedByOwner: m => m.totals.wastedMoves.ownerLeft,
  inversion: m => m.totals.inversion,
  longestInversion: m => m.totals.inversionMax.value,
  outranked: m => m.totals.outranked,
  longestOutranked: m => m.totals.outrankedMax.value,
  outrankings: m => m.totals.outrankings,
  outside: m => m.totals.outside,
  mostOutside: m => m.totals.outsideMost.value,
  parked: m => m.totals.parked.time,
  parks: m => m.totals.parked.count,
  ioWaits: m => m.totals.ioWaits.count,
  ioWaitsLeft: m => m.totals.ioWaits.left,
  unplugs: m => m.totals.unplugs,
  affinitiesLost: m => m.totals.affinitiesLost,
  donated: m => m.totals.donated,
  busy: m => m.totals.busy,
  spun: m => m.totals.spun,
  idleVisits: m => m.totals.idleVisits,
  idleVisitTime: m => m.totals.idleVisitTime,
  chainDepth: m => m.totals.chainDepth.value,
  walkDepth: m => m.totals.walkDepths.at(-1)?.value ?? 0,
  deadlocks: m => m.totals.deadlocks,
  backOffs: m => m.totals.backOffs,
  lockFailures: m => m.totals.lockFailures,
  steals: m => m.totals.steals,
  handOffs: m => handOffs(m.totals.releases),
  handOffsToDonor: m => m.totals.releases.donor,
  handOffsAsked: m => m.totals.releases.asked,
  leftFree: m => m.totals.releases.free,
  misses: m => m.totals.misses,
  finished: m => m.totals.exits,
};

function ofJobs(t: TaskMetrics, value: Nanos): Nanos | null {
  return t.jobs === 0 ? null : value;
}

export interface Judged {
  readonly holds: boolean;
  /** What was found, and of whom: the first task for which it does not hold, else the one that comes nearest. */
  readonly found: string;
}

/**
 * Whether a claim holds of a run. A figure that a task does not have (the response of one whose jobs never ended) is
 * infinite: it was not below anything.
 */
export function judge(claim: Claim, metrics: Metrics): Judged {
  switch (claim.of) {
    case 'outcome':
      return { holds: (metrics.outcome === claim.value) === (claim.is === '=='), found: metrics.outcome ?? 'no end' };
    case 'run': {
      const value = RUN_FIGURE[claim.figure](metrics);
      return { holds: compares(value, claim.is, claim.value), found: figureText(value, RUN_FIGURES[claim.figure]) };
    }
    case 'task': {
      const meant = metrics.tasks.filter(t => nameFits(claim.tasks, t.task.comm));
      const values = meant.map(t => ({ comm: t.task.comm, value: TASK_FIGURE[claim.figure](t) ?? Infinity }));
      // A task that was never started is in no run.
      if (values.length === 0) return { holds: false, found: 'no such task ran' };
      return ofEach(values, claim, claim.tasks, TASK_FIGURES[claim.figure]);
    }
    case 'lock': {
      const meant = metrics.locks.filter(l => nameFits(claim.locks, l.name));
      if (meant.length === 0) return { holds: false, found: 'there is no such lock' };
      const values = meant.map(l => ({ comm: l.name, value: LOCK_FIGURE[claim.figure](l) }));
      return ofEach(values, claim, claim.locks, LOCK_FIGURES[claim.figure]);
    }
  }
}

interface Named {
  readonly comm: string;
  readonly value: number;
}

function ofEach(values: readonly Named[], claim: { is: Comparison; value: number }, pattern: string, kind: FigureKind): Judged {
  const wrong = values.find(v => !compares(v.value, claim.is, claim.value));
  const told = wrong ?? nearest(values, claim.value);
  const text = figureText(told.value, kind);
  return { holds: wrong === undefined, found: pattern.includes('*') ? `${told.comm} ${text}` : text };
}

function nearest(values: readonly Named[], to: number): Named {
  return values.reduce((a, b) => (Math.abs(b.value - to) < Math.abs(a.value - to) ? b : a));
}

function compares(found: number, is: Comparison, value: number): boolean {
  switch (is) {
    case '<':
      return found < value;
    case '<=':
      return found <= value;
    case '>':
      return found > value;
    case '>=':
      return found >= value;
    case '!=':
      return found !== value;
    case '==':
      return found === value;
  }
}

function figureText(value: number, kind: FigureKind): string {
  if (value === Infinity) return 'never';
  return kind === 'time' ? msText(value) : String(value);
}
