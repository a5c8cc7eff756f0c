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
  columns.forEach(e => {
    const event = recordingEvent(columns, e);
    if (event !== null) events.push(event);
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
