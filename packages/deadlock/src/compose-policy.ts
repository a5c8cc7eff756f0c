import type { DeadlockAction, DeadlockPolicy, Nanos, RepickEvidence, RunQueue, StallEvidence, Task, WalkDetector } from '@proxysched/core';
import { chooseVictims, type VictimName } from './victims.js';
import { Brent, DepthLimit, Unnoticed } from './walk-detectors.js';

/**
 * How a deadlock is noticed: `block` follows the owners when a task blocks, exactly and over all CPUs; `marks`, `brent` and `depth`
 * when a walk comes by, the last by guess; `repicks` counts picks in one pass, as the debug build of June 2023 did, `scaled` does with
 * a limit that grows with queue and machine; `progress` when a pick leads nowhere twice and nothing on its queue changed between;
 * `stall` only when passes follow each other without time passing.
 */
export const DETECTORS = ['block', 'marks', 'brent', 'depth', 'repicks', 'scaled', 'progress', 'stall'] as const;
export type DetectorName = (typeof DETECTORS)[number];

/**
 * What is done: end the run; take victims off the queue for the lock to wake; let time pass; refuse a victim its lock (EDEADLK), or
 * refuse it to whoever closed the cycle; end a victim's wait after a time (ETIMEDOUT).
 */
export const ACTIONS = ['halt', 'dequeue', 'idle', 'wound', 'edeadlk', 'timeout'] as const;
export type ActionName = (typeof ACTIONS)[number];

export interface PolicySpec {
  readonly detector: DetectorName;
  /** Of `depth`: links that are still believed. Of `repicks`: picks that are. Of `scaled`: picks for each context queued and each CPU. */
  readonly limit?: number;
  readonly action: ActionName;
  /** Of `timeout`: how long the wait may go on, ns. */
  readonly after?: Nanos;
  /** Whom the action is done to; absent: `DEFAULT_VICTIMS`. */
  readonly victims?: VictimName;
  /** Of the victims `random`, ≥ 0; absent: 1. */
  readonly seed?: number;
}

/** Limits where none is given, by detector; the others have none. */
export const DEFAULT_LIMITS: Readonly<Partial<Record<DetectorName, number>>> = {
  /** Deeper chains than this the kernel's own lock debugging does not believe (`locking.md` 4). */
  depth: 1024,
  /** What the debug build of June 2023 believed (`proxy-execution.md` 16.1). */
  repicks: 50,
  /** No honest pass needs more: each pick again disposes of one blocked context (`proxy-execution.md` 16.4). */
  scaled: 1,
};

/** Victims where none are given, by action; the others have none. One refusal opens a cycle; off the queue goes all that blocks it. */
export const DEFAULT_VICTIMS: Readonly<Partial<Record<ActionName, VictimName>>> = { dequeue: 'all', wound: 'youngest', timeout: 'closer' };

/** How long a wait in a cycle goes on under `timeout` where nothing is said, ns. */
export const DEFAULT_PATIENCE: Nanos = 10_000_000;

/** A policy from its parts, with the name that says them: `brent+dequeue+youngest`. */
export function composePolicy(spec: PolicySpec): DeadlockPolicy {
  const { detector } = spec;
  const limit = spec.limit ?? DEFAULT_LIMITS[detector] ?? 0;
  const act = actionOf(spec);
  const walk = walkDetector(detector, limit);
  const inVain = repickDetector(detector, limit);
  return {
    name: policyLabel(spec),
    ...(walk === undefined ? {} : { walk }),
    ...(detector === 'block' ? { onBlock: act } : {}),
    ...(inVain === undefined ? {} : { onRepick: (_rq: RunQueue, e: RepickEvidence) => (inVain(e) ? act(e.blocked()) : null) }),
    onCycle: (_rq: RunQueue, cycle: readonly Task[]) => act(cycle),
    // Whoever goes back and forth is at fault, or else whoever is blocked where the picks lead nowhere.
    onStall: (_rq: RunQueue, { movedAgain, blocked }: StallEvidence) => act(movedAgain.length > 0 ? movedAgain : blocked),
  };
}

function actionOf({ action, victims = DEFAULT_VICTIMS[action] ?? 'closer', seed, after = DEFAULT_PATIENCE }: PolicySpec) {
  return (tasks: readonly Task[]): DeadlockAction => {
    if (action === 'halt' || action === 'idle') return { kind: action };
    const chosen = tasks.length === 0 ? tasks : chooseVictims(victims, tasks, seed);
    if (action === 'timeout') return { kind: 'timeout', victims: chosen, after };
    return { kind: action === 'edeadlk' ? 'wound' : action, victims: chosen };
  };
}

function walkDetector(detector: DetectorName, limit: number): WalkDetector | undefined {
  switch (detector) {
    case 'brent':
      return new Brent();
    case 'depth':
      return new DepthLimit(limit);
    case 'repicks':
    case 'scaled':
    case 'progress':
    case 'stall':
      return new Unnoticed();
    case 'block':
    case 'marks':
      return undefined;
  }
}

/** Does a pick that led to nobody say that the pass is stuck? */
function repickDetector(detector: DetectorName, limit: number): ((evidence: RepickEvidence) => boolean) | undefined {
  switch (detector) {
    case 'repicks':
      return ({ repicks }) => repicks > limit;
    case 'scaled':
      return ({ repicks, queued, cpus }) => repicks > limit * (queued + cpus);
    case 'progress':
      return ({ unchanged }) => unchanged;
    default:
      return undefined;
  }
}

/** `depth:100+dequeue+youngest`, `marks+timeout:5ms+random:7`. */
export function policyLabel({ detector, limit, action, after, victims, seed }: PolicySpec): string {
  const parts = [limit === undefined ? detector : `${detector}:${limit}`];
  parts.push(after === undefined || action !== 'timeout' ? action : `${action}:${timeText(after)}`);
  if (victims !== undefined && DEFAULT_VICTIMS[action] !== undefined)
    parts.push(seed === undefined || victims !== 'random' ? victims : `${victims}:${seed}`);
  return parts.join('+');
}

/** In the largest unit that leaves a whole number. */
function timeText(ns: Nanos): string {
  for (const [unit, length] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const)
    if (ns >= length && ns % length === 0) return `${ns / length}${unit}`;
  return `${ns}ns`;
}
