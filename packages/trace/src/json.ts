import { policyName, type Nanos, type SimResult } from '@proxysched/core';
import type { JobFigures } from './job-figures.js';
import type { Bar } from './histogram.js';
import type { DonorPair, LockMetrics, Metrics, Peak, Releases, TaskMetrics, Totals, Waits } from './metrics.js';
import type { RunInfo } from './run-info.js';
import { commOf, type RunNames } from './row-sink.js';

/** The form of `RunJson`; a change that could break a reader changes the number. */
export const RUN_SCHEMA = 'proxysched-run/1';

/** Something about the input or the run that its author should know. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: string;
  readonly message: string;
}

interface PeakJson {
  readonly ns: Nanos;
  /** Instant, ns; `null`: it never happened. */
  readonly atNs: Nanos | null;
}

interface WaitsJson {
  readonly count: number;
  readonly totalNs: Nanos;
  readonly max: PeakJson;
  readonly medianNs: Nanos;
  readonly p90Ns: Nanos;
  readonly p99Ns: Nanos;
}

export interface LockJson {
  readonly name: string;
  readonly taken: number;
  readonly failed: number;
  readonly wait: WaitsJson;
  readonly hold: WaitsJson;
  readonly spunNs: Nanos;
  readonly steals: number;
  readonly releases: Releases;
}

export interface TaskJson {
  readonly pid: number;
  readonly name: string;
  readonly policy: string;
  readonly jobs: number;
  readonly response: { readonly max: PeakJson; readonly p99Ns: Nanos; readonly medianNs: Nanos } | null;
  readonly misses: number;
  readonly late: PeakJson;
  readonly lockWait: WaitsJson;
  readonly cpuWait: WaitsJson;
  readonly lockHold: WaitsJson;
  readonly parked: WaitsJson;
  readonly ioWait: WaitsJson;
  readonly donatedToNs: Nanos;
  readonly donatedByNs: Nanos;
  readonly executedNs: Nanos;
  readonly chargedNs: Nanos;
  readonly invertedNs: Nanos;
  readonly outrankedNs: Nanos;
  readonly outsideNs: Nanos;
  readonly migrations: number;
  readonly proxyMigrations: number;
  readonly wastedMoves: number;
  readonly spunNs: Nanos;
  readonly steals: number;
  readonly backOffs: number;
  readonly lockFailures: number;
  /** Job by job, by the definitions of real-time theory; `null`: they were not counted. */
  readonly figures: JobFigures | null;
}

/** What `--json` prints; described field by field in `docs/output-json.md`. */
export interface RunJson {
  readonly schema: typeof RUN_SCHEMA;
  readonly run: {
    readonly workload: string;
    readonly cpus: number;
    readonly proxy: string;
    /** With a research class, its rule for waiting for locks. */
    readonly locks: string | null;
    readonly seed: number;
    readonly untilNs: Nanos;
    readonly classes: readonly string[];
    readonly options: RunInfo['options'];
    readonly version: string;
  };
  readonly outcome: SimResult['outcome'] | null;
  readonly simulatedNs: Nanos;
  readonly events: number;
  readonly digest: string;
  readonly totals: {
    readonly switches: number;
    readonly idleSwitches: number;
    readonly donorChanges: number;
    readonly preemptions: number;
    readonly passes: number;
    readonly repicks: number;
    readonly repicksPerPass: readonly Bar[];
    readonly repicksPeak: { readonly value: number; readonly atNs: Nanos | null; readonly cpu: number | null };
    readonly outcomes: Totals['outcomes'];
    readonly whys: Totals['whys'];
    readonly migrations: Totals['migrations'];
    readonly wastedMoves: Totals['wastedMoves'];
    readonly parked: { readonly count: number; readonly ns: Nanos };
    readonly ioWaits: { readonly count: number; readonly left: number };
    readonly unplugs: number;
    readonly affinitiesLost: number;
    readonly inversionNs: Nanos;
    readonly inversionMax: PeakJson;
    readonly outrankedNs: Nanos;
    readonly outrankings: number;
    readonly outrankedMax: PeakJson;
    readonly outsideNs: Nanos;
    readonly outsideMost: { readonly value: number; readonly atNs: Nanos | null };
    readonly idleVisits: number;
    readonly idleVisitNs: Nanos;
    readonly chainDepth: { readonly value: number; readonly atNs: Nanos | null; readonly task: string | null };
    readonly chainDepths: readonly Bar[];
    readonly walkDepths: readonly Bar[];
    readonly deadlocks: number;
    readonly busyNs: Nanos;
    readonly donatedNs: Nanos;
    readonly spunNs: Nanos;
    readonly steals: number;
    readonly backOffs: number;
    readonly lockFailures: number;
    readonly releases: Releases;
    readonly misses: number;
    readonly overruns: number;
  };
  readonly tasks: readonly TaskJson[];
  readonly locks: readonly LockJson[];
  readonly donated: readonly { readonly donor: string; readonly runner: string; readonly ns: Nanos }[];
  readonly deadlocks: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A run's result as plain data for `JSON.stringify`: keys always present and in this order, times in integer ns. */
export function runJson(
  info: RunInfo,
  names: RunNames,
  metrics: Metrics,
  digest: string,
  diagnostics: readonly Diagnostic[] = [],
  figures: readonly JobFigures[] = [],
): RunJson {
  const name = (pid: number): string => commOf(names, pid);
  const { totals } = metrics;
  return {
    schema: RUN_SCHEMA,
    run: {
      workload: info.workload,
      cpus: info.cpus,
      proxy: info.proxy,
      locks: info.locks ?? null,
      seed: info.seed,
      untilNs: info.until,
      classes: info.classes,
      options: Object.fromEntries(Object.entries(info.options).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
      version: info.version,
    },
    outcome: metrics.outcome,
    simulatedNs: metrics.at,
    events: metrics.events,
    digest,
    totals: {
      switches: totals.switches,
      idleSwitches: totals.idleSwitches,
      donorChanges: totals.donorChanges,
      preemptions: totals.preemptions,
      passes: totals.passes,
      repicks: totals.repicks,
      repicksPerPass: totals.repicksPerPass,
      repicksPeak: {
        value: totals.repicksPeak.value,
        atNs: instant(totals.repicksPeak.at),
        cpu: totals.repicksPeak.at < 0 ? null : totals.repicksPeak.cpu,
      },
      outcomes: totals.outcomes,
      whys: totals.whys,
      migrations: totals.migrations,
      wastedMoves: totals.wastedMoves,
      parked: { count: totals.parked.count, ns: totals.parked.time },
      ioWaits: totals.ioWaits,
      unplugs: totals.unplugs,
      affinitiesLost: totals.affinitiesLost,
      inversionNs: totals.inversion,
      inversionMax: peakJson(totals.inversionMax),
      outrankedNs: totals.outranked,
      outrankings: totals.outrankings,
      outrankedMax: peakJson(totals.outrankedMax),
      outsideNs: totals.outside,
      outsideMost: { value: totals.outsideMost.value, atNs: instant(totals.outsideMost.at) },
      idleVisits: totals.idleVisits,
      idleVisitNs: totals.idleVisitTime,
      chainDepth: {
        value: totals.chainDepth.value,
        atNs: instant(totals.chainDepth.at),
        task: totals.chainDepth.at < 0 ? null : name(totals.chainDepth.pid),
      },
      chainDepths: totals.chainDepths,
      walkDepths: totals.walkDepths,
      deadlocks: totals.deadlocks,
      busyNs: totals.busy,
      donatedNs: totals.donated,
      spunNs: totals.spun,
      steals: totals.steals,
      backOffs: totals.backOffs,
      lockFailures: totals.lockFailures,
      releases: totals.releases,
      misses: totals.misses,
      overruns: totals.overruns,
    },
    tasks: metrics.tasks.map(t => taskJson(t, figures[t.task.pid - 1] ?? null)),
    locks: metrics.locks.map(lockJson),
    donated: metrics.pairs.map((pair: DonorPair) => ({ donor: name(pair.donor), runner: name(pair.runner), ns: pair.time })),
    deadlocks: names.cycles.map(cycle => cycle.map(name)),
    diagnostics,
  };
}

function taskJson(t: TaskMetrics, figures: JobFigures | null): TaskJson {
  return {
    pid: t.task.pid,
    name: t.task.comm,
    policy: policyName(t.task.policy),
    jobs: t.jobs,
    response: t.jobs === 0 ? null : { max: peakJson(t.response.max), p99Ns: t.response.p99, medianNs: t.response.median },
    misses: t.misses,
    late: peakJson(t.late),
    lockWait: waitsJson(t.lockWait),
    cpuWait: waitsJson(t.cpuWait),
    lockHold: waitsJson(t.lockHold),
    parked: waitsJson(t.parked),
    ioWait: waitsJson(t.ioWait),
    donatedToNs: t.donatedTo,
    donatedByNs: t.donatedBy,
    executedNs: t.executed,
    chargedNs: t.charged,
    invertedNs: t.inverted,
    outrankedNs: t.outranked,
    outsideNs: t.outside,
    migrations: t.migrations,
    proxyMigrations: t.proxyMigrations,
    wastedMoves: t.wastedMoves,
    spunNs: t.spun,
    steals: t.steals,
    backOffs: t.backOffs,
    lockFailures: t.lockFailures,
    figures,
  };
}

function lockJson({ name, taken, failed, wait, hold, spun, steals, releases }: LockMetrics): LockJson {
  return { name, taken, failed, wait: waitsJson(wait), hold: waitsJson(hold), spunNs: spun, steals, releases };
}

function waitsJson(w: Waits): WaitsJson {
  return { count: w.count, totalNs: w.total, max: peakJson(w.max), medianNs: w.median, p90Ns: w.p90, p99Ns: w.p99 };
}

function peakJson(p: Peak): PeakJson {
  return { ns: p.value, atNs: instant(p.at) };
}

function instant(at: Nanos): Nanos | null {
  return at < 0 ? null : at;
}
