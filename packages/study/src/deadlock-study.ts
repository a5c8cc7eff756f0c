import type { DeadlockPolicy, Nanos, Task, WalkDetector } from '@proxysched/core';
import { composePolicy, deadlockModule, type PolicySpec } from '@proxysched/deadlock';
import { generationOptions, linux, type ResolverName } from '@proxysched/preset-linux';
import { VisitMarks } from '@proxysched/proxy';
import { createSimulation } from '@proxysched/sim';
import { Observer } from './observer.js';
import { longChain, manyWaiters, storm, trueCycle, type StudyWorkload } from './study-workloads.js';

/** One policy on one workload. */
export interface DeadlockRun {
  readonly workload: string;
  readonly policy: string;
  /** The workload has a true cycle, and the policy never named it. */
  readonly missed: boolean;
  readonly falseAlarms: number;
  /** From the instant the cycle closed until the policy named it, ns; `null`: never, or there is none. */
  readonly detectAfter: Nanos | null;
  readonly repicks: number;
  /** Links that chain walks followed. */
  readonly links: number;
  /** Tasks outside the cycle, and those of them that reached their end. */
  readonly outside: number;
  readonly finished: number;
}

/** Detectors with each action that tells something, victims where they matter. */
export const STUDY_POLICIES: readonly PolicySpec[] = [
  { detector: 'block', action: 'halt' },
  { detector: 'block', action: 'dequeue', victims: 'youngest' },
  { detector: 'marks', action: 'halt' },
  { detector: 'marks', action: 'dequeue' },
  { detector: 'marks', action: 'dequeue', victims: 'youngest' },
  { detector: 'marks', action: 'idle' },
  { detector: 'brent', action: 'halt' },
  { detector: 'brent', action: 'dequeue' },
  { detector: 'brent', action: 'dequeue', victims: 'fewestLocks' },
  { detector: 'depth', limit: 100, action: 'dequeue' },
  { detector: 'depth', limit: 1024, action: 'dequeue' },
  { detector: 'repicks', limit: 50, action: 'halt' },
  { detector: 'repicks', limit: 50, action: 'dequeue' },
  { detector: 'stall', action: 'dequeue' },
];

/** True cycles of 2 to 64, chains of 64 to 1024, waiters of 64 to 1024, storms on 64 and 256 CPUs. */
export const studyWorkloads = (): readonly StudyWorkload[] => [
  ...[2, 3, 4, 8, 16, 32, 64].map(trueCycle),
  ...[64, 256, 1024].map(longChain),
  ...[64, 255, 256, 1024].map(manyWaiters),
  ...[64, 256].map(storm),
];

/** Runs one cell of the matrix. */
export function runDeadlock(workload: StudyWorkload, spec: PolicySpec, generation: ResolverName): DeadlockRun {
  const counter = new CountingDetector();
  const policy = counter.count(composePolicy(spec));
  const observer = new Observer();
  const scenario = { ...workload.scenario, options: { ...generationOptions(generation), ...workload.scenario.options } };
  createSimulation(scenario, [...linux(generation), deadlockModule(policy)], [observer]).run();
  const outside = scenario.tasks.filter(t => !observer.inCycle.has(t.comm));
  return {
    workload: workload.name,
    policy: policy.name,
    missed: observer.closedAt >= 0 && observer.noticedAt < 0,
    falseAlarms: observer.falseAlarms,
    detectAfter: observer.noticedAt < 0 ? null : observer.noticedAt - observer.closedAt,
    repicks: observer.repicks,
    links: counter.links,
    outside: outside.length,
    finished: outside.filter(t => observer.finished.has(t.comm)).length,
  };
}

/** A policy over all workloads. */
export interface PolicyVerdict {
  readonly policy: string;
  /** Honest workloads in which it gave a false alarm, and all of them. */
  readonly fooled: number;
  readonly honest: number;
  /** True cycles that it missed, and all of them. */
  readonly missed: number;
  readonly cycles: number;
  /** Longest time from a cycle's closing to its being named, ns; `null`: none was. */
  readonly slowest: Nanos | null;
  readonly repicks: number;
  readonly links: number;
  /** Tasks outside cycles that finished, of all, in the workloads with a cycle and in the honest ones. */
  readonly progressWithCycle: number;
  readonly progressHonest: number;
}

export function verdict(policy: string, runs: readonly DeadlockRun[], workloads: readonly StudyWorkload[]): PolicyVerdict {
  const mine = runs.filter(r => r.policy === policy);
  const isCycle = new Map(workloads.map(w => [w.name, w.deadlocks]));
  const cycles = mine.filter(r => isCycle.get(r.workload) === true);
  const honest = mine.filter(r => isCycle.get(r.workload) === false);
  const times = cycles.flatMap(r => (r.detectAfter === null ? [] : [r.detectAfter]));
  return {
    policy,
    fooled: honest.filter(r => r.falseAlarms > 0).length,
    honest: honest.length,
    missed: cycles.filter(r => r.missed).length,
    cycles: cycles.length,
    slowest: times.length === 0 ? null : Math.max(...times),
    repicks: sum(mine, r => r.repicks),
    links: sum(mine, r => r.links),
    progressWithCycle: share(cycles),
    progressHonest: share(honest),
  };
}

function sum(runs: readonly DeadlockRun[], f: (r: DeadlockRun) => number): number {
  return runs.reduce((total, r) => total + f(r), 0);
}

/** Finished of all, 0 … 1; nothing to finish is all of it. */
function share(runs: readonly DeadlockRun[]): number {
  const all = sum(runs, r => r.outside);
  return all === 0 ? 1 : sum(runs, r => r.finished) / all;
}

/** Counts the links that walks follow, whatever the policy's own detector. */
class CountingDetector implements WalkDetector {
  links = 0;
  private inner: WalkDetector = new VisitMarks();

  /** The policy, with this in front of its detector. */
  count(policy: DeadlockPolicy): DeadlockPolicy {
    if (policy.walk !== undefined) this.inner = policy.walk;
    return { ...policy, walk: this };
  }

  begin(pick: Task): void {
    this.inner.begin(pick);
  }

  suspects(owner: Task, depth: number): boolean {
    this.links++;
    return this.inner.suspects(owner, depth);
  }
}
