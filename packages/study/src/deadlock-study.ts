import type { DeadlockPolicy, Nanos, RepickEvidence, RunQueue, StallEvidence, Task, WalkDetector } from '@proxysched/core';
import { composePolicy, deadlockModule, policyLabel, type PolicySpec } from '@proxysched/deadlock';
import { createContainer, DEADLOCK_POLICY, defineModule, get, KERNEL, OPTIONS, provide, replace, type SimModule } from '@proxysched/kit';
import { generationOptions, linux, type ResolverName } from '@proxysched/preset-linux';
import { VisitMarks } from '@proxysched/proxy';
import { createSimulation } from '@proxysched/sim';
import { Observer } from './observer.js';
import { cycleAsleep, longChain, manyWaiters, storm, trueCycle, type StudyWorkload } from './study-workloads.js';

/** A policy under study: modules that bring one, made anew for each run, since a policy may keep state. */
export interface Candidate {
  readonly name: string;
  modules(): readonly SimModule[];
}

/** The policy that these parts make. */
export function candidateOf(spec: PolicySpec): Candidate {
  return { name: policyLabel(spec), modules: () => [deadlockModule(composePolicy(spec))] };
}

/** What a policy did with a workload: honest work first, true cycles below. */
export type Verdict =
  /** It said nothing, and all finished. */
  | 'silent'
  /** A false alarm, and all finished nevertheless; or it kept somebody from finishing. */
  | 'false alarm'
  | 'harm'
  /** It named the cycle, and the whole workload finished; or everybody outside it did; or not even they. */
  | 'opened'
  | 'named'
  | 'ended'
  | 'missed';

/** One policy on one workload. */
export interface DeadlockRun {
  readonly workload: string;
  readonly policy: string;
  readonly verdict: Verdict;
  /** The workload has a true cycle, and the policy never named it. */
  readonly missed: boolean;
  readonly falseAlarms: number;
  /** From the instant the cycle closed until the policy named it, ns, and links walked meanwhile; `null`: never, or there is none. */
  readonly detectAfter: Nanos | null;
  readonly detectLinks: number | null;
  /** From there until a wait in it ended, ns; `null`: none did. */
  readonly openAfter: Nanos | null;
  readonly repicks: number;
  /** Links that chain walks and searches at block time followed, and those of the longest walk. */
  readonly links: number;
  readonly mostLinks: number;
  /** Members of the cycle, and those of them that reached their end. */
  readonly members: number;
  readonly membersFinished: number;
  /** Tasks outside the cycle, and those of them that reached their end. */
  readonly outside: number;
  readonly finished: number;
}

/** Detectors with each action that tells something, victims where they matter. */
export const STUDY_POLICIES: readonly PolicySpec[] = [
  { detector: 'block', action: 'halt' },
  { detector: 'block', action: 'dequeue', victims: 'youngest' },
  { detector: 'block', action: 'wound' },
  { detector: 'block', action: 'edeadlk' },
  { detector: 'block', action: 'timeout', after: 5_000_000 },
  { detector: 'marks', action: 'halt' },
  { detector: 'marks', action: 'dequeue' },
  { detector: 'marks', action: 'idle' },
  { detector: 'marks', action: 'wound' },
  { detector: 'marks', action: 'wound', victims: 'random' },
  { detector: 'marks', action: 'timeout', after: 5_000_000 },
  { detector: 'brent', action: 'dequeue', victims: 'checkpoint' },
  { detector: 'brent', action: 'wound', victims: 'fewestLocks' },
  { detector: 'brent', action: 'edeadlk' },
  { detector: 'depth', limit: 100, action: 'dequeue' },
  { detector: 'depth', limit: 100, action: 'wound' },
  { detector: 'depth', action: 'wound' },
  { detector: 'repicks', limit: 50, action: 'halt' },
  { detector: 'repicks', limit: 50, action: 'dequeue' },
  { detector: 'scaled', action: 'dequeue' },
  { detector: 'progress', action: 'dequeue' },
  { detector: 'progress', action: 'wound' },
  { detector: 'stall', action: 'dequeue' },
];

/** True cycles of 2 to 64, one that closes in sleep, chains of 64 to 1024, waiters of 64 to 1024, storms on 64 and 256 CPUs. */
export const studyWorkloads = (): readonly StudyWorkload[] => [
  ...[2, 3, 4, 8, 16, 32, 64].map(trueCycle),
  cycleAsleep(8),
  ...[64, 256, 1024].map(longChain),
  ...[64, 256, 1024].map(manyWaiters),
  ...[64, 256].map(storm),
];

/** Of each kind one or two, for an answer in seconds. */
export const QUICK_WORKLOADS: readonly string[] = ['cycle-2', 'cycle-8', 'asleep-8', 'chain-256', 'waiters-256', 'storm-64'];

/** Runs one cell of the matrix. The machine is seeded, so that the same cell gives the same result. */
export function runDeadlock(workload: StudyWorkload, policy: Candidate | PolicySpec, generation: ResolverName): DeadlockRun {
  const candidate = 'detector' in policy ? candidateOf(policy) : policy;
  const counter = new CountingDetector();
  let closedAt = 0;
  let detectLinks = 0;
  const observer = new Observer(
    () => (closedAt = counter.links),
    () => (detectLinks = counter.links - closedAt),
    links => counter.atBlock(links),
  );
  const scenario = { ...workload.scenario, options: { ...generationOptions(generation), ...workload.scenario.options } };
  const modules = candidate.modules();
  createSimulation(scenario, [...linux(generation), ...modules, counting(modules, counter)], [observer]).run();

  const members = scenario.tasks.filter(t => observer.inCycle.has(t.comm));
  const outside = scenario.tasks.filter(t => !observer.inCycle.has(t.comm));
  const done = (tasks: typeof members): number => tasks.filter(t => observer.finished.has(t.comm)).length;
  const { closedAt: closed, noticedAt: noticed, openedAt: opened, falseAlarms } = observer;
  const [membersFinished, finished] = [done(members), done(outside)];
  const missed = closed >= 0 && noticed < 0;
  return {
    workload: workload.name,
    policy: candidate.name,
    verdict: workload.deadlocks
      ? ofCycle(missed, finished === outside.length, membersFinished === members.length)
      : ofHonestWork(falseAlarms, finished === outside.length),
    missed,
    falseAlarms,
    detectAfter: noticed < 0 ? null : noticed - closed,
    detectLinks: noticed < 0 ? null : detectLinks,
    openAfter: opened < 0 ? null : opened - closed,
    repicks: observer.repicks,
    links: counter.links,
    mostLinks: counter.most,
    members: members.length,
    membersFinished,
    outside: outside.length,
    finished,
  };
}

function ofCycle(missed: boolean, outsideDone: boolean, membersDone: boolean): Verdict {
  if (missed) return 'missed';
  if (!outsideDone) return 'ended';
  return membersDone ? 'opened' : 'named';
}

function ofHonestWork(falseAlarms: number, done: boolean): Verdict {
  if (!done) return 'harm';
  return falseAlarms > 0 ? 'false alarm' : 'silent';
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
  /** Longest time from a cycle's closing to its being named, ns, and most links walked meanwhile; `null`: none was. */
  readonly slowest: Nanos | null;
  readonly slowestLinks: number | null;
  /** Longest time from a cycle's closing to the end of a wait in it, ns; `null`: none was opened. */
  readonly openAfter: Nanos | null;
  readonly repicks: number;
  readonly links: number;
  readonly mostLinks: number;
  /** Of those that finished, of all: members of cycles, tasks outside them, and tasks of the honest workloads. */
  readonly progressInCycle: number;
  readonly progressWithCycle: number;
  readonly progressHonest: number;
}

export function verdict(policy: string, runs: readonly DeadlockRun[], workloads: readonly StudyWorkload[]): PolicyVerdict {
  const mine = runs.filter(r => r.policy === policy);
  const isCycle = new Map(workloads.map(w => [w.name, w.deadlocks]));
  const cycles = mine.filter(r => isCycle.get(r.workload) === true);
  const honest = mine.filter(r => isCycle.get(r.workload) === false);
  return {
    policy,
    fooled: honest.filter(r => r.falseAlarms > 0).length,
    honest: honest.length,
    missed: cycles.filter(r => r.missed).length,
    cycles: cycles.length,
    slowest: worst(cycles, r => r.detectAfter),
    slowestLinks: worst(cycles, r => r.detectLinks),
    openAfter: worst(cycles, r => r.openAfter),
    repicks: sum(mine, r => r.repicks),
    links: sum(mine, r => r.links),
    mostLinks: worst(mine, r => r.mostLinks) ?? 0,
    progressInCycle: share(cycles, r => [r.membersFinished, r.members]),
    progressWithCycle: share(cycles, r => [r.finished, r.outside]),
    progressHonest: share(honest, r => [r.finished, r.outside]),
  };
}

function worst(runs: readonly DeadlockRun[], f: (r: DeadlockRun) => number | null): number | null {
  const values = runs.map(f).filter(value => value !== null);
  return values.length === 0 ? null : Math.max(...values);
}

function sum(runs: readonly DeadlockRun[], f: (r: DeadlockRun) => number): number {
  return runs.reduce((total, r) => total + f(r), 0);
}

/** Finished of all, 0 … 1; nothing to finish is all of it. */
function share(runs: readonly DeadlockRun[], f: (r: DeadlockRun) => readonly [finished: number, all: number]): number {
  const all = sum(runs, r => f(r)[1]);
  return all === 0 ? 1 : sum(runs, r => f(r)[0]) / all;
}

/** Puts the counter in front of the walk detector of whatever policy the modules bring. */
function counting(modules: readonly SimModule[], counter: CountingDetector): SimModule {
  return defineModule({
    name: 'study-counts-links',
    register: c => {
      replace(c, DEADLOCK_POLICY, {
        factory: from => {
          const own = createContainer();
          provide(own, KERNEL, { factory: () => get(from, KERNEL) });
          provide(own, OPTIONS, { factory: () => get(from, OPTIONS) });
          for (const m of modules) m.register(own);
          return counter.count(get(own, DEADLOCK_POLICY));
        },
      });
    },
  });
}

/** Counts the links that walks follow, whatever the policy's own detector, and those of searches at block time. */
class CountingDetector implements WalkDetector {
  links = 0;
  most = 0;
  private inner: WalkDetector = new VisitMarks();
  private looksAtBlock = false;

  /** The policy, with this in front of its detector. */
  count(policy: DeadlockPolicy): DeadlockPolicy {
    if (policy.walk !== undefined) this.inner = policy.walk;
    this.looksAtBlock = policy.onBlock !== undefined;
    return {
      name: policy.name,
      walk: this,
      ...(policy.onBlock === undefined ? {} : { onBlock: (cycle: readonly Task[]) => policy.onBlock!(cycle) }),
      ...(policy.onRepick === undefined ? {} : { onRepick: (rq: RunQueue, e: RepickEvidence) => policy.onRepick!(rq, e) }),
      onCycle: (rq: RunQueue, cycle: readonly Task[]) => policy.onCycle(rq, cycle),
      onStall: (rq: RunQueue, e: StallEvidence) => policy.onStall(rq, e),
    };
  }

  /** A task has blocked: a policy that looks then follows all owners from there. */
  atBlock(links: number): void {
    if (this.looksAtBlock) this.links += links;
  }

  begin(pick: Task): void {
    this.inner.begin(pick);
  }

  suspects(owner: Task, depth: number): boolean {
    this.links++;
    if (depth > this.most) this.most = depth;
    return this.inner.suspects(owner, depth);
  }
}
