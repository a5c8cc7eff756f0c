/** The words of rt-app's grammar (master of 2026-05), and how it finds an event in a key. */

/** A key is an event when it begins with one of these; the first that fits counts, so `runtime` stands before `run`. */
const EVENT_PREFIXES = [
  ...['runtime', 'run', 'sleep', 'timer', 'lock', 'unlock', 'wait', 'signal', 'broad', 'sync', 'suspend', 'resume'],
  ...['barrier', 'sem_post', 'sem_wait', 'yield', 'fork', 'memrun', 'mem', 'iorun'],
] as const;

export type EventName = (typeof EVENT_PREFIXES)[number];

export function eventOf(key: string): EventName | undefined {
  return EVENT_PREFIXES.find(prefix => key.startsWith(prefix));
}

/** Whether a key that is an event to rt-app looks as if it were meant as one: `run`, `run1`, `run_b`, `broadcast`; not `runner`. */
export function looksMeant(key: string, event: EventName): boolean {
  return /^($|[\d_.-])/.test(key.slice(event.length)) || key === 'broadcast';
}

export const EVENT_NAMES: readonly EventName[] = EVENT_PREFIXES;

/** Scheduling attributes, on tasks and on phases. */
export const ATTRIBUTES = [
  ...['policy', 'priority', 'dl-runtime', 'dl-period', 'dl-deadline', 'util_min', 'util_max', 'cpus', 'nodes_membind', 'taskgroup'],
];
export const TASK_KEYS = ['instance', 'delay', 'loop', 'phases', ...ATTRIBUTES, 'runtime', 'period', 'deadline'];
export const PHASE_KEYS = ['loop', ...ATTRIBUTES];
export const TOP_KEYS = ['tasks', 'global', 'resources'];
/** Keys of `global` that change nothing that is simulated. */
export const GLOBAL_IGNORED = [
  ...['calibration', 'lock_pages', 'logdir', 'log_basename', 'log_size', 'ftrace', 'gnuplot', 'io_device', 'mem_buffer_size'],
  'cumulative_slack',
];
export const GLOBAL_KEYS = ['duration', 'default_policy', 'pi_enabled', ...GLOBAL_IGNORED];

/** Signs of the grammar before 1.0. */
export const OLD_KEYS = ['exec', 'lock_order', 'resources'];

export const POLICIES = {
  SCHED_OTHER: 'normal',
  SCHED_BATCH: 'batch',
  SCHED_IDLE: 'idle',
  SCHED_RR: 'rr',
  SCHED_FIFO: 'fifo',
  SCHED_DEADLINE: 'deadline',
} as const;

export type RtKind = (typeof POLICIES)[keyof typeof POLICIES];
