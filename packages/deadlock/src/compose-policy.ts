import type { DeadlockAction, DeadlockPolicy, RunQueue, StallEvidence, Task, WalkDetector } from '@proxysched/core';
import { VICTIMS, type VictimName } from './victims.js';
import { Brent, DepthLimit, Unnoticed } from './walk-detectors.js';

/**
 * How a deadlock is noticed: `block` follows the owners when a task blocks, exactly and over all CPUs; `marks`, `brent` and
 * `depth` when a walk comes by, the last by guess; `repicks` counts picks in one pass, as the debug build of June 2023 did;
 * `stall` only when passes follow each other without time passing.
 */
export const DETECTORS = ['block', 'marks', 'brent', 'depth', 'repicks', 'stall'] as const;
export type DetectorName = (typeof DETECTORS)[number];

/** What is done: end the run, take victims off the queue for the lock to wake, or let time pass. */
export const ACTIONS = ['halt', 'dequeue', 'idle'] as const;
export type ActionName = (typeof ACTIONS)[number];

export interface PolicySpec {
  readonly detector: DetectorName;
  /** Of `depth`: links that are still believed. Of `repicks`: picks that are. Others have none. */
  readonly limit?: number;
  readonly action: ActionName;
  /** Whom the action is done to; absent: everybody. */
  readonly victims?: VictimName;
}

/** What the debug build of June 2023 believed (`proxy-execution.md` 16.1). */
const REPICKS_OF_2023 = 50;
/** Deeper chains than this the kernel's own lock debugging does not believe (`locking.md` 4). */
const DEPTH = 1024;

/** A policy from its three parts, with the name that says them: `brent+dequeue+youngest`. */
export function composePolicy(spec: PolicySpec): DeadlockPolicy {
  const { detector, action, victims = 'all' } = spec;
  const limit = spec.limit ?? (detector === 'repicks' ? REPICKS_OF_2023 : DEPTH);
  const act = (tasks: readonly Task[]): DeadlockAction =>
    action === 'dequeue' ? { kind: 'dequeue', victims: tasks.length === 0 ? tasks : VICTIMS[victims](tasks) } : { kind: action };
  const walk = walkDetector(detector, limit);
  return {
    name: policyLabel(spec),
    ...(walk === undefined ? {} : { walk }),
    ...(detector === 'block' ? { onBlock: act } : {}),
    ...(detector === 'repicks'
      ? { onRepick: (_rq: RunQueue, repicks: number, blocked: () => readonly Task[]) => (repicks > limit ? act(blocked()) : null) }
      : {}),
    onCycle: (_rq: RunQueue, cycle: readonly Task[]) => act(cycle),
    // Whoever goes back and forth is at fault, or else whoever is blocked where the picks lead nowhere.
    onStall: (_rq: RunQueue, { movedAgain, blocked }: StallEvidence) => act(movedAgain.length > 0 ? movedAgain : blocked),
  };
}

function walkDetector(detector: DetectorName, limit: number): WalkDetector | undefined {
  switch (detector) {
    case 'brent':
      return new Brent();
    case 'depth':
      return new DepthLimit(limit);
    case 'repicks':
    case 'stall':
      return new Unnoticed();
    case 'block':
    case 'marks':
      return undefined;
  }
}

/** `depth:100+dequeue+youngest`. */
export function policyLabel({ detector, limit, action, victims }: PolicySpec): string {
  const parts: string[] = [limit === undefined ? detector : `${detector}:${limit}`, action];
  if (victims !== undefined && action !== 'halt' && action !== 'idle') parts.push(victims);
  return parts.join('+');
}
