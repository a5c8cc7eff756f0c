import { NO_COSTS, type Kernel, type LockError, type Mutex, type Op, type Scenario, type Task, type TraceSink } from '@proxysched/core';
import { linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { z } from 'zod';
import { hasSchema, type Conformance } from '../conformance.js';
import { unreadable } from '../errors.js';
import { Tally } from '../tally.js';

const name = z.string().min(1).max(15);
const waiters = z.record(name, z.array(name));
const step = z.strictObject({
  do: z.enum(['lock', 'unlock']),
  task: name,
  lock: name,
  result: z.enum(['acquired', 'blocked', 'EDEADLK', 'EALREADY']).optional(),
  woken: z.array(z.strictObject({ task: name, why: z.enum(['unlock', 'die', 'wound']) })).optional(),
  then: z.array(z.strictObject({ task: name, event: z.enum(['acquired', 'EDEADLK']), lock: name })).optional(),
  waiters: waiters.optional(),
  wounded: z.array(name).optional(),
});
const scriptSchema = z.strictObject({
  schema: z.literal('ww-script/1'),
  id: z.string(),
  title: z.string(),
  algorithm: z.enum(['wait-die', 'wound-wait']),
  contexts: z.array(z.strictObject({ task: name, stamp: z.number() })),
  tasks_without_context: z.array(name),
  steps: z.array(step).min(1),
  final: z.strictObject({ owners: z.record(name, name), blocked: z.record(name, name) }),
  checks: z.array(z.string()),
});
type Script = z.infer<typeof scriptSchema>;

/** Time of one step; its effects take none. */
const STEP = 1000;
/** The rules are the kernel's with and without proxy execution. */
const GENERATIONS: readonly GenerationName[] = ['off', '7.3'];

/**
 * Scripts of wait/wound mutexes. Every task has a CPU of its own and does its steps one by one, each when a conductor says so; what
 * a step brings about is over before the next.
 */
export const wwScript: Conformance = {
  name: 'ww-script',
  recognises: json => hasSchema(json, 'ww-script/1'),

  run({ path, json }) {
    const read = scriptSchema.safeParse(json);
    if (!read.success)
      throw unreadable(
        path,
        read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`),
      );
    const tally = new Tally();
    for (const generation of GENERATIONS) judge(read.data, generation, tally);
    return tally.verdict();
  },
};

function judge(script: Script, generation: GenerationName, tally: Tally): void {
  const watch = new Watch(script);
  const simulation = createSimulation(scenarioOf(script), linux(generation), [watch]);
  simulation.run(kernel => watch.look(kernel));
  script.steps.forEach((expected, i) => {
    const at = `proxy ${generation}, steps[${i}]`;
    const found = watch.steps[i]!;
    if (expected.do === 'lock') tally.equal('results', `${at}.result`, expected.result, found.result);
    tally.equal('woken', `${at}.woken`, expected.woken ?? [], found.woken);
    tally.equal('then', `${at}.then`, expected.then ?? [], found.then);
    tally.equal('waiters', `${at}.waiters`, expected.waiters ?? {}, found.waiters);
    tally.equal('wounded', `${at}.wounded`, expected.wounded ?? [], found.wounded);
  });
  tally.equal('final', `proxy ${generation}, final`, script.final, watch.final(simulation.kernel));
  for (const check of script.checks) tally.notJudged(`in words: ${check}`);
}

/** Contexts begin in the order of their stamps, before the first step. */
function scenarioOf({ id, title, algorithm, contexts, tasks_without_context, steps }: Script): Scenario {
  const locks = [...new Set(steps.map(s => s.lock))];
  const never = steps.length;
  const aged = [...contexts].sort((a, b) => a.stamp - b.stamp).map(c => c.task);
  const program = (comm: string): Op[] => {
    const ops: Op[] = aged.includes(comm) ? [{ op: 'wbegin' }] : [];
    for (const [i, s] of steps.entries()) {
      if (s.task !== comm) continue;
      const mutex = locks.indexOf(s.lock);
      ops.push({ op: 'semWait', sem: i });
      // Refused, it goes on with its next step: scripts release and retry themselves.
      ops.push(s.do === 'lock' ? { op: 'lock', mutex, orElse: ops.length + 1 } : { op: 'unlock', mutex });
    }
    return [...ops, { op: 'semWait', sem: never }];
  };
  const conductor = steps.flatMap((_, i): Op[] => [
    { op: 'sleep', ns: STEP },
    { op: 'semPost', sem: i },
  ]);
  const policy = { kind: 'normal', nice: 0 } as const;
  const comms = [...aged, ...tasks_without_context];
  return {
    name: id,
    about: title,
    seed: 1,
    until: (steps.length + 1) * STEP,
    machine: { cpus: comms.length + 1, hz: null, hrtick: false, tickPhase: 0, costs: NO_COSTS },
    options: { 'mutex.spin': 'off' },
    groups: [],
    mutexes: locks.map(lock => ({ name: lock, kind: algorithm })),
    conditions: [],
    barriers: [],
    semaphores: [...steps, never].map((_, i) => ({ name: `step${i}`, initial: 0 })),
    timers: [],
    tasks: [
      ...comms.map((comm, cpu) => ({ comm, policy, start: 0, cpus: [cpu], group: 0, program: { ops: program(comm) } })),
      { comm: '(conductor)', policy, start: 0, cpus: [comms.length], group: 0, program: { ops: conductor } },
    ],
  };
}

/** What a step brought about. */
interface Seen {
  result: string | undefined;
  readonly woken: { task: string; why: string }[];
  readonly then: { task: string; event: string; lock: string }[];
  waiters: Record<string, string[]>;
  wounded: string[];
}

/** Listens to a run and tells the steps apart by their instants. */
class Watch implements TraceSink {
  readonly steps: Seen[];

  constructor(private readonly script: Script) {
    this.steps = script.steps.map(() => ({ result: undefined, woken: [], then: [], waiters: {}, wounded: [] }));
  }

  mutexBlocked(now: number, p: Task): void {
    this.happens(now, p, 'blocked', '');
  }

  mutexAcquired(now: number, p: Task, m: Mutex): void {
    this.happens(now, p, 'acquired', m.name);
  }

  mutexFailed(now: number, p: Task, m: Mutex, error: LockError): void {
    this.happens(now, p, error, m.name);
  }

  mutexBackOff(now: number, victim: Task, _m: unknown, _by: unknown, why: string): void {
    this.at(now)?.seen.woken.push({ task: victim.comm, why });
  }

  mutexReleased(now: number, m: Mutex): void {
    const next = m.firstWaiter;
    if (next !== null) this.at(now)?.seen.woken.push({ task: next.comm, why: 'unlock' });
  }

  /** The state that the last event of a step leaves is the step's. */
  look(kernel: Kernel): void {
    const step = this.at(kernel.queue.now);
    if (step === null) return;
    step.seen.waiters = {};
    for (const m of kernel.mutexes) if (m.firstWaiter !== null) step.seen.waiters[m.name] = [...m.waiters()].map(p => p.comm);
    step.seen.wounded = kernel.tasks.filter(p => p.exec.context?.wounded === true).map(p => p.comm);
  }

  final(kernel: Kernel): Script['final'] {
    const owners: Record<string, string> = {};
    const blocked: Record<string, string> = {};
    for (const m of kernel.mutexes) if (m.owner !== null) owners[m.name] = m.owner.comm;
    for (const p of kernel.tasks) if (p.waitsIn !== null) blocked[p.comm] = p.waitsIn.name;
    return { owners, blocked };
  }

  private happens(now: number, p: Task, event: string, lock: string): void {
    const step = this.at(now);
    if (step === null) return;
    if (p.comm === step.task && step.seen.result === undefined) step.seen.result = event;
    else if (event !== 'blocked') step.seen.then.push({ task: p.comm, event, lock });
  }

  private at(now: number): { readonly task: string; readonly seen: Seen } | null {
    const i = Math.floor(now / STEP) - 1;
    const step = this.script.steps[i];
    return step === undefined ? null : { task: step.task, seen: this.steps[i]! };
  }
}
