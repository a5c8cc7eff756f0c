import { kernelPrio, policyName, type Nanos } from '@proxysched/core';
import type { Columns } from './column-sink.js';
import { EVENT, OUTCOMES, OUTCOME_WHYS, RELEASES, SWITCH_PREEMPTED, SWITCH_STATE_SHIFT, TASK_STATES } from './events.js';
import { ProtoWriter } from './proto-writer.js';
import type { RunInfo } from './run-info.js';
import { commOf, mutexName, taskList, type EventCursor } from './row-sink.js';

/**
 * A recording as a Perfetto trace (`.pftrace`, for ui.perfetto.dev). No existing format has donors: the ftrace events say
 * who *executed*; tracks of our own say in whose name, who held each lock and who waited for it.
 */
export class PerfettoWriter {
  private readonly out = new ProtoWriter(1 << 16);
  /** ftrace events by CPU, each bundle contiguous. */
  private readonly ftrace: ProtoWriter[];
  private readonly curr: Int32Array;
  private readonly donor: Int32Array;
  private readonly started: Uint8Array;
  /** By pid: mutex it waits for, −1 none. By mutex: pid of the holder, 0 none. */
  private readonly waits: Int32Array;
  private readonly holder: Int32Array;
  private readonly forked: Uint8Array;
  /** By pid: 1 while it is parked. By CPU: links of the last walk. */
  private readonly parked: Uint8Array;
  private readonly depth: Int32Array;
  private readonly names = new Map<string, number>();
  private fresh: [iid: number, name: string][] = [];
  private first = true;
  private flow = 0;

  constructor(
    private readonly columns: Columns,
    private readonly info: Pick<RunInfo, 'workload'>,
  ) {
    this.ftrace = Array.from({ length: columns.nrCpus }, () => new ProtoWriter());
    this.curr = new Int32Array(columns.nrCpus);
    this.donor = new Int32Array(columns.nrCpus);
    this.started = new Uint8Array(columns.nrCpus);
    this.waits = new Int32Array(Math.max(1, columns.tasks.length)).fill(-1);
    this.forked = new Uint8Array(Math.max(1, columns.tasks.length));
    this.parked = new Uint8Array(Math.max(1, columns.tasks.length));
    this.depth = new Int32Array(columns.nrCpus);
    this.holder = new Int32Array(columns.mutexes.length);
  }

  /** The whole file. Once per writer. */
  write(): Uint8Array<ArrayBuffer> {
    const { columns } = this;
    this.system();
    this.processTree();
    this.tracks();
    columns.forEach(e => this.event(e));
    this.close(columns.endTime);
    this.ftrace.forEach((events, cpu) => {
      this.packet(() => {
        this.out.message(FTRACE_EVENTS, () => {
          this.out.varint(1, cpu);
          // Each event is a length-delimited field 2 already.
          this.out.append(events);
        });
      });
    });
    return this.out.bytes();
  }

  private event(e: EventCursor): void {
    switch (e.kind) {
      case EVENT.schedSwitch:
        this.switchOf(e);
        this.follow(e.cpu, e.time, e.b, e.c);
        return;
      case EVENT.schedWaking:
        this.forked[e.a] = e.d;
        return this.wake(SCHED_WAKING, e.cpu, e.time, e.a, e.c);
      case EVENT.schedWakeup:
        this.endParked(e.a, e.time);
        this.wake(this.forked[e.a] === 1 ? SCHED_WAKEUP_NEW : SCHED_WAKEUP, e.cpu, e.time, e.a, e.cpu);
        this.forked[e.a] = 0;
        return;
      case EVENT.schedMigrate:
        return this.ftraceEvent(e.cpu, e.time, this.curr[e.cpu]!, SCHED_MIGRATE_TASK, w => {
          w.string(1, this.comm(e.a, e.cpu));
          w.varint(2, e.a);
          w.varint(3, this.prio(e.a));
          w.varint(4, e.b);
          w.varint(5, e.c);
        });
      case EVENT.mutexBlocked:
        return this.blocked(e);
      case EVENT.mutexFailed:
      case EVENT.taskExit:
        return this.stopWaiting(e);
      case EVENT.schedEntry:
        return this.slice(e.time, INSTANT, donorTrack(e.cpu), 'pass begins');
      case EVENT.schedExit:
        return this.slice(e.time, INSTANT, donorTrack(e.cpu), 'pass ends', { switched: e.d === 1 ? 'yes' : 'no' });
      case EVENT.schedRepick:
        return this.slice(e.time, INSTANT, donorTrack(e.cpu), 'pick again', { times: String(e.a) });
      case EVENT.proxyOutcome:
        return this.walked(e);
      case EVENT.proxyPark:
        this.parked[e.a] = 1;
        return this.slice(e.time, BEGIN, waitTrack(e.a), 'parked', { owner: commOf(this.columns, e.b) });
      case EVENT.proxyUnpark:
        return this.endParked(e.a, e.time);
      case EVENT.mutexAcquired:
        this.stopWaiting(e);
        if (this.holder[e.b] !== 0) this.slice(e.time, END, lockTrack(e.b), null);
        this.holder[e.b] = e.a;
        return this.slice(e.time, BEGIN, lockTrack(e.b), commOf(this.columns, e.a));
      case EVENT.mutexReleased:
        if (this.holder[e.b] !== e.a) return;
        this.holder[e.b] = 0;
        this.slice(e.time, END, lockTrack(e.b), null);
        if (e.d === 0) return;
        return this.slice(e.time, INSTANT, lockTrack(e.b), `to ${commOf(this.columns, e.d)}`, { how: RELEASES[e.e]! });
    }
  }

  private switchOf(e: EventCursor): void {
    if (this.started[e.cpu] === 0) {
      this.started[e.cpu] = 1;
      // The first switch starts the CPU's timeline: it must stand at the start.
      if (e.time > 0) this.schedSwitch(e.cpu, 0, 0, 0, 0);
    }
    if (e.a === e.b) return;
    const state = e.a !== 0 && (e.d & SWITCH_PREEMPTED) !== 0 ? PREEMPTED : PREV_STATE[TASK_STATES[e.d >> SWITCH_STATE_SHIFT]!];
    this.schedSwitch(e.cpu, e.time, e.a, e.b, e.a === 0 ? 0 : state);
  }

  private schedSwitch(cpu: number, time: Nanos, prev: number, next: number, state: number): void {
    this.ftraceEvent(cpu, time, prev, SCHED_SWITCH, w => {
      w.string(1, this.comm(prev, cpu));
      w.varint(2, prev);
      w.varint(3, this.prio(prev));
      w.varint(4, state);
      w.string(5, this.comm(next, cpu));
      w.varint(6, next);
      w.varint(7, this.prio(next));
    });
  }

  private wake(kind: number, cpu: number, time: Nanos, pid: number, target: number): void {
    this.ftraceEvent(cpu, time, this.curr[cpu]!, kind, w => {
      w.string(1, this.comm(pid, cpu));
      w.varint(2, pid);
      w.varint(3, this.prio(pid));
      w.varint(4, 1);
      w.varint(5, target);
    });
  }

  private ftraceEvent(cpu: number, time: Nanos, pid: number, kind: number, write: (w: ProtoWriter) => void): void {
    const w = this.ftrace[cpu]!;
    w.message(2, () => {
      w.varint(1, time);
      w.varint(2, pid);
      w.message(kind, () => write(w));
    });
  }

  /** The two rows of the CPU. */
  private follow(cpu: number, time: Nanos, curr: number, donor: number): void {
    const before = this.curr[cpu]!;
    // A donor's slice also ends when somebody else begins or ceases to run in its name.
    if (this.donor[cpu] !== donor || (before !== curr && (before !== donor || curr !== donor))) {
      if (this.donor[cpu] !== 0) this.slice(time, END, donorTrack(cpu), null);
      const runner = donor === curr ? null : commOf(this.columns, curr);
      if (donor !== 0) this.slice(time, BEGIN, donorTrack(cpu), commOf(this.columns, donor), { policy: this.policy(donor), runs: runner });
    }
    if (this.curr[cpu] !== curr) {
      if (this.curr[cpu] !== 0) this.slice(time, END, currTrack(cpu), null);
      if (curr !== 0) this.slice(time, BEGIN, currTrack(cpu), commOf(this.columns, curr));
    }
    this.curr[cpu] = curr;
    this.donor[cpu] = donor;
    if (curr === donor) this.walkDepth(cpu, time, 0);
  }

  /** What a chain walk found, on the row of the donor, and how far it went. */
  private walked(e: EventCursor): void {
    const kind = OUTCOMES[e.b]!;
    const task = e.c === 0 ? null : commOf(this.columns, e.c);
    const notes = { donor: commOf(this.columns, e.a), task, ...this.outcomeNotes(e) };
    this.slice(e.time, INSTANT, donorTrack(e.cpu), kind, notes);
    const depth = kind === 'run' || kind === 'retake' ? e.d : 0;
    if (depth > 0) this.walkDepth(e.cpu, e.time, depth);
  }

  private walkDepth(cpu: number, time: Nanos, depth: number): void {
    if (depth === this.depth[cpu]) return;
    this.depth[cpu] = depth;
    this.packet(() => {
      this.stamp(time);
      this.out.message(11, () => {
        this.out.varint(9, COUNTER);
        this.out.varint(11, depthTrack(cpu));
        this.out.varint(30, depth);
      });
    });
  }

  private outcomeNotes(e: EventCursor): Readonly<Record<string, string>> {
    switch (OUTCOMES[e.b]!) {
      case 'run':
      case 'retake':
        return { depth: String(e.d) };
      case 'migrate':
        return { to: `cpu${e.d}` };
      case 'park':
        return { owner: commOf(this.columns, e.d) };
      case 'deactivate':
      case 'idle':
      case 'repick':
        return { why: OUTCOME_WHYS[e.d]! };
      case 'deadlock':
        return { tasks: String(e.d) };
      case 'wake':
      case 'return':
        return {};
    }
  }

  private stopWaiting(e: EventCursor): void {
    this.endParked(e.a, e.time);
    if (this.waits[e.a]! >= 0) this.slice(e.time, END, waitTrack(e.a), null);
    this.waits[e.a] = -1;
  }

  private endParked(pid: number, time: Nanos): void {
    if (this.parked[pid] === 0) return;
    this.parked[pid] = 0;
    this.slice(time, END, waitTrack(pid), null);
  }

  /** A wait begins: a slice of the waiter, and an arrow from it to the owner's slice on the lock's track. */
  private blocked(e: EventCursor): void {
    if (this.waits[e.a] === e.b) return;
    this.stopWaiting(e);
    this.waits[e.a] = e.b;
    const flow = ++this.flow;
    const owner = e.c === 0 ? null : commOf(this.columns, e.c);
    this.slice(e.time, BEGIN, waitTrack(e.a), mutexName(this.columns, e.b), { owner }, FLOW_IDS, flow);
    if (this.holder[e.b] !== 0) {
      this.slice(e.time, INSTANT, lockTrack(e.b), `${commOf(this.columns, e.a)} waits`, {}, TERMINATING_FLOW_IDS, flow);
    }
  }

  /** Ends what is open: slices without end are drawn to nowhere. */
  private close(end: Nanos): void {
    this.curr.forEach((curr, cpu) => {
      if (this.started[cpu] === 0) this.schedSwitch(cpu, 0, 0, 0, 0);
      this.schedSwitch(cpu, end, curr, 0, 0);
      this.follow(cpu, end, 0, 0);
    });
    this.waits.forEach((m, pid) => {
      this.endParked(pid, end);
      if (m >= 0) this.slice(end, END, waitTrack(pid), null);
    });
    this.holder.forEach((pid, m) => {
      if (pid !== 0) this.slice(end, END, lockTrack(m), null);
    });
  }

  // --- packets -------------------------------------------------------------------------------------------------------

  private packet(write: () => void): void {
    this.out.message(1, write);
  }

  private stamp(time: Nanos): void {
    this.out.varint(8, time);
    this.out.varint(10, SEQUENCE);
    this.out.varint(13, this.first ? 3 : 2);
    this.first = false;
  }

  private slice(
    time: Nanos,
    type: number,
    track: number,
    name: string | null,
    notes: Readonly<Record<string, string | null>> = {},
    flowField = 0,
    flow = 0,
  ): void {
    const { out } = this;
    const iid = name === null ? 0 : this.intern(name);
    this.packet(() => {
      this.stamp(time);
      if (this.fresh.length > 0) {
        out.message(12, () => {
          for (const [id, text] of this.fresh) {
            out.message(2, () => {
              out.varint(1, id);
              out.string(2, text);
            });
          }
        });
        this.fresh = [];
      }
      out.message(11, () => {
        out.varint(9, type);
        out.varint(11, track);
        if (iid > 0) out.varint(10, iid);
        for (const [key, value] of Object.entries(notes)) {
          if (value === null) continue;
          out.message(4, () => {
            out.string(10, key);
            out.string(6, value);
          });
        }
        if (flowField > 0) out.fixed64(flowField, flow);
      });
    });
  }

  private intern(name: string): number {
    let iid = this.names.get(name);
    if (iid === undefined) {
      iid = this.names.size + 1;
      this.names.set(name, iid);
      this.fresh.push([iid, name]);
    }
    return iid;
  }

  /** Without a kernel release readers take preempted tasks (`R+`) for something else. */
  private system(): void {
    const { out } = this;
    this.packet(() => {
      out.message(45, () => {
        out.message(1, () => {
          out.string(1, 'Linux');
          out.string(2, 'proxysched');
          out.string(3, '6.12.0');
          out.string(4, 'simulated');
        });
        out.varint(8, this.columns.nrCpus);
      });
    });
  }

  private processTree(): void {
    const { out, columns } = this;
    const tgid = TGID_BASE + columns.tasks.length;
    this.packet(() => {
      out.message(2, () => {
        out.message(1, () => {
          out.varint(1, tgid);
          out.varint(2, 0);
          out.string(3, this.info.workload);
        });
        for (const p of taskList(columns)) {
          out.message(2, () => {
            out.varint(1, p.pid);
            out.string(2, this.comm(p.pid, 0));
            out.varint(3, tgid);
          });
        }
      });
    });
  }

  private tracks(): void {
    const { columns } = this;
    this.track(ROOT_TRACK, 0, 'Proxy execution', 0);
    let rank = 0;
    const walks = this.occurs(EVENT.proxyOutcome);
    for (let cpu = 0; cpu < columns.nrCpus; cpu++) {
      this.track(donorTrack(cpu), ROOT_TRACK, `cpu${cpu} donor`, rank++);
      this.track(currTrack(cpu), ROOT_TRACK, `cpu${cpu} current`, rank++);
      if (walks) this.track(depthTrack(cpu), ROOT_TRACK, `cpu${cpu} chain depth`, rank++, true);
    }
    columns.mutexes.forEach((name, id) => this.track(lockTrack(id), ROOT_TRACK, `lock ${name}`, rank++));
    for (const p of taskList(columns)) this.track(waitTrack(p.pid), ROOT_TRACK, `${p.comm} blocked on`, rank++);
  }

  private occurs(kind: number): boolean {
    let found = false;
    this.columns.forEach(e => (found ||= e.kind === kind));
    return found;
  }

  private track(uuid: number, parent: number, name: string, rank: number, counts = false): void {
    const { out } = this;
    this.packet(() => {
      out.varint(10, SEQUENCE);
      out.message(60, () => {
        out.varint(1, uuid);
        out.string(2, name);
        if (parent === 0) out.varint(11, 3);
        else {
          out.varint(5, parent);
          out.varint(12, rank);
        }
        out.varint(15, 2);
        if (counts) out.message(8, () => undefined);
      });
    });
  }

  /** At most 15 characters, no spaces: what readers take for a name. */
  private comm(pid: number, cpu: number): string {
    return pid === 0 ? `swapper/${cpu}` : commOf(this.columns, pid).replaceAll(/\s/g, '_').slice(0, 15);
  }

  private prio(pid: number): number {
    const p = this.columns.tasks[pid];
    return p === undefined ? 120 : kernelPrio(p.policy);
  }

  private policy(pid: number): string {
    const p = this.columns.tasks[pid];
    return p === undefined ? 'idle' : policyName(p.policy);
  }
}

// Field numbers of the Perfetto protos (`formats.md` 6).
const FTRACE_EVENTS = 1;
const SCHED_SWITCH = 4;
const SCHED_WAKEUP = 17;
const SCHED_WAKING = 20;
const SCHED_WAKEUP_NEW = 114;
const SCHED_MIGRATE_TASK = 491;
const FLOW_IDS = 47;
const TERMINATING_FLOW_IDS = 48;

const BEGIN = 1;
const END = 2;
const INSTANT = 3;
const COUNTER = 4;

/** Any number but 0: the one sequence of this writer. */
const SEQUENCE = 1;
/** Above every pid, so that the process is none of its threads. */
const TGID_BASE = 100_000;

const PREEMPTED = 0x100;
const PREV_STATE = { new: 0, running: 0, waking: 1, sleeping: 1, blocked: 2, dead: 0x10 } as const;

const ROOT_TRACK = 1;
const donorTrack = (cpu: number): number => 0x10_000 + 2 * cpu;
const currTrack = (cpu: number): number => 0x10_001 + 2 * cpu;
const depthTrack = (cpu: number): number => 0x80_000 + cpu;
const lockTrack = (mutex: number): number => 0x1_000_000 + mutex;
const waitTrack = (pid: number): number => 0x100_000_000 + pid;

/** A recording as the bytes of a `.pftrace` file. */
export function exportPerfetto(columns: Columns, info: Pick<RunInfo, 'workload'>): Uint8Array<ArrayBuffer> {
  return new PerfettoWriter(columns, info).write();
}
