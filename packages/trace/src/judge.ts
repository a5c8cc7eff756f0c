import {
  nameFits,
  RUN_FIGURES,
  TASK_FIGURES,
  type Claim,
  type Comparison,
  type FigureKind,
  type Nanos,
  type RunFigure,
  type TaskFigure,
} from '@proxysched/core';
import { msText } from './format.js';
import type { Metrics, TaskMetrics } from './metrics.js';

/** A figure of a task, ns or a count; `null` where there is none (the response of a task whose jobs never ended). */
export const TASK_FIGURE: Readonly<Record<TaskFigure, (t: TaskMetrics) => number | null>> = {
  jobs: t => t.jobs,
  'response.max': t => ofJobs(t, t.response.max.value),
  'response.p99': t => ofJobs(t, t.response.p99),
  'response.median': t => ofJobs(t, t.response.median),
  misses: t => t.misses,
  late: t => t.late.value,
  'lockWait.max': t => t.lockWait.max.value,
  'lockWait.total': t => t.lockWait.total,
  'lockWait.count': t => t.lockWait.count,
  'cpuWait.max': t => t.cpuWait.max.value,
  'cpuWait.total': t => t.cpuWait.total,
  donatedTo: t => t.donatedTo,
  donatedBy: t => t.donatedBy,
  executed: t => t.executed,
  charged: t => t.charged,
  inverted: t => t.inverted,
  migrations: t => t.migrations,
  proxyMigrations: t => t.proxyMigrations,
  steals: t => t.steals,
  backOffs: t => t.backOffs,
  lockFailures: t => t.lockFailures,
};

export const RUN_FIGURE: Readonly<Record<RunFigure, (m: Metrics) => number>> = {
  simulated: m => m.at,
  switches: m => m.totals.switches,
  preemptions: m => m.totals.preemptions,
  repicks: m => m.totals.repicks,
  mostRepicks: m => m.totals.repicksPeak.value,
  proxyMigrations: m => m.totals.migrations.proxy,
  returnMigrations: m => m.totals.migrations.return,
  migrations: m => Object.values(m.totals.migrations).reduce((a, b) => a + b, 0),
  inversion: m => m.totals.inversion,
  longestInversion: m => m.totals.inversionMax.value,
  donated: m => m.totals.donated,
  busy: m => m.totals.busy,
  idleVisits: m => m.totals.idleVisits,
  chainDepth: m => m.totals.chainDepth.value,
  deadlocks: m => m.totals.deadlocks,
  backOffs: m => m.totals.backOffs,
  lockFailures: m => m.totals.lockFailures,
  steals: m => m.totals.steals,
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
      const wrong = values.find(v => !compares(v.value, claim.is, claim.value));
      const told = wrong ?? nearest(values, claim.value);
      const text = figureText(told.value, TASK_FIGURES[claim.figure]);
      return { holds: wrong === undefined, found: claim.tasks.includes('*') ? `${told.comm} ${text}` : text };
    }
  }
}

function nearest<T extends { readonly value: number }>(values: readonly T[], to: number): T {
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
