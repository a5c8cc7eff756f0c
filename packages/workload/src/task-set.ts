import { NO_COSTS, type Op, type Scenario, type TaskSpec } from '@proxysched/core';
import type { Compiled } from './compiled.js';
import * as errors from './errors.js';
import { reportFlow } from './flow-report.js';
import { MAX_CPUS } from './limits.js';
import { parseMended, put, valueAt, type Mend } from './mend.js';
import { settledMachine, type Settings } from './overrides.js';
import type { Report } from './report.js';
import type { Span } from './source.js';
import { TaskComms } from './task-comm.js';
import { taskSetSchema, type PeriodicTask, type TaskSet } from './task-set-schema.js';
import { spanOf, toPlain, type ObjectNode } from './tree.js';

/**
 * A set of periodic tasks. Job k is released at `offset + k · period`, the first missed release included: a task that is
 * behind goes straight on. Tasks have the policy of a research class, pinned to their partitions, as `pfp` runs them.
 */
export function compileTaskSet(root: ObjectNode, settings: Settings, report: Report): Compiled | null {
  const set = parseMended(taskSetSchema, { root, plain: toPlain(root) }, { known: () => [], mend }, report);
  if (set === null) return null;
  const compiled = new Compiler(set, root, settings, report).compile();
  return report.failed ? null : compiled;
}

const HARMLESS = { id: 0, name: 'task', period: 1, deadline: 1, wcet: 1, priority: 1 };

/** A task that is wrong anywhere stands aside, so that the others are looked at too. */
const mend: Mend = (plain, { path }) => {
  const [top, index] = path;
  if (top === 'tasks' && index !== undefined) put(plain, [top, index], HARMLESS);
  else if (top === 'tasks') put(plain, ['tasks'], [HARMLESS]);
  else if (top === 'cpus' || top === 'horizon') put(plain, [top], Math.min(MAX_CPUS, 1));
  else if (top !== undefined && valueAt(plain, [top]) !== undefined) put(plain, [top], undefined);
};

class Compiler {
  private readonly comms = new TaskComms();
  private readonly mutexes: readonly string[];

  constructor(
    private readonly set: TaskSet,
    private readonly root: ObjectNode,
    private readonly settings: Settings,
    private readonly report: Report,
  ) {
    this.mutexes = set.resources.map(r => r.name);
  }

  compile(): Compiled {
    const { set, settings } = this;
    const machine = settledMachine({ cpus: set.cpus, hz: null, hrtick: false, tickPhase: 0, costs: NO_COSTS }, settings, this.report);
    const places: Span[][] = [];
    const tasks = set.tasks.map((task, index) => this.task(task, index, machine.cpus, places));
    const scenario: Scenario = {
      name: set.name,
      about: set.notes,
      seed: settings.seed ?? 1,
      until: settings.until ?? set.horizon,
      machine,
      options: settings.options,
      groups: [{ name: '/', weight: 1024, parent: 0 }],
      mutexes: this.mutexes.map(name => ({ name })),
      conditions: [],
      barriers: [],
      semaphores: [],
      timers: tasks.map(t => ({ name: t.comm })),
      tasks,
    };
    return { scenario, places };
  }

  private task(task: PeriodicTask, index: number, cpus: number, places: Span[][]): TaskSpec {
    const at = (...path: PropertyKey[]): Span => spanOf(this.root, ['tasks', index, ...path]);
    if (task.cpu >= cpus) this.report.add(errors.cpuOutOfRange(task.cpu, cpus, MAX_CPUS), at('cpu'));
    const comm = this.comms.make(task.name, '');
    const ops: Op[] = [];
    const spans: Span[] = [];
    const body: NonNullable<PeriodicTask['body']> = task.body ?? [['run', task.wcet]];
    let work = 0;
    for (const [src, [name, value]] of body.entries()) {
      const mutex = name === 'run' ? 0 : this.mutexes.indexOf(value);
      if (mutex < 0) this.report.add(errors.unknownName('resource', String(value), this.mutexes), at('body', src));
      if (mutex < 0) continue;
      if (name === 'run') work += value;
      ops.push(name === 'run' ? { op: name, ns: value, src } : { op: name, mutex, src });
      spans.push(task.body === undefined ? at('wcet') : at('body', src));
    }
    if (work !== task.wcet) this.report.add(errors.bodyNotWcet(task.name, work, task.wcet), at('body'));
    ops.push({ op: 'timer', timer: index, period: task.period, mode: 'absolute' }, { op: 'jump', to: 0, times: -1 });
    spans.push(at('period'), at('period'));
    reportFlow({ task: comm, ops, places: spans, mutexes: this.mutexes, fallback: at() }, this.report);
    places.push(spans);
    return {
      comm,
      policy: { kind: 'custom', class: 'pfp', params: { priority: task.priority } },
      start: task.offset,
      cpus: [Math.min(task.cpu, cpus - 1)],
      group: 0,
      deadline: task.deadline,
      program: { ops },
    };
  }
}
