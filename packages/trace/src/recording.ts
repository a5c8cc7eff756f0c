import { floorDiv, type Nanos } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import { ERRNO, EVENT, LOCK_ERRORS, SWITCH_PREEMPTED, SWITCH_STATE_SHIFT, TASK_STATES } from './events.js';
import { commOf, type EventCursor } from './row-sink.js';

/** One event of a recording, in the forms of `golden/kernel/README.md`; times in µs, rounded down. */
export type RecordingEvent =
  | readonly ['switch', t: number, cpu: number, prev: string, state: string, next: string]
  | readonly ['waking' | 'wakeup', t: number, cpu: number, task: string, target: number]
  | readonly ['migrate', t: number, cpu: number, task: string, from: number, to: number]
  | readonly ['op', t: number, cpu: number, task: string, index: number, op: string, phase: string, extra: number];

/** A run in the form of the recordings of the real kernel, so that one tool compares both. */
export interface Recording {
  readonly id: string;
  readonly about: string;
  readonly machine: unknown;
  readonly duration_us: number;
  readonly cgroups: unknown;
  readonly tasks: unknown;
  readonly lost: 0;
  readonly events: readonly RecordingEvent[];
}

/** What a recording says of its source; passed through as it is. */
export interface RecordingSource {
  readonly id: string;
  readonly about: string;
  readonly machine: unknown;
  readonly cgroups?: unknown;
  readonly tasks: unknown;
  /** Length of the recording, µs; absent: of the run. */
  readonly durationUs?: number;
}

/** The run as a recording. Like those of the kernel it tells who executed, not in whose name. */
export function exportRecording(columns: Columns, source: RecordingSource): Recording {
  const events: RecordingEvent[] = [];
  const ops = new OpsOf(source.tasks);
  columns.forEach(e => {
    const event = recordingEvent(columns, e);
    if (event === null) return;
    const told = event[0] === 'op' ? ops.told(event, e.b) : event;
    if (told !== null) events.push(told);
  });
  return {
    id: source.id,
    about: source.about,
    machine: source.machine,
    duration_us: source.durationUs ?? us(columns.endTime),
    cgroups: source.cgroups ?? [],
    tasks: source.tasks,
    lost: 0,
    events,
  };
}

type OpEvent = Extract<RecordingEvent, readonly ['op', ...unknown[]]>;

/**
 * What a recorded kernel calls an operation, where the source says what the tasks do: by its own list. What the model does beside that list is told as
 * the kernel tells it: a context that backs off lets a lock go at the operation that took it, and a job ends where the list has a `period`.
 */
class OpsOf {
  private readonly ops = new Map<string, readonly (readonly [name: string, ...unknown[]])[]>();
  /** Where a task took a lock it holds. */
  private readonly taken = new Map<string, number>();

  constructor(tasks: unknown) {
    if (!Array.isArray(tasks)) return;
    for (const { name, ops } of tasks as readonly Partial<{ name: string; ops: unknown }>[]) {
      if (typeof name === 'string' && Array.isArray(ops)) this.ops.set(name, ops as readonly (readonly [string])[]);
    }
  }

  /** `lock`: its number, where the event is about one. Null: the kernel would not tell. */
  told(event: OpEvent, lock: number): OpEvent | null {
    const [what, t, cpu, task, index, name, phase, extra] = event;
    const ops = this.ops.get(task);
    if (ops === undefined || index < 0) return event;
    const key = `${task}/${lock}`;
    if (phase === 'got') this.taken.set(key, index);
    const place = index < ops.length ? index : (this.taken.get(key) ?? index);
    const op = ops[place]?.[0] ?? name;
    return phase === 'done' && ops[place]?.[0] !== 'period' ? null : [what, t, cpu, task, place, op, phase, extra];
  }
}

function recordingEvent(columns: Columns, e: EventCursor): RecordingEvent | null {
  const t = us(e.time);
  const name = (pid: number): string => (pid === 0 ? '-' : commOf(columns, pid));
  switch (e.kind) {
    case EVENT.schedSwitch:
      return e.a === e.b ? null : ['switch', t, e.cpu, name(e.a), stateLetters(e), name(e.b)];
    case EVENT.schedWaking:
      return ['waking', t, e.cpu, name(e.a), e.c];
    case EVENT.schedWakeup:
      return ['wakeup', t, e.cpu, name(e.a), e.cpu];
    case EVENT.schedMigrate:
      return ['migrate', t, e.cpu, name(e.a), e.b, e.c];
    case EVENT.mutexRequest:
      return ['op', t, e.cpu, name(e.a), e.c, 'lock', 'req', 0];
    case EVENT.mutexAcquired:
      return ['op', t, e.cpu, name(e.a), e.c, 'lock', 'got', 0];
    case EVENT.mutexFailed:
      return ['op', t, e.cpu, name(e.a), e.c, 'lock', 'err', ERRNO[LOCK_ERRORS[e.d]!]];
    case EVENT.mutexReleased:
      return ['op', t, e.cpu, name(e.a), e.c, 'unlock', 'rel', 0];
    case EVENT.jobDone:
      return ['op', t, e.cpu, name(e.a), e.c, 'period', 'done', 0];
    case EVENT.taskExit:
      return ['op', t, e.cpu, name(e.a), -1, 'run', 'exit', 0];
    default:
      return null;
  }
}

/** `R+` preempted, `D` waits for a lock (still queued or not), `S` asleep; idle is always `R`. */
function stateLetters(e: EventCursor): string {
  if (e.a === 0) return 'R';
  const letter = LETTERS[TASK_STATES[e.d >> SWITCH_STATE_SHIFT]!];
  return letter === 'R' && (e.d & SWITCH_PREEMPTED) !== 0 ? 'R+' : letter;
}

const LETTERS = { new: 'R', running: 'R', waking: 'R', sleeping: 'S', blocked: 'D', dead: 'X' } as const;

function us(ns: Nanos): number {
  return floorDiv(ns, 1000);
}
