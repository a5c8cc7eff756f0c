import type { Op, Policy, Scenario, TaskSpec } from '@proxysched/core';
import type { Compiled } from './compiled.js';
import * as errors from './errors.js';
import { reportFlow } from './flow-report.js';
import { MAX_CPUS } from './limits.js';
import { parseMended } from './mend.js';
import { settledMachine, type Settings } from './overrides.js';
import { mendRecording, RecordingGaps } from './recording-mend.js';
import { RECORDED_MACHINE_COSTS } from './recorded-machine.js';
import { recordingSchema, type RecordedTask, type Recording } from './recording-schema.js';
import type { Report } from './report.js';
import type { Span } from './source.js';
import { TaskComms } from './task-comm.js';
import { spanOf, toPlain, type ObjectNode } from './tree.js';

/** What the kernel of the recordings calls its proxy execution when it is on. */
export const RECORDED_GENERATION = '7.3';

const OPS = ['run', 'sleep', 'period', 'lock', 'unlock', 'yield'];
const WAIT_WOUND = ['wbegin', 'wlock', 'wunlock', 'wend'];
const UNREAD = ['events', 'repeats'];

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
  private nrMutexes = 0;
  private costs = RECORDED_MACHINE_COSTS;
  private saidWaitWound = false;

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
      { cpus: config.cpus, hz: config.hz, hrtick: config.hrtick, tickPhase: config.tick_phase_us * 1000, costs: RECORDED_MACHINE_COSTS },
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
      mutexes: Array.from({ length: this.nrMutexes }, (_, i) => ({ name: `m${i}` })),
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
    if (task.loops !== 0) {
      // One chain of releases per task, whatever the number of `period` operations.
      let timer = -1;
      for (const [src, [name, value]] of task.ops.entries()) {
        if (name === 'period' && timer < 0) timer = this.timers.push({ name: comm }) - 1;
        const op = this.op(name, value, timer, at('ops', src));
        if (op === null) {
          this.gaps.programs.add(index);
          continue;
        }
        ops.push({ ...op, src });
        spans.push(at('ops', src));
      }
      if (task.loops !== 1 && ops.length > 0) {
        ops.push({ op: 'jump', to: 0, times: task.loops < 0 ? -1 : task.loops - 1 });
        spans.push(at('loops'));
      }
    }
    const mutexes = Array.from({ length: this.nrMutexes }, (_, i) => `m${i}`);
    if (!this.gaps.programs.has(index))
      reportFlow({ task: comm, ops, places: spans, mutexes, fallback: at(), costs: this.costs }, this.report);
    places.push(spans);
    return {
      comm,
      policy: this.policy(task, at),
      start: task.start_us * 1000,
      ...(task.cpus.length === 0 ? {} : { cpus: [...new Set(task.cpus)].sort((a, b) => a - b) }),
      group: Math.max(0, group),
      program: { ops },
    };
  }

  private op(name: string, value: number, timer: number, at: Span): Op | null {
    switch (name) {
      case 'run':
      case 'sleep':
        return { op: name, ns: value * 1000 };
      case 'period':
        return { op: 'timer', timer, period: value * 1000, mode: 'absolute' };
      case 'lock':
      case 'unlock':
        if (value > 9999) {
          this.report.add(errors.badRecording('mutex', `number ${value} is beyond 9999`), at);
          return null;
        }
        this.nrMutexes = Math.max(this.nrMutexes, value + 1);
        return { op: name, mutex: value };
      case 'yield':
        return { op: 'yield' };
      default:
        if (!WAIT_WOUND.includes(name)) this.report.add(errors.unknownOp(name, OPS), at);
        else if (!this.saidWaitWound) this.report.add(errors.waitWound(name), at);
        this.saidWaitWound ||= WAIT_WOUND.includes(name);
        return null;
    }
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
