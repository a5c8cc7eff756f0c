import type { CpuId, Kernel, Op, Policy, RunQueue, Scenario, SchedClass, SchedEntity, Task, TaskSpec, TraceSink } from '@proxysched/core';
import { NO_COSTS, RANK_END, RANK_OUTSIDE } from '@proxysched/core';
import { fair } from '@proxysched/fair';
import { dequeueOnDeadlock } from '@proxysched/deadlock';
import { PROTOCOLS } from '@proxysched/inherit';
import { add, defineModule, SCHED_CLASS, type SimModule } from '@proxysched/kit';
import { rt } from '@proxysched/rt';
import { createSimulation } from '@proxysched/sim';
import * as z from 'zod';
import { hasSchema, type Conformance } from '../conformance.js';
import { badFile } from '../errors.js';
import { Tally } from '../tally.js';

const id = z.int().nonnegative();
const prio = z.int().min(0).max(99);
const Step = z.union([
  z.object({
    do: z.literal('lock'),
    task: id,
    lock: id,
    interruptible: z.boolean().optional(),
    hold_after_wakeup: z.boolean().optional(),
    detect_deadlock: z.boolean().optional(),
  }),
  z.object({ do: z.literal('unlock'), task: id, lock: id }),
  z.object({ do: z.enum(['signal', 'continue']), task: id }),
  // The format does not say how the priority is called: as among the tasks, or as in what is expected.
  z.object({ do: z.literal('set_priority'), task: id, rt_prio: prio }),
  z.object({ do: z.literal('set_priority'), task: id, value: prio }),
  z.object({ expect: z.enum(['owner', 'blocked', 'woken_not_owner']), task: id, lock: id }),
  z.object({ expect: z.literal('free'), lock: id }),
  z.object({ expect: z.literal('not_blocked'), task: id }),
  z.object({ expect: z.literal('effective_rt_prio'), task: id, value: prio }),
  z.object({ expect: z.literal('last_result'), task: id, value: z.union([z.string(), z.number()]) }),
]);
const PiScript = z.object({
  schema: z.literal('pi-script/1'),
  tasks: z.array(z.object({ id, rt_prio: prio })).min(1),
  locks: z.int().positive(),
  steps: z.array(Step),
});
type PiScript = z.infer<typeof PiScript>;
type Step = PiScript['steps'][number];
type Action = Extract<Step, { do: string }>;

/** Simulated time between two steps, long enough for all effects of one: they take none. */
const STEP = 1_000;

/**
 * Scripts for a lock with priority inheritance, step by step on a machine with a CPU for every task, under `pi`. A task's
 * program is its own steps, each begun when the script says so; nothing of the lock is imitated here.
 */
export const piScript: Conformance = {
  name: 'pi-script',

  recognises: json => hasSchema(json, 'pi-script/1'),

  run({ path, json }) {
    const read = PiScript.safeParse(json);
    if (!read.success) throw badFile(path, z.prettifyError(read.error));
    const tally = new Tally();
    new Stage(read.data, tally).play();
    return tally.verdict();
  },
};

/** Busy CPUs above every class: keeps a woken task from its CPU until it may go on. */
class Hold implements SchedClass {
  readonly name = 'hold';
  readonly policies = [];
  readonly on = new Set<CpuId>();
  private readonly holders: Task[] = [];

  init(): void {
    // one holder per CPU, and it never leaves
  }
  entity(owner: Task): SchedEntity {
    return { owner };
  }
  enqueueTask(rq: RunQueue, p: Task): void {
    this.holders[rq.cpu] = p;
  }
  dequeueTask(): void {
    // it runs until the end of time
  }
  pickTask(rq: RunQueue): Task | null {
    return this.on.has(rq.cpu) ? (this.holders[rq.cpu] ?? null) : null;
  }
  updateCurr(): void {
    // its time is nobody's business
  }
  wakeupPreempt(): boolean {
    return false;
  }
}

class Stage {
  private readonly hold = new Hold();
  private readonly kernel: Kernel;
  private readonly run: () => void;
  private readonly byId: ReadonlyMap<number, number>;
  private readonly results = new Map<Task, string>();
  /** Tasks that stop before they take the lock of their last request. */
  private readonly holding = new Set<Task>();

  constructor(
    private readonly script: PiScript,
    private readonly tally: Tally,
  ) {
    this.byId = new Map(script.tasks.map((t, i) => [t.id, i]));
    const holdModule: SimModule = defineModule({ name: 'hold', register: c => add(c, SCHED_CLASS, { value: this.hold }) });
    const listener: TraceSink = {
      mutexAcquired: (_now, p) => void this.results.set(p, 'OK'),
      mutexFailed: (_now, p, _m, error) => void this.results.set(p, error),
    };
    const modules = [holdModule, rt, fair, PROTOCOLS.pi.module, dequeueOnDeadlock];
    const simulation = createSimulation(this.scenario(), modules, [listener]);
    this.kernel = simulation.kernel;
    this.run = () => void simulation.run();
  }

  play(): void {
    const { queue } = this.kernel;
    this.script.steps.forEach((step, i) => {
      const at = this.at(i);
      queue.arm(
        queue.timer(`step/${i}`, RANK_OUTSIDE, () => this.before(step)),
        at,
      );
      // Whoever waits now will be held when it is woken.
      queue.arm(
        queue.timer(`settled/${i}`, RANK_END, () => this.holdWaiters()),
        at + STEP / 4,
      );
      if ('expect' in step)
        queue.arm(
          queue.timer(`expect/${i}`, RANK_END, () => this.judge(step, i)),
          at + STEP / 2,
        );
    });
    this.run();
  }

  private at(step: number): number {
    return (step + 1) * STEP;
  }

  private task(which: number): Task {
    return this.kernel.tasks[this.byId.get(which)!]!;
  }

  /** What a step needs beside the programs. */
  private before(step: Step): void {
    if (!('do' in step)) return;
    const p = this.task(step.task);
    switch (step.do) {
      case 'lock':
        if (step.hold_after_wakeup === true) this.holding.add(p);
        else this.holding.delete(p);
        return;
      case 'signal':
      case 'continue':
        return this.release(p);
      case 'set_priority':
        return this.kernel.setPolicy(p, policyOf('rt_prio' in step ? step.rt_prio : step.value));
      case 'unlock':
    }
  }

  private holdWaiters(): void {
    for (const p of this.holding) {
      if (p.waitsIn === null) this.release(p);
      if (p.state !== 'blocked' || this.hold.on.has(p.cpu)) continue;
      this.hold.on.add(p.cpu);
      this.kernel.resched(this.kernel.rqs[p.cpu]!);
    }
  }

  private release(p: Task): void {
    if (!this.hold.on.delete(p.cpu)) return;
    this.kernel.resched(this.kernel.rqs[p.cpu]!);
  }

  private judge(step: Extract<Step, { expect: string }>, index: number): void {
    const where = `steps[${index}] (${step.expect})`;
    const equal = (expected: unknown, found: unknown): void => void this.tally.equal(step.expect, where, expected, found);
    switch (step.expect) {
      case 'owner': {
        const { owner, pickup } = this.kernel.mutexes[step.lock]!;
        return equal(step.task, owner === null || pickup ? null : this.idOf(owner));
      }
      case 'free': {
        const { owner, nrWaiters } = this.kernel.mutexes[step.lock]!;
        return equal([null, 0], [owner === null ? null : this.idOf(owner), nrWaiters]);
      }
      case 'blocked': {
        const p = this.task(step.task);
        return equal([step.lock, 'blocked'], [p.waitsIn?.id ?? null, p.state]);
      }
      case 'not_blocked':
        return equal(null, this.task(step.task).waitsIn?.id ?? null);
      case 'woken_not_owner': {
        const p = this.task(step.task);
        return equal([step.lock, 'running', null], [p.waitsIn?.id ?? null, p.state, this.kernel.mutexes[step.lock]!.owner]);
      }
      case 'effective_rt_prio':
        return equal(step.value, Math.max(0, 99 - this.task(step.task).sched.prio));
      case 'last_result':
        return equal(resultName(step.value), this.results.get(this.task(step.task)) ?? null);
    }
  }

  private idOf(p: Task): number {
    return this.script.tasks[this.kernel.tasks.indexOf(p)]!.id;
  }

  private scenario(): Scenario {
    const { script } = this;
    const nr = script.tasks.length;
    const actions = script.steps.flatMap((step, i) => ('do' in step ? [{ step, i }] : []));
    const tasks = script.tasks.map((t, cpu): TaskSpec => {
      const ops: Op[] = [];
      for (const { step } of actions) {
        if (step.task !== t.id || (step.do !== 'lock' && step.do !== 'unlock')) continue;
        ops.push({ op: 'semWait', sem: cpu });
        // A request that fails goes on with the next step, as one that succeeds does.
        if (step.do === 'unlock') ops.push({ op: 'unlock', mutex: step.lock });
        else ops.push(lockOp(step, ops.length + 1));
      }
      ops.push({ op: 'semWait', sem: cpu }); // until the end, with whatever it holds
      return { comm: `t${t.id}`, policy: policyOf(t.rt_prio), start: 0, group: 0, cpus: [cpu], program: { ops } };
    });
    const holders = script.tasks.map((t, cpu): TaskSpec => {
      const policy: Policy = { kind: 'custom', class: this.hold.name, params: {} };
      return { comm: `hold${t.id}`, policy, start: 0, group: 0, cpus: [cpu], program: { ops: [{ op: 'run', ns: 1e15 }] } };
    });
    const end = this.at(script.steps.length);
    return {
      name: 'pi-script',
      about: '',
      seed: 1,
      until: end,
      machine: { cpus: nr + 1, hz: null, hrtick: false, tickPhase: 0, costs: NO_COSTS },
      options: {},
      groups: [],
      mutexes: Array.from({ length: script.locks }, (_, i) => ({ name: `l${i}` })),
      conditions: [],
      barriers: [],
      semaphores: script.tasks.map(t => ({ name: `go${t.id}`, initial: 0 })),
      timers: [],
      tasks: [...tasks, ...holders, this.conductor(actions, nr)],
    };
  }

  /** On a CPU of its own: lets each task take its next step, and sends the signals. */
  private conductor(actions: readonly { readonly step: Action; readonly i: number }[], cpu: number): TaskSpec {
    const ops: Op[] = [];
    let now = 0;
    for (const { step, i } of actions) {
      const who = this.byId.get(step.task)!;
      ops.push({ op: 'sleep', ns: this.at(i) - now });
      now = this.at(i);
      if (step.do === 'lock' || step.do === 'unlock') ops.push({ op: 'semPost', sem: who });
      if (step.do === 'signal') ops.push({ op: 'kill', task: who });
    }
    return { comm: 'conductor', policy: { kind: 'fifo', prio: 1 }, start: 0, group: 0, cpus: [cpu], program: { ops } };
  }
}

function lockOp(step: Extract<Action, { do: 'lock' }>, orElse: number): Op {
  return {
    op: 'lock',
    mutex: step.lock,
    orElse,
    ...(step.interruptible === true ? { interruptible: true as const } : {}),
    ...(step.detect_deadlock === true ? { detect: true as const } : {}),
  };
}

function policyOf(rtPrio: number): Policy {
  return rtPrio === 0 ? { kind: 'normal', nice: 0 } : { kind: 'fifo', prio: rtPrio };
}

/** Success is written as 0 or as a word. */
function resultName(value: string | number): string {
  return value === 0 || value === '0' || value === 'ok' ? 'OK' : String(value);
}
