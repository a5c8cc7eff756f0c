import { NO_COSTS, type GroupSpec, type Nanos, type Op, type Policy, type Scenario, type TaskSpec } from '@proxysched/core';
import type { Compiled } from './compiled.js';
import { formatDuration } from './duration.js';
import * as errors from './errors.js';
import { reportFlow } from './flow-report.js';
import { demandOf } from './flow-check.js';
import { MAX_CPUS, MAX_OPS, MAX_TASKS } from './limits.js';
import { NameTable } from './name-table.js';
import { RTAPP_RATES, settledMachine, type RtAppRate, type Settings } from './overrides.js';
import { Report } from './report.js';
import { isFair, nextState, policyOf, setsPolicy, taskState } from './rtapp-attributes.js';
import { lintRtWorkload, suspendName, type SuspendDialect } from './rtapp-lint.js';
import { readRtWorkload, type RtEvent, type RtPhase, type RtTask, type RtWorkload } from './rtapp-workload.js';
import type { Span } from './source.js';
import { TaskComms } from './task-comm.js';
import type { ObjectNode } from './tree.js';

export interface RtAppOptions {
  readonly name: string;
  readonly duplicates: 'all' | 'last';
  readonly suspend: SuspendDialect;
  readonly settings: Settings;
}

const DEFAULT_CPUS = 4;
const DEFAULT_HORIZON: Nanos = 1e9;
const LONGEST_HORIZON: Nanos = 3600e9;

/** Compiles an rt-app workload; null when the report says why not. */
export function compileRtApp(root: ObjectNode, options: RtAppOptions, report: Report): Compiled | null {
  const workload = readRtWorkload(root, options.duplicates, report);
  if (workload.tasks.length === 0 && !report.failed) report.add(errors.noTasks(), null);
  const threads = workload.tasks.reduce((sum, t) => sum + t.instances, 0);
  lintRtWorkload(workload, options.suspend, report);
  if (threads > MAX_TASKS) {
    report.add(errors.tooMany('tasks', threads, MAX_TASKS), null);
    return null;
  }
  const compiled = new Compiler(workload, options, report).compile();
  return report.failed ? null : compiled;
}

class Compiler {
  private readonly mutexes = new NameTable();
  private readonly conditions = new NameTable();
  private readonly barriers = new NameTable();
  private readonly semaphores = new NameTable();
  private readonly timers = new NameTable();
  private readonly groups = new NameTable();
  private readonly templates = new Map<string, number>();
  private readonly absolute = new Set<string>();
  private readonly comms = new TaskComms();
  private readonly tasks: TaskSpec[] = [];
  private readonly places: Span[][] = [];
  private readonly nrCpus: number;
  private ops = 0;

  constructor(
    private readonly workload: RtWorkload,
    private readonly options: RtAppOptions,
    private readonly report: Report,
  ) {
    const sets = workload.tasks.flatMap(t => [t.attributes, ...t.phases.map(p => p.attributes)]);
    const highest = sets.reduce((max, a) => (a.cpus ?? []).reduce((m, cpu) => Math.max(m, cpu), max), 0);
    this.nrCpus = options.settings.cpus ?? Math.min(MAX_CPUS, Math.max(DEFAULT_CPUS, highest + 1));
    for (const a of sets)
      for (const cpu of a.cpus ?? [])
        if (cpu < 0 || cpu >= this.nrCpus) report.add(errors.cpuOutOfRange(cpu, this.nrCpus, MAX_CPUS), a.at['cpus']!);
  }

  compile(): Compiled {
    this.groups.get('/');
    // A timer is absolute for all its users once one of them says so.
    for (const t of this.workload.tasks)
      for (const e of eventsOf(t)) if (e.event === 'timer' && e.mode === 'absolute') this.absolute.add(timerScope(t, e));
    const forked = new Set(
      this.workload.tasks
        .flatMap(eventsOf)
        .filter(e => e.event === 'fork')
        .map(e => e.name),
    );
    const threads = this.workload.tasks.reduce((sum, t) => sum + t.instances, 0);
    // Templates come after all that start by themselves, in order of the text.
    for (const t of this.workload.tasks)
      if (forked.has(t.name) && !this.templates.has(t.name)) this.templates.set(t.name, threads + this.templates.size);
    let index = 0;
    for (const t of this.workload.tasks) for (let i = 0; i < t.instances; i++) this.task(t, `-${index++}`, false);
    for (const name of this.templates.keys())
      this.task(
        this.workload.tasks.find(t => t.name === name)!,
        '',
        true,
      );
    return { scenario: this.scenario(), places: this.places };
  }

  private scenario(): Scenario {
    const { settings, name } = this.options;
    const named = (table: NameTable): { name: string }[] => table.names.map(n => ({ name: n }));
    return {
      name,
      about: 'rt-app workload',
      seed: settings.seed ?? 1,
      until: this.horizon(),
      machine: settledMachine({ cpus: this.nrCpus, hz: null, hrtick: false, tickPhase: 0, costs: NO_COSTS }, settings, this.report),
      options: settings.options,
      groups: this.groupSpecs(),
      mutexes: named(this.mutexes),
      conditions: named(this.conditions),
      barriers: this.barriers.names.map(n => ({ name: n, count: this.barrierCount(n) })),
      semaphores: this.semaphores.names.map(n => ({ name: n, initial: 0 })),
      timers: named(this.timers),
      tasks: this.tasks,
    };
  }

  private horizon(): Nanos {
    const { until } = this.options.settings;
    if (until !== undefined) return until;
    if (this.workload.duration !== undefined) return this.workload.duration * 1000;
    const forks = this.templates.size > 0;
    const demand = this.tasks.reduce((sum, t) => sum + t.start + demandOf(t.program.ops), 0);
    const finite = Number.isFinite(demand) && !forks;
    const horizon = finite ? Math.min(LONGEST_HORIZON, 1e9 * Math.ceil((2 * demand) / 1e9) + 1e9) : DEFAULT_HORIZON;
    const why = finite ? 'every task ends by itself, with room to spare' : 'some tasks never end';
    // Nobody asks how long what cannot be run would run.
    if (!this.report.failed) this.report.add(errors.defaultHorizon(formatDuration(horizon), why), null);
    return horizon;
  }

  private task(t: RtTask, suffix: string, template: boolean): void {
    const comm = this.comms.make(t.name, suffix);
    if (t.name.length + suffix.length > 15) this.report.add(errors.nameCut(t.name + suffix, comm), t.at);
    const ops: Op[] = [];
    const places: Span[] = [];
    const attributes = this.attributeOps(t);
    const emit = (at: Span, ...more: Op[]): void => {
      for (const op of more) {
        ops.push(op);
        places.push(at);
      }
    };
    const held: { mutex: number; at: Span }[] = [];
    if (t.loop !== 0) {
      for (const [n, phase] of t.phases.entries()) {
        if (phase.loop === 0) continue;
        emit(phase.at, ...attributes.changes[n]!);
        const top = ops.length;
        for (const [src, e] of phase.events.entries()) emit(e.at, ...this.event(t, e, comm, held).map(op => ({ ...op, src })));
        if (phase.loop !== 1) emit(phase.at, { op: 'jump', to: top, times: phase.loop < 0 ? -1 : phase.loop - 1 });
        if (held.length > 0 && t.whole.events)
          this.report.add(
            errors.heldAtPhaseEnd(
              t.name,
              phase.name,
              held.map(h => this.mutexes.names[h.mutex]!),
              held.at(-1)!.at,
            ),
            phase.at,
          );
      }
      if (t.loop !== 1 && ops.length > 0) emit(t.at, { op: 'jump', to: 0, times: t.loop < 0 ? -1 : t.loop - 1 });
    }
    this.ops += ops.length;
    if (this.ops > MAX_OPS) this.report.add(errors.tooMany('operations', this.ops, MAX_OPS), null);
    if (this.ops > MAX_OPS) return;
    if (t.whole.events) reportFlow({ task: t.name, ops, places, mutexes: this.mutexes.names, fallback: t.at }, this.report);
    this.tasks.push({
      comm,
      policy: attributes.policy,
      start: template ? 0 : t.delay * 1000,
      ...(attributes.cpus === undefined ? {} : { cpus: attributes.cpus }),
      group: attributes.group,
      ...(template ? { template } : {}),
      program: { ops },
    });
    this.places.push(places);
  }

  /**
   * What a task starts with, and what each phase changes when it begins. CPUs are those of the phase, or the task's; policy
   * and group stay as the phase before left them. Where all phases agree there is nothing to change.
   */
  private attributeOps(t: RtTask): { policy: Policy; cpus: readonly number[] | undefined; group: number; changes: Op[][] } {
    let state = taskState(t.attributes, this.workload.defaultPolicy);
    let group = t.attributes.group ?? '/';
    // A policy that is not known has no range.
    const report = t.whole.policy ? this.report : new Report(this.report.source);
    const initial = policyOf(state, t.attributes, t.at, report);
    const phases = t.phases.map(p => {
      state = nextState(state, p.attributes);
      group = p.attributes.group ?? group;
      if (group !== '/' && !isFair(state.kind))
        report.add(errors.groupNeedsFair(t.name), p.attributes.at['taskgroup'] ?? t.attributes.at['taskgroup'] ?? p.at);
      return {
        policy: policyOf(state, { at: { ...t.attributes.at, ...p.attributes.at } }, p.at, report),
        cpus: p.attributes.cpus ?? t.attributes.cpus,
        group,
      };
    });
    const first = phases[0] ?? { policy: initial, cpus: t.attributes.cpus, group };
    const varies = (of: (p: typeof first) => unknown): boolean => new Set(phases.map(p => JSON.stringify(of(p) ?? null))).size > 1;
    const [policyVaries, cpusVary, groupVaries] = [varies(p => p.policy), varies(p => p.cpus), varies(p => p.group)];
    const all = Array.from({ length: this.nrCpus }, (_, cpu) => cpu);
    const changes = phases.map((p, n) => {
      const said = t.phases[n]!.attributes;
      const before = n === 0 ? (t.loop === 1 ? p : phases.at(-1)!) : phases[n - 1]!;
      const ops: Op[] = [];
      if (cpusVary && JSON.stringify(p.cpus) !== JSON.stringify(before.cpus)) ops.push({ op: 'setAffinity', cpus: p.cpus ?? all });
      if (policyVaries && setsPolicy(said) && !(n === 0 && t.loop === 1)) ops.push({ op: 'setPolicy', policy: p.policy });
      if (groupVaries && said.group !== undefined && !(n === 0 && t.loop === 1)) ops.push({ op: 'setGroup', group: this.group(p.group) });
      return ops;
    });
    return { policy: first.policy, cpus: first.cpus, group: this.group(first.group), changes };
  }

  private event(t: RtTask, e: RtEvent, comm: string, held: { mutex: number; at: Span }[]): Op[] {
    const ns = e.amount * 1000;
    const mutexOf = (name: string): number => this.mutexes.get(name);
    const release = (mutex: number): void => {
      const at = held.findIndex(h => h.mutex === mutex);
      if (at >= 0) held.splice(at, 1);
    };
    switch (e.event) {
      case 'run':
        return [{ op: 'run', ns }];
      case 'runtime':
        return [{ op: 'runFor', ns }];
      case 'sleep':
        return [{ op: 'sleep', ns }];
      case 'timer': {
        const unique = e.name.startsWith('unique');
        const timer = this.timers.get(unique ? `${comm}.${e.name}` : e.name);
        return [{ op: 'timer', timer, period: ns, mode: this.absolute.has(timerScope(t, e)) ? 'absolute' : 'relative' }];
      }
      case 'lock': {
        const mutex = mutexOf(e.name);
        held.push({ mutex, at: e.at });
        return [{ op: 'lock', mutex }];
      }
      case 'unlock': {
        const mutex = mutexOf(e.name);
        release(mutex);
        return [{ op: 'unlock', mutex }];
      }
      case 'wait':
      case 'sync': {
        const mutex = mutexOf(e.mutex);
        const cond = this.conditions.get(e.name);
        const ops: Op[] = [
          { op: 'wait', cond, mutex },
          { op: 'lock', mutex },
        ];
        if (e.event === 'sync') ops.unshift({ op: 'signal', cond });
        if (!held.some(h => h.mutex === mutex)) {
          if (t.whole.events) this.report.add(errors.waitWithoutMutex(t.name, e.mutex, true), e.at);
          held.push({ mutex, at: e.at });
          ops.unshift({ op: 'lock', mutex });
        }
        return ops;
      }
      case 'signal':
        return [{ op: 'signal', cond: this.conditions.get(e.name) }];
      case 'broad':
        return [{ op: 'broadcast', cond: this.conditions.get(e.name) }];
      case 'suspend': {
        const name = suspendName(t, e, this.options.suspend);
        const [mutex, cond] = [mutexOf(name), this.conditions.get(name)];
        return [
          { op: 'lock', mutex },
          { op: 'wait', cond, mutex },
          { op: 'lock', mutex },
          { op: 'unlock', mutex },
        ];
      }
      case 'resume': {
        const [mutex, cond] = [mutexOf(e.name), this.conditions.get(e.name)];
        return [
          { op: 'lock', mutex },
          { op: 'broadcast', cond },
          { op: 'unlock', mutex },
        ];
      }
      case 'barrier':
        return [{ op: 'barrier', barrier: this.barriers.get(e.name) }];
      case 'sem_post':
        return [{ op: 'semPost', sem: this.semaphores.get(e.name) }];
      case 'sem_wait':
        return [{ op: 'semWait', sem: this.semaphores.get(e.name) }];
      case 'yield':
        return [{ op: 'yield' }];
      case 'fork': {
        const task = this.templates.get(e.name);
        return task === undefined ? [] : [{ op: 'fork', task }];
      }
      case 'mem':
        return this.worth(e, 'memBytesPerUs', 'bytes');
      case 'iorun':
        return this.worth(e, 'ioBytesPerUs', 'bytes');
      case 'memrun':
        return e.type === 'chase' ? this.worth(e, 'chaseHopsPerUs', 'hops') : this.worth(e, 'memrunBytesPerUs', 'bytes');
    }
  }

  /** Memory and I/O as time on a CPU, at a stated rate. */
  private worth(e: RtEvent, dial: RtAppRate, unit: string): Op[] {
    const rate = this.options.settings.rtapp[dial] ?? RTAPP_RATES[dial];
    const ns = Math.ceil((e.amount * 1000) / rate);
    this.report.add(errors.converted(e.key, ns, `${rate} ${unit} per microsecond`, `rtapp.${dial}`), e.at);
    return [{ op: 'run', ns }];
  }

  /** The sum of instances over all uses of the name: rt-app counts uses, not threads. */
  private barrierCount(name: string): number {
    const uses = this.workload.tasks.flatMap(t =>
      eventsOf(t)
        .filter(e => e.event === 'barrier' && e.name === name)
        .map(() => t.instances),
    );
    return Math.max(
      1,
      uses.reduce((sum, n) => sum + n, 0),
    );
  }

  /** A group and all above it. */
  private group(path: string): number {
    let id = 0;
    const parts = path.split('/').filter(part => part !== '');
    for (let n = 1; n <= parts.length; n++) id = this.groups.get(`/${parts.slice(0, n).join('/')}`);
    return id;
  }

  private groupSpecs(): GroupSpec[] {
    const paths = this.groups.names;
    if (paths.length - 1 > 32) this.report.add(errors.tooManyGroups(paths.length - 1), null);
    return paths.map(name => {
      const above = name.slice(0, name.lastIndexOf('/'));
      return { name, weight: 1024, parent: above === '' ? 0 : this.groups.get(above) };
    });
  }
}

const eventsOf = (t: RtTask): RtEvent[] => t.phases.flatMap((p: RtPhase) => p.events);
/** What shares one timer: everybody, or the threads of one task object each for itself. */
const timerScope = (t: RtTask, e: RtEvent): string => (e.name.startsWith('unique') ? JSON.stringify([t.name, e.name]) : e.name);
