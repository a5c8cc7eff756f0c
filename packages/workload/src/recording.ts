import type { MutexSpec, Op, Policy, Scenario, TaskSpec } from '@proxysched/core';
import type { Compiled } from './compiled.js';
import * as errors from './errors.js';
import { reportFlow } from './flow-report.js';
import { MAX_CPUS } from './limits.js';
import { parseMended } from './mend.js';
import { settledMachine, type Settings } from './overrides.js';
import { mendRecording, RecordingGaps } from './recording-mend.js';
import {
  RECORDED_CLASS_COSTS,
  RECORDED_MACHINE_COSTS,
  RECORDED_DEADLINE_LEAD,
  recordedBeat,
  RECORDED_UNMARKED_COSTS,
} from './recorded-machine.js';
import type { RecordedTask } from './recorded-task.js';
import { recordingSchema, type Recording } from './recording-schema.js';
import type { Problem, Report } from './report.js';
import type { Span } from './source.js';
import { TaskComms } from './task-comm.js';
import { spanOf, toPlain, type ObjectNode } from './tree.js';

/** What the kernel of the recordings calls its proxy execution when it is on. */
export const RECORDED_GENERATION = '7.3';

const OPS = ['run', 'sleep', 'period', 'lock', 'unlock', 'qlock', 'qunlock', 'yield', 'wbegin', 'wlock', 'wunlock', 'wend'];
/** What `wbegin` says: the two kinds have locks of their own. */
const WAIT_WOUND = ['wound-wait', 'wait-die'] as const;
/** Operations on mutexes that leave no mark in the trace. */
const UNMARKED = new Set(['qlock', 'qunlock']);
const UNREAD = ['events', 'repeats'];

/** Policies whose tasks are placed by load. */
const SHARING: ReadonlySet<RecordedTask['policy']> = new Set(['fair', 'batch', 'idle']);

/** The workload of a recording: what was run, on what machine. Its events stay out of the model. */
export function compileRecording(root: ObjectNode, settings: Settings, report: Report): (Compiled & { readonly proxy?: string }) | null {
  const read: ObjectNode = { ...root, members: root.members.filter(m => !UNREAD.includes(m.key)) };
  const gaps = new RecordingGaps();
  const recording = parseMended(
    recordingSchema,
    { root: read, plain: toPlain(read) },
    { known: () => [], mend: (plain, issue) => mendRecording(plain, issue.path, gaps) },
    report,
  );
  if (recording === null) return null;
  const compiled = new Compiler(recording, read, settings, gaps, report).compile();
  if (report.failed) return null;
  const on = recording.machine.config.proxy_exec;
  const proxy = settings.proxy ?? (on === undefined ? undefined : on ? RECORDED_GENERATION : 'off');
  return { ...compiled, ...(proxy === undefined ? {} : { proxy }) };
}

class Compiler {
  private readonly comms = new TaskComms();
  private readonly groups: readonly string[];
  private readonly timers: { name: string }[] = [];
  private readonly mutexes: MutexSpec[] = [];
  private readonly ids = new Map<string, number>();
  private costs = RECORDED_MACHINE_COSTS;

  constructor(
    private readonly recording: Recording,
    private readonly root: ObjectNode,
    private readonly settings: Settings,
    private readonly gaps: RecordingGaps,
    private readonly report: Report,
  ) {
    this.groups = ['/', ...recording.cgroups.map(g => g.name)];
  }

  compile(): Compiled {
    const { id, about, machine, duration_us, cgroups, tasks } = this.recording;
    const { config } = machine;
    const places: Span[][] = [];
    const settled = settledMachine(
      {
        cpus: config.cpus,
        hz: config.hz,
        hrtick: config.hrtick,
        tickPhase: config.tick_phase_us * 1000,
        costs: tasks.some(t => t.ops.some(([op]) => UNMARKED.has(op))) ? RECORDED_UNMARKED_COSTS : RECORDED_MACHINE_COSTS,
        classCosts: RECORDED_CLASS_COSTS,
        turns: { beat: recordedBeat(config.cpus) },
      },
      this.settings,
      this.report,
    );
    this.costs = settled.costs;
    const specs = tasks.map((task, index) => this.task(task, index, settled.cpus, places));
    const scenario: Scenario = {
      name: id,
      about,
      seed: this.settings.seed ?? 1,
      until: this.settings.until ?? duration_us * 1000,
      machine: settled,
      options: { ...(config.base_slice_ns === undefined ? {} : { 'fair.slice': config.base_slice_ns }), ...this.settings.options },
      groups: [
        { name: '/', weight: 1024, parent: 0 },
        ...cgroups.map(g => ({ name: g.name, weight: Math.round((g.weight * 1024) / 100), parent: 0 })),
      ],
      mutexes: this.mutexes,
      conditions: [],
      barriers: [],
      semaphores: [],
      timers: this.timers,
      tasks: specs,
    };
    return { scenario, places };
  }

  private task(task: RecordedTask, index: number, cpus: number, places: Span[][]): TaskSpec {
    const at = (...path: PropertyKey[]): Span => spanOf(this.root, ['tasks', index, ...path]);
    const comm = this.comms.make(task.name, '');
    if (comm !== task.name) this.report.add(errors.nameCut(task.name, comm), at('name'));
    for (const [n, cpu] of task.cpus.entries()) if (cpu >= cpus) this.report.add(errors.cpuOutOfRange(cpu, cpus, MAX_CPUS), at('cpus', n));
    const group = task.cgroup === undefined ? 0 : this.groups.indexOf(task.cgroup);
    if (group < 0 && !this.gaps.groups) this.report.add(errors.unknownName('cgroup', task.cgroup!, this.groups.slice(1)), at('cgroup'));

    const ops: Op[] = [];
    const spans: Span[] = [];
    // One chain of releases per task, whatever the number of `period` operations.
    let timer = -1;
    const fairBefore = task.policy === 'dl' && task.start_us * 1000 >= RECORDED_DEADLINE_LEAD;
    if (fairBefore) {
      timer = this.timers.push({ name: comm }) - 1;
      ops.push({ op: 'setPolicy', policy: this.policy(task, at), src: task.ops.length });
      ops.push({ op: 'timer', timer, period: RECORDED_DEADLINE_LEAD, mode: 'absolute', src: task.ops.length });
      spans.push(at('start_us'), at('start_us'));
    }
    const first = ops.length;
    if (task.loops !== 0) {
      const context = new Context();
      for (const [src, [name, value]] of task.ops.entries()) {
        if (name === 'period' && timer < 0) timer = this.timers.push({ name: comm }) - 1;
        const op = context.enter(name, value) ?? this.op(name, value, timer, context, at('ops', src));
        if (op === null || 'severity' in op) {
          if (op !== null) this.report.add(op, at('ops', src));
          this.gaps.programs.add(index);
          continue;
        }
        ops.push({ ...op, src });
        spans.push(at('ops', src));
      }
      if (task.loops !== 1 && ops.length > first) {
        ops.push({ op: 'jump', to: first, times: task.loops < 0 ? -1 : task.loops - 1 });
        spans.push(at('loops'));
      }
      if (context.open) this.report.add(errors.contextOutOfPlace('wbegin', 'its context does not end'), at('ops'));
      for (const op of context.backOffs(ops)) {
        ops.push(op);
        spans.push(at('ops'));
      }
    }
    const mutexes = this.mutexes.map(m => m.name);
    const waitWound = (mutex: number): boolean => this.mutexes[mutex]!.kind !== undefined;
    if (!this.gaps.programs.has(index))
      reportFlow({ task: comm, ops, places: spans, mutexes, fallback: at(), costs: this.costs, waitWound }, this.report);
    places.push(spans);
    const allowed = task.cpus.length === 0 ? Array.from({ length: cpus }, (_, cpu) => cpu) : [...new Set(task.cpus)].sort((a, b) => a - b);
    return {
      comm,
      policy: fairBefore ? { kind: 'normal', nice: 0 } : this.policy(task, at),
      start: task.start_us * 1000 - (fairBefore ? RECORDED_DEADLINE_LEAD : 0),
      ...(task.cpus.length === 0 ? {} : { cpus: allowed }),
      // Whoever made the threads, on CPU 0, had them placed one after another on CPUs that idled, and they slept there; the file does not say where.
      ...(SHARING.has(task.policy) ? { cpu: allowed[(index + 1) % allowed.length]! } : {}),
      group: Math.max(0, group),
      program: { ops },
    };
  }

  private op(name: string, value: number, timer: number, context: Context, at: Span): Op | null {
    switch (name) {
      case 'run':
      case 'sleep':
        return { op: name, ns: value * 1000 };
      case 'period':
        return { op: 'timer', timer, period: value * 1000, mode: 'absolute' };
      case 'lock':
      case 'unlock':
      case 'qlock':
      case 'qunlock':
        if (!this.isMutex(value, at)) return null;
        for (let i = 0; i < value; i++) this.mutex(`m${i}`);
        return { op: name === 'lock' || name === 'qlock' ? 'lock' : 'unlock', mutex: this.mutex(`m${value}`) };
      case 'wlock':
      case 'wunlock': {
        if (!this.isMutex(value, at)) return null;
        const kind = WAIT_WOUND[context.mode];
        const mutex = this.mutex(`${kind === 'wait-die' ? 'd' : 'w'}${value}`, kind);
        return name === 'wlock' ? context.lock(mutex) : { op: 'unlock', mutex };
      }
      case 'yield':
        return { op: 'yield' };
      default:
        this.report.add(errors.unknownOp(name, OPS), at);
        return null;
    }
  }

  private isMutex(value: number, at: Span): boolean {
    if (value <= 9999) return true;
    this.report.add(errors.badRecording('mutex', `number ${value} is beyond 9999`), at);
    return false;
  }

  private mutex(name: string, kind?: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.mutexes.push({ name, ...(kind === undefined ? {} : { kind }) }) - 1;
      this.ids.set(name, id);
    }
    return id;
  }

  private policy(task: RecordedTask, at: (...path: PropertyKey[]) => Span): Policy {
    switch (task.policy) {
      case 'fair':
      case 'batch':
      case 'idle': {
        const kind = task.policy === 'fair' ? 'normal' : task.policy;
        return { kind, nice: task.nice, ...(task.slice_us === 0 ? {} : { slice: task.slice_us * 1000 }) };
      }
      case 'fifo':
      case 'rr':
        if (task.prio === undefined) this.report.add(errors.badRecording(`task ${errors.quote(task.name)}`, 'no "prio"'), at('policy'));
        return { kind: task.policy, prio: task.prio ?? 1 };
      case 'dl': {
        const { runtime_us: runtime = 0, period_us: period = 0, deadline_us: deadline = period } = task;
        if (runtime <= 0 || runtime > deadline || deadline > period)
          this.report.add(errors.deadlineParams(`${runtime}/${deadline}/${period} us`), at('policy'));
        return { kind: 'deadline', runtime: runtime * 1000, deadline: deadline * 1000, period: period * 1000 };
      }
    }
  }
}

/**
 * The acquire contexts of one program. On EDEADLK the recorded tasks release what the context holds, newest first, and start
 * again at `wbegin` with the context they have: that is a back-off, one for each context, behind the end of the program.
 */
class Context {
  /** What the last `wbegin` said. */
  mode: 0 | 1 = 0;
  open = false;
  private count = 0;

  /** An operation of contexts; `null`: it is another. */
  enter(name: string, value: number): Op | Problem | null {
    if (name === 'wbegin') {
      if (value !== 0 && value !== 1) return errors.contextOutOfPlace(name, `there are 0, wound-wait, and 1, wait-die; found ${value}`);
      if (this.open) return errors.contextOutOfPlace(name, 'the context before it has not ended');
      this.mode = value;
      this.open = true;
      this.count++;
      return { op: 'wbegin' };
    }
    if (name !== 'wend')
      return name.startsWith('w') && !this.open ? errors.contextOutOfPlace(name, 'there is no "wbegin" before it') : null;
    if (!this.open) return errors.contextOutOfPlace(name, 'there is no "wbegin" before it');
    this.open = false;
    return { op: 'wend' };
  }

  /** Where to go when it is refused stands in `backOffs`. */
  lock(mutex: number): Op {
    return { op: 'lock', mutex, orElse: -this.count };
  }

  /** One back-off for each context; gives the locks of `ops` their way there. */
  backOffs(ops: Op[]): Op[] {
    const begins = ops.flatMap((op, pc) => (op.op === 'wbegin' ? [pc] : []));
    const end = ops.length;
    for (const [pc, op] of ops.entries()) {
      if (op.op === 'lock' && op.orElse !== undefined) ops[pc] = { ...op, orElse: end - op.orElse };
    }
    return begins.length === 0 ? [] : [{ op: 'exit' }, ...begins.map((pc): Op => ({ op: 'wbackoff', to: pc + 1, slow: false }))];
  }
}
