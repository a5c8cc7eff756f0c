import {
  Machine,
  NO_COSTS,
  makeTracer,
  type BandwidthLimit,
  type CpuId,
  type InstantOrder,
  type Kernel,
  type Nanos,
  type Op,
  type OutsideEvent,
  type Scenario,
  type SchedClass,
  type Task,
  type TraceSink,
} from '@proxysched/core';
import { CfsClass, FairClass } from '@proxysched/fair';
import type { Tally } from '../tally.js';
import { Rows } from './compare-rows.js';
import { limitOf } from './groups.js';
import { observerOf, type Observer } from './observer.js';
import type { Sequence, Workload } from './sequence.js';
import { changeOf, dialsOf, policyOf, versionOf } from './workload-parts.js';

/** As the files state it: CPU by CPU end of run and tick; forks and wake-ups by task; external events; bandwidth timers. */
const ORDER: InstantOrder = [['op', 'police'], ['wake'], ['outside'], ['supply'], ['balance']];

/** Longer than any run. */
const FOREVER: Nanos = 2 ** 50;

/**
 * The workload run in the machine from its own description, without a look at the log: context switches, time executed, and
 * after each instant the state the log then shows. Ends at the first difference. True: there was none.
 */
export function simulatorLevel(file: Sequence, w: Workload, tally: Tally): boolean {
  const switches = new SwitchSink(w.end);
  const machine = new Machine(scenarioOf(w), makeTracer([switches]));
  machine.queue.now = w.t0; // the clock that timers and averages of the class begin with
  const cls = attachClass(machine, w);
  const byId = new Map(machine.tasks.map(p => [p.comm, p]));
  const log = new LogCursor(file, w, observerOf(cls, { rqs: machine.rqs, task: id => byId.get(id) }), tally);
  machine.run(kernel => log.after(kernel));
  log.finish();

  let holds = log.holds;
  const { length } = w.switches;
  for (let i = 0; holds && i < Math.max(length, switches.seen.length); i++) {
    const where = `simulator level, ${w.name}, switch ${i} at ${String((w.switches[i] ?? switches.seen[i])![0])}`;
    holds = tally.equal('simulator', where, w.switches[i], switches.seen[i]);
  }
  for (const [id, ns] of Object.entries(w.sum_exec))
    holds = holds && tally.equal('simulator', `simulator level, ${w.name}, sum_exec of ${id}`, ns, byId.get(id)?.exec.ran);
  return holds;
}

class SwitchSink implements TraceSink {
  readonly seen: [Nanos, CpuId, string | null, string | null][] = [];

  /** The files end just before `end`: what is due then is not in them. */
  constructor(private readonly until: Nanos) {}

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task): void {
    if (prev !== next && now < this.until) this.seen.push([now, cpu, nameOf(prev), nameOf(next)]);
  }
}

function nameOf(p: Task): string | null {
  return p.pid === 0 ? null : p.comm;
}

/** Goes along the log while the machine runs: what an instant has left is seen when nothing more is due at it. */
class LogCursor {
  holds = true;
  private at = 0;
  private readonly rows: Rows;

  constructor(
    file: Sequence,
    private readonly w: Workload,
    private readonly observer: Observer,
    private readonly tally: Tally,
  ) {
    this.rows = new Rows(file);
  }

  after({ queue }: Kernel): void {
    const { ops } = this.w;
    if (!this.holds || this.at >= ops.length || queue.peek() === queue.now) return;
    if (ops[this.at]!.t < queue.now) return this.missed();
    if (ops[this.at]!.t > queue.now) return;
    this.rows.clear();
    for (; this.at < ops.length && ops[this.at]!.t === queue.now; this.at++) this.rows.take(ops[this.at]!);
    this.holds = this.rows.hold(this.tally, 'simulator', `simulator level, ${this.w.name}, after ${queue.now}`, this.observer);
  }

  finish(): void {
    if (this.holds && this.at < this.w.ops.length) this.missed();
  }

  private missed(): void {
    const op = this.w.ops[this.at]!;
    this.holds = this.tally.that(
      'simulator',
      false,
      () => `simulator level, ${this.w.name}: nothing happens at ${op.t}, where ${op.op} is recorded`,
    );
  }
}

/** Tasks wake and start where they are: the files leave no choice of a CPU. */
function attachClass(machine: Machine, w: Workload): SchedClass {
  const make = versionOf(w) === '6.1' ? CfsClass : FairClass;
  const cls: SchedClass = new make(machine, machine.scenario.options);
  cls.selectTaskRq = (_p, prev) => prev;
  const halt = { kind: 'halt' } as const;
  machine.attach({
    classes: [cls],
    policies: new Map(cls.policies.map(kind => [kind, cls])),
    deadlock: { name: 'halt', onCycle: () => halt, onStall: () => halt },
    balancers: [],
  });
  return cls;
}

function scenarioOf(w: Workload): Scenario {
  const groups = ['/', ...w.groups.map(g => g.id)];
  return {
    name: w.name,
    about: '',
    seed: 1,
    until: w.end,
    machine: { cpus: w.sim_cpus, hz: w.hz, hrtick: false, tickPhase: w.first_tick % w.tick_ns, costs: NO_COSTS, order: ORDER },
    options: dialsOf(w),
    groups: [
      { name: '/', weight: 1024, parent: 0 },
      ...w.groups.map(g => ({ name: g.id, weight: g.shares, parent: g.parent === null ? 0 : groups.indexOf(g.parent), ...limited(g) })),
    ],
    mutexes: [],
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: w.tasks.map(t => ({
      comm: t.id,
      policy: policyOf(w, t),
      start: t.start,
      cpu: t.cpu,
      forked: true,
      group: t.group === null ? 0 : groups.indexOf(t.group),
      program: { ops: programOf(w, t) },
    })),
    outside: w.events.map(event => eventOf(w, event)),
  };
}

function programOf(w: Workload, t: Workload['tasks'][number]): Op[] {
  const ops = t.script.flatMap(([kind, value]): Op[] => {
    switch (kind) {
      case 'run':
        return [{ op: 'run', ns: value }];
      case 'forever':
        return [{ op: 'run', ns: FOREVER }];
      case 'sleep':
        return [{ op: 'sleep', ns: value }];
      case 'yield':
      case 'exit':
        return [{ op: kind }];
      case 'nice':
      case 'slice': {
        return [{ op: 'changePolicy', change: changeOf(w, kind, value) ?? {} }];
      }
    }
  });
  return t.loop ? [...ops, { op: 'jump', to: 0, times: -1 }] : ops;
}

function eventOf(w: Workload, { t, kind, task, value }: Workload['events'][number]): OutsideEvent {
  const about = { at: t, task: w.tasks.findIndex(each => each.id === task) };
  if (kind === 'migrate') return { ...about, act: 'move', cpu: value };
  if (kind === 'wakemove') return { ...about, act: 'assign', cpu: value };
  return { ...about, act: 'changePolicy', change: changeOf(w, kind, value) ?? {} };
}

function limited(g: Workload['groups'][number]): { bandwidth?: BandwidthLimit } {
  const bandwidth = limitOf(g);
  return bandwidth === null ? {} : { bandwidth };
}
