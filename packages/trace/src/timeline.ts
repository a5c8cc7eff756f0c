import type { Nanos } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import { EVENT } from './events.js';
import { BLOCKED_QUEUED, READY, Replay, RUNNING } from './replay.js';
import type { EventCursor } from './row-sink.js';

/** A stretch of one CPU: `curr` runs in the name of `donor` (pids, 0 idle). */
export interface CpuSpan {
  cpu: number;
  from: Nanos;
  to: Nanos;
  curr: number;
  donor: number;
}

/** What a task's row shows. `donating`: blocked, and donor of a CPU. `waiting`: blocked, queued, not picked. */
export type Face = 'off' | 'ready' | 'throttled' | 'running' | 'donating' | 'waiting' | 'blocked' | 'parked';

/** A stretch of one task in which nothing about it changes. */
export interface TaskSpan {
  pid: number;
  from: Nanos;
  to: Nanos;
  face: Face;
  cpu: number;
  /** Running: in whose name. Donating: who runs for it. Else 0. */
  other: number;
  /** Mutex id it waits for, −1 none. */
  lock: number;
  /** Mutex ids held, oldest first. */
  held: readonly number[];
}

/** Receives the spans of a recording as they end. The object is reused: copy what you keep. */
export interface SpanVisitor {
  cpuSpan?(span: Readonly<CpuSpan>): void;
  taskSpan?(span: Readonly<TaskSpan>): void;
  /** After each event; the replay shows the machine as it is from now on. */
  event?(e: EventCursor, replay: Replay): void;
  /** Before time goes on from `from` to `to` > from. */
  interval?(from: Nanos, to: Nanos, replay: Replay): void;
}

/** Plays a recording as spans of time per CPU and per task. Spans of no length are left out. */
export function walkSpans(columns: Columns, visitor: SpanVisitor): void {
  new SpanWalk(columns, visitor).run();
}

class SpanWalk {
  private readonly replay: Replay;
  private readonly cpus: CpuSpan[];
  private readonly spans: TaskSpan[];

  constructor(
    private readonly columns: Columns,
    private readonly visitor: SpanVisitor,
  ) {
    this.replay = new Replay(columns);
    this.cpus = Array.from({ length: columns.nrCpus }, (_, cpu) => ({ cpu, from: 0, to: 0, curr: 0, donor: 0 }));
    this.spans = Array.from({ length: columns.tasks.length }, (_, pid) => ({
      pid,
      from: 0,
      to: 0,
      face: 'off',
      cpu: 0,
      other: 0,
      lock: -1,
      held: [],
    }));
  }

  run(): void {
    const { columns, replay, visitor } = this;
    columns.forEach(e => {
      if (e.time > replay.now) visitor.interval?.(replay.now, e.time, replay);
      const donorBefore = e.kind === EVENT.schedSwitch ? replay.donor[e.cpu]! : 0;
      replay.apply(e);
      this.look(e, donorBefore);
      visitor.event?.(e, replay);
    });
    const end = columns.endTime;
    for (const span of this.cpus) this.closeCpu(span, end);
    for (const span of this.spans) this.closeTask(span, end);
  }

  private look(e: EventCursor, donorBefore: number): void {
    switch (e.kind) {
      case EVENT.schedSwitch: {
        const span = this.cpus[e.cpu]!;
        this.closeCpu(span, e.time);
        span.curr = e.b;
        span.donor = e.c;
        for (const pid of [e.a, e.b, e.c, donorBefore]) this.lookAt(pid, e.time);
        return;
      }
      case EVENT.proxyOutcome:
        return this.lookAt(e.c, e.time);
      case EVENT.mutexReleased:
        this.lookAt(e.a, e.time);
        return this.lookAt(e.d, e.time);
      case EVENT.schedRepick:
      case EVENT.deadlock:
      case EVENT.end:
        return;
      default:
        return this.lookAt(e.a, e.time);
    }
  }

  private lookAt(pid: number, now: Nanos): void {
    if (pid === 0) return;
    const { replay } = this;
    const span = this.spans[pid]!;
    const face = faceOf(replay, pid);
    const cpu = replay.cpu[pid]!;
    const other = face === 'running' ? replay.donor[cpu]! : face === 'donating' ? replay.curr[replay.donorOn[pid]!]! : 0;
    const lock = replay.waitsFor[pid]!;
    const held = replay.held[pid]!;
    if (span.face === face && span.cpu === cpu && span.other === other && span.lock === lock && span.held === held) return;
    this.closeTask(span, now);
    span.face = face;
    span.cpu = cpu;
    span.other = other;
    span.lock = lock;
    span.held = held;
  }

  private closeCpu(span: CpuSpan, to: Nanos): void {
    span.to = to;
    if (to > span.from) this.visitor.cpuSpan?.(span);
    span.from = to;
  }

  private closeTask(span: TaskSpan, to: Nanos): void {
    span.to = to;
    if (to > span.from && this.columns.tasks[span.pid] !== undefined) this.visitor.taskSpan?.(span);
    span.from = to;
  }
}

function faceOf(replay: Replay, pid: number): Face {
  const state = replay.state[pid]!;
  if (state === RUNNING) return 'running';
  if (state === READY) return replay.throttled[pid] === 1 ? 'throttled' : 'ready';
  if (state === BLOCKED_QUEUED) return replay.donorOn[pid]! >= 0 && replay.curr[replay.donorOn[pid]!] !== 0 ? 'donating' : 'waiting';
  return FACES[state]!;
}

const FACES: readonly Face[] = ['off', 'ready', 'running', 'waiting', 'blocked', 'parked'];
