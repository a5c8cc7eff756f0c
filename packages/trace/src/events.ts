import type {
  BackOffReason,
  ChainOutcome,
  DeadlockAction,
  HotplugChange,
  LockError,
  MoveReason,
  ReleaseKind,
  SimResult,
  Task,
  TaskState,
  TraceSink,
} from '@proxysched/core';

/** The numbers by which events, states and reasons are kept in columns and digests. Append only: digests depend on them. */

/** Number of each event, by the name of its call. `begin` is the header and never stored. */
export const EVENT = {
  begin: 0,
  schedSwitch: 1,
  schedRepick: 2,
  schedWaking: 3,
  schedWakeup: 4,
  schedMigrate: 5,
  mutexRequest: 6,
  mutexBlocked: 7,
  mutexAcquired: 8,
  mutexReleased: 9,
  proxyOutcome: 10,
  deadlock: 11,
  jobRelease: 12,
  jobDone: 13,
  taskExit: 14,
  classMark: 15,
  end: 16,
  mutexSpin: 17,
  mutexFailed: 18,
  mutexBackOff: 19,
  schedEntry: 20,
  schedExit: 21,
  proxyPark: 22,
  proxyUnpark: 23,
  cpuHotplug: 24,
  affinityLost: 25,
  ioWait: 26,
} as const satisfies Required<Record<keyof TraceSink, number>>;

export type EventName = keyof typeof EVENT;
export type EventKind = (typeof EVENT)[EventName];

/** By number. */
export const EVENT_NAMES = Object.keys(EVENT) as readonly EventName[];

export const TASK_STATES = ['new', 'running', 'waking', 'sleeping', 'blocked', 'dead'] as const satisfies readonly TaskState[];
export const MOVE_REASONS = ['wakeup', 'push', 'pull', 'balance', 'proxy', 'return', 'affinity', 'unplug'] as const satisfies readonly MoveReason[];
export const OUTCOMES = [
  'run',
  'retake',
  'migrate',
  'park',
  'deactivate',
  'wake',
  'idle',
  'deadlock',
  'return',
  'repick',
] as const satisfies readonly ChainOutcome['kind'][];
/** Reasons of the outcomes `deactivate`, `idle` and `repick`. */
export const OUTCOME_WHYS = [
  'ownerAsleep',
  'ownerElsewhere',
  'noOwner',
  'noLock',
  'currInChain',
  'ownerMigrating',
  'handOffPending',
  'endless',
  'deciding',
  'referenceChanged',
  'ownerChanged',
] as const;
export const ACTIONS = ['halt', 'dequeue', 'idle', 'wound', 'timeout'] as const satisfies readonly DeadlockAction['kind'][];
/** Errors of `mutexFailed`, with their numbers in Linux. */
export const LOCK_ERRORS = ['EALREADY', 'EDEADLK', 'EINTR', 'ETIMEDOUT', 'EBUSY'] as const satisfies readonly LockError[];
export const ERRNO = { EALREADY: 114, EDEADLK: 35, EINTR: 4, ETIMEDOUT: 110, EBUSY: 16 } as const satisfies Record<LockError, number>;
/** Reasons of `mutexBackOff`. */
export const BACK_OFFS = ['die', 'wound'] as const satisfies readonly BackOffReason[];
/** How a lock was let go. */
export const RELEASES = ['donor', 'asked', 'waiter', 'free', 'unwanted'] as const satisfies readonly ReleaseKind[];
export const HOTPLUG = ['unplug', 'plug', 'busy'] as const satisfies readonly HotplugChange[];
export const RESULTS = ['finished', 'timeLimit', 'deadlock', 'stalled'] as const satisfies readonly SimResult['outcome'][];

/** Bits of the last number of a `schedSwitch`; the state of `prev` is above them. */
export const SWITCH_PREEMPTED = 1;
/** `prev` is still on a queue (delayed dequeues do not count). */
export const SWITCH_QUEUED = 2;
export const SWITCH_STATE_SHIFT = 2;

/** Bits of the last number of a `mutexAcquired`. */
export const ACQUIRED_WAITED = 1;
export const ACQUIRED_STOLEN = 2;

/** 0 for the idle tasks, whatever the machine calls them. */
export function pidOf(p: Task | null): number {
  return p !== null && p.pid > 0 ? p.pid : 0;
}

const STATE_NUMBER = Object.fromEntries(TASK_STATES.map((state, i) => [state, i])) as Record<TaskState, number>;

/** What a `schedSwitch` says of `prev`, as one number. */
export function switchBits(prev: Task, preempted: boolean): number {
  return (
    (preempted ? SWITCH_PREEMPTED : 0) |
    (prev.onRq !== 'no' && !prev.schedDelayed ? SWITCH_QUEUED : 0) |
    (STATE_NUMBER[prev.state] << SWITCH_STATE_SHIFT)
  );
}

/** The task an outcome is about: who runs, moves, parks…; `null` for `idle`. A deadlock names the first of its cycle. */
export function outcomeTask(outcome: ChainOutcome): Task | null {
  switch (outcome.kind) {
    case 'idle':
      return null;
    case 'deadlock':
      return outcome.cycle[0] ?? null;
    case 'run':
    case 'retake':
    case 'migrate':
    case 'park':
    case 'deactivate':
    case 'wake':
    case 'return':
    case 'repick':
      return outcome.task;
  }
}

/** The number that completes an outcome: depth, target CPU, pid of the sleeping owner, reason, or length of the cycle. */
export function outcomeDetail(outcome: ChainOutcome): number {
  switch (outcome.kind) {
    case 'run':
    case 'retake':
      return outcome.depth;
    case 'migrate':
      return outcome.to;
    case 'park':
      return pidOf(outcome.owner);
    case 'deactivate':
    case 'idle':
    case 'repick':
      return OUTCOME_WHYS.indexOf(outcome.why);
    case 'wake':
    case 'return':
      return 0;
    case 'deadlock':
      return outcome.cycle.length;
  }
}

/** Index of the operation `p` is at: in the source it was compiled from, else in its program. */
export function opIndex(p: Task): number {
  return p.exec.program.ops[p.exec.pc]?.src ?? p.exec.pc;
}
