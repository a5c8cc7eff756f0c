import { DEQUEUE_MIGRATE, ENQUEUE_MIGRATED } from '../flags.js';
import type { Kernel } from '../kernel.js';
import type { Policy } from '../policy.js';
import type { Op } from '../program.js';
import type { RunQueue } from '../run-queue.js';
import type { Scenario } from '../scenario.js';
import type { SchedClass } from '../sched-class.js';
import type { SchedEntity, Task } from '../task.js';
import type { Nanos } from '../types.js';
import { runOf, type Parts } from './machine-of.js';
import { lock, run, sleep, unlock, yields } from './ops.js';
import { OwnerRuns } from './owner-runs.js';
import { PullAnything } from './pull-anything.js';
import { scenarioOf, type TestTask } from './scenario-of.js';

/** The test functions of whoever runs this (Jest's globals, say): core depends on no test runner. */
export interface TestFunctions {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: (name: string, body: () => void) => void;
  readonly expect: (actual: unknown) => { toEqual(expected: unknown): void };
}

export interface ClassUnderTest {
  /** A fresh class for a machine. */
  readonly make: (kernel: Kernel) => SchedClass;
  /** Policies of the class, as different as they come; tasks of the tests have them in turn. */
  readonly policies: readonly Policy[];
  /** A time scale that suits the class: programs run for one to twenty of these. Absent: 1 ms. */
  readonly unit?: Nanos;
  readonly hz?: number | null;
  /**
   * What it picks depends on when it is asked (it weighs shares, whoever runs is let run between two picks). A donor that blocks makes
   * passes of its own, so with and without proxying such a class may take other turns; each context still gets its time. Absent: false.
   */
  readonly passesMatter?: boolean;
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * What every class has to keep, whatever it schedules by. Call it in a test file of the class:
 *
 *     contractTests({ describe, test, expect }, { make: kernel => new FairClass(kernel, {}), policies: [nice(0), nice(5)] });
 */
export function contractTests({ describe, test, expect }: TestFunctions, cut: ClassUnderTest): void {
  const classes = (kernel: Kernel): SchedClass[] => [cut.make(kernel)];
  const balancers: Parts['balancers'] = kernel => [new PullAnything(kernel)];

  describe('the contract of a scheduling class', () => {
    test('a pick changes nothing: asked twice it answers the same, and a run that is asked all the time is the same run', () => {
      for (const scenario of workloads(cut)) {
        const differences: string[] = [];
        const asked = runOf(scenario, {
          classes,
          balancers,
          probe: kernel => {
            for (const rq of kernel.rqs) {
              const [first, second] = [kernel.classes[0]!.pickTask(rq), kernel.classes[0]!.pickTask(rq)];
              if (first !== second) differences.push(`${String(first)}, then ${String(second)}`);
            }
          },
        });
        expect(differences).toEqual([]);
        expect(asked.sink.lines).toEqual(runOf(scenario, { classes, balancers }).sink.lines);
      }
    });

    test('a pick is queued here, and where something is queued that can be picked, there is a pick', () => {
      for (const scenario of workloads(cut)) {
        const wrong: string[] = [];
        runOf(scenario, {
          classes,
          balancers,
          probe: kernel => {
            for (const rq of kernel.rqs) {
              const p = kernel.classes[0]!.pickTask(rq);
              if (p !== null && (p.onRq !== 'queued' || p.cpu !== rq.cpu)) wrong.push(`${String(p)} is not queued on CPU ${rq.cpu}`);
              if (p === null && rq.donor !== rq.idle) wrong.push(`CPU ${rq.cpu} has a donor and no pick`);
            }
          },
        });
        expect(wrong).toEqual([]);
      }
    });

    test('leaving and coming back are inverse: who is out is not picked, who is back can be', () => {
      for (const scenario of workloads(cut)) {
        const wrong: string[] = [];
        let events = 0;
        const { result } = runOf(scenario, {
          classes,
          probe: kernel => {
            if (events++ % 5 !== 0) return;
            for (const rq of kernel.rqs) wrong.push(...outAndBack(kernel, rq));
          },
        });
        expect(wrong).toEqual([]);
        expect(result.outcome).toEqual('finished');
      }
    });

    test('a charge conserves time: donors are charged for exactly the time the CPUs were busy', () => {
      for (const scenario of workloads(cut)) {
        let charged = 0;
        const zero: number[] = [];
        const { machine } = runOf(scenario, {
          classes: kernel => {
            const cls = cut.make(kernel);
            const updateCurr = cls.updateCurr.bind(cls);
            cls.updateCurr = (rq, delta): void => {
              charged += delta;
              if (!(delta > 0)) zero.push(delta);
              updateCurr(rq, delta);
            };
            return [cls];
          },
          balancers,
        });
        expect(zero).toEqual([]);
        expect(charged).toEqual(machine.tasks.reduce((sum, p) => sum + p.exec.ran, 0));
      }
    });

    test('its own invariants hold after every event, and the counters agree', () => {
      for (const scenario of workloads(cut)) {
        const wrong: string[] = [];
        runOf(scenario, {
          classes,
          balancers,
          probe: kernel => {
            for (const rq of kernel.rqs) {
              kernel.classes[0]!.check?.(rq, { fail: (code, detail) => wrong.push(`${code}: ${detail}`) });
              const counted = kernel.tasks.filter(p => p.onRq === 'queued' && p.cpu === rq.cpu).length;
              if (rq.nrByClass[0] !== counted) wrong.push(`CPU ${rq.cpu}: ${rq.nrByClass[0]!} counted, ${counted} queued`);
            }
          },
        });
        expect(wrong).toEqual([]);
      }
    });

    test('everybody gets through: every program ends and has executed what it asks for', () => {
      for (const scenario of workloads(cut)) {
        const { result, machine } = runOf(scenario, { classes, balancers });
        expect(result.outcome).toEqual('finished');
        expect(machine.tasks.map(p => p.exec.ran - p.exec.spun)).toEqual(scenario.tasks.map(t => workOf(t.program.ops)));
      }
    });

    test('two machines do not know of each other, and the same input gives the same run', () => {
      const [one, two] = [workload(cut, 1), workload(cut, 2)];
      const alone = [one, two].map(scenario => runOf(scenario, { classes, balancers }).sink.lines);
      let inner: readonly string[] = [];
      let events = 0;
      const outer = runOf(one, {
        classes,
        balancers,
        probe: () => {
          if (++events === 10) inner = runOf(two, { classes, balancers }).sink.lines;
        },
      });
      expect([outer.sink.lines, inner]).toEqual(alone);
    });

    test('it knows nothing of proxying: a context that is blocked is chosen as one that runs', () => {
      for (const seed of SEEDS) {
        const tasks = oneLiners(cut, seed);
        const plain = runOf(proxyScenario(cut, tasks, false), { classes: kernel => [cut.make(kernel), new Bodies(kernel)] });
        const blocked = runOf(proxyScenario(cut, tasks, true), {
          classes: kernel => [cut.make(kernel), new Bodies(kernel)],
          resolver: () => new OwnerRuns(),
        });
        const seen = cut.passesMatter === true ? timeByDonor : donors;
        expect(seen(blocked.sink.ran)).toEqual(seen(plain.sink.ran));
        // And it was not an idle comparison: bodies did the work.
        expect(blocked.sink.ran.every(r => r.donor === r.task)).toEqual(false);
      }
    });

    test('it sees the donor only: a pick and what is left of a slice do not depend on who executes', () => {
      for (const seed of SEEDS) {
        const wrong: string[] = [];
        let asked = 0;
        runOf(proxyScenario(cut, oneLiners(cut, seed), true), {
          classes: kernel => [cut.make(kernel), new Bodies(kernel)],
          resolver: () => new OwnerRuns(),
          probe: kernel => {
            const rq = kernel.rqs[0]!;
            if (rq.curr === rq.donor || rq.donor.sched.cls !== kernel.classes[0]) return;
            asked++;
            const [proxied, plain] = [answers(kernel, rq), asIfNobodyProxied(kernel, rq)];
            if (proxied !== plain) wrong.push(`${proxied}; if the donor itself ran: ${plain}`);
          },
        });
        expect(wrong).toEqual([]);
        // And there were donors whose work was done by others.
        expect(asked > 0).toEqual(true);
      }
    });
  });
}

function answers(kernel: Kernel, rq: RunQueue): string {
  const cls = kernel.classes[0]!;
  return `${String(cls.pickTask(rq))}, ${cls.sliceLeft?.(rq, rq.donor) ?? 'all'} left`;
}

/** The same questions to the same queue, where no task is blocked and the donor executes. */
function asIfNobodyProxied(kernel: Kernel, rq: RunQueue): string {
  const { curr } = rq;
  const waits = kernel.tasks.map(p => ({ isBlocked: p.isBlocked, blockedOn: p.blockedOn }));
  rq.curr = rq.donor;
  for (const p of kernel.tasks) Object.assign(p, { isBlocked: false, blockedOn: null });
  const heard = answers(kernel, rq);
  rq.curr = curr;
  kernel.tasks.forEach((p, i) => Object.assign(p, waits[i]));
  return heard;
}

/** Takes everyone out who is queued on `rq` and does not run, looks, and puts them back. */
function outAndBack(kernel: Kernel, rq: RunQueue): string[] {
  const wrong: string[] = [];
  const cls = kernel.classes[0]!;
  const movable = kernel.tasks.filter(p => p.cpu === rq.cpu && kernel.isMovable(p));
  const out = new Set<Task>();
  for (const p of movable) {
    kernel.deactivate(rq, p, DEQUEUE_MIGRATE);
    out.add(p);
    const pick = cls.pickTask(rq);
    if (pick !== null && out.has(pick)) wrong.push(`${String(pick)} has left and is picked`);
  }
  for (const p of movable) {
    kernel.activate(rq, p, ENQUEUE_MIGRATED);
    out.delete(p);
    const pick = cls.pickTask(rq);
    if (pick === null) wrong.push(`${String(p)} is back and there is nobody to pick`);
    else if (out.has(pick)) wrong.push(`${String(pick)} is picked and not yet back`);
  }
  if (movable.length > 0) kernel.resched(rq);
  return wrong;
}

/** Numbers without structure: enough for workloads, and the same everywhere. */
function chance(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function workloads(cut: ClassUnderTest): Scenario[] {
  return SEEDS.map(seed => workload(cut, seed));
}

/** A few tasks that run, sleep, yield and lock, on one to three CPUs. */
function workload(cut: ClassUnderTest, seed: number): Scenario {
  const draw = chance(seed);
  const unit = cut.unit ?? 1_000_000;
  const cpus = 1 + (seed % 3);
  const tasks = Array.from({ length: 3 + draw(4) }, (_, i): TestTask => {
    const ops: Op[] = [];
    for (let k = 0; k < 6; k++) {
      ops.push(run((1 + draw(20)) * unit));
      const what = draw(4);
      if (what === 0) ops.push(sleep((1 + draw(20)) * unit));
      else if (what === 1) ops.push(yields);
      else if (what === 2) ops.push(lock(0), run((1 + draw(8)) * unit), unlock(0));
    }
    return { ops, policy: cut.policies[i % cut.policies.length]!, start: draw(3) * 5 * unit, forked: draw(2) === 0 };
  });
  return scenarioOf({ cpus, mutexes: 1, tasks, until: 100_000 * unit, machine: { hz: cut.hz ?? null } });
}

function workOf(ops: readonly Op[]): Nanos {
  return ops.reduce((sum, op) => sum + (op.op === 'run' ? op.ns : 0), 0);
}

/** Tasks that run once, for the comparison with and without bodies. */
function oneLiners(cut: ClassUnderTest, seed: number): { readonly ns: Nanos; readonly start: Nanos; readonly policy: Policy }[] {
  const draw = chance(seed + 100);
  const unit = cut.unit ?? 1_000_000;
  return Array.from({ length: 2 + draw(4) }, (_, i) => ({
    ns: (1 + draw(30)) * unit,
    start: (10 + draw(20)) * unit,
    policy: cut.policies[i % cut.policies.length]!,
  }));
}

/**
 * Each task either runs its time, or blocks at once on a lock of its own whose holder, its body, runs that time instead.
 * Bodies are in a class that picks them only until they hold their locks.
 */
function proxyScenario(cut: ClassUnderTest, tasks: ReturnType<typeof oneLiners>, withBodies: boolean): Scenario {
  const unit = cut.unit ?? 1_000_000;
  const bodies = Object.fromEntries(
    tasks.map(({ ns }, i): [string, TestTask] => [
      `body${i}`,
      { ops: withBodies ? [lock(i), yields, run(ns), unlock(i)] : [], policy: { kind: 'custom', class: 'bodies', params: {} } },
    ]),
  );
  const named = Object.fromEntries(
    tasks.map(({ ns, start, policy }, i): [string, TestTask] => [
      `task${i}`,
      { ops: withBodies ? [lock(i), unlock(i)] : [run(ns)], policy, start },
    ]),
  );
  return scenarioOf({ mutexes: tasks.length, tasks: { ...bodies, ...named }, until: 10_000 * unit, machine: { hz: cut.hz ?? null } });
}

/** Whose name time passed in, neighbours joined. */
function donors(ran: readonly { readonly donor: string; readonly from: Nanos; readonly to: Nanos }[]): string[] {
  const joined: { donor: string; from: Nanos; to: Nanos }[] = [];
  for (const { donor, from, to } of ran) {
    if (donor.startsWith('body')) continue;
    const last = joined.at(-1);
    if (last !== undefined && last.donor === donor && last.to === from) last.to = to;
    else joined.push({ donor, from, to });
  }
  return joined.map(r => `${r.donor} ${r.from}-${r.to}`);
}

/** How much time passed in whose name. */
function timeByDonor(ran: Parameters<typeof donors>[0]): string[] {
  const time = new Map<string, Nanos>();
  for (const { donor, from, to } of ran) if (!donor.startsWith('body')) time.set(donor, (time.get(donor) ?? 0) + to - from);
  return [...time].map(([donor, ns]) => `${donor} ${ns}`).sort();
}

/** Lives by donations: it picks its tasks at the very beginning only. */
class Bodies implements SchedClass {
  readonly name = 'bodies';
  readonly policies = [] as const;
  private readonly queue: Task[] = [];

  constructor(private readonly kernel: Kernel) {}

  init(): void {
    // one CPU, one queue
  }

  entity(task: Task): SchedEntity {
    return { owner: task };
  }

  enqueueTask(_rq: RunQueue, p: Task): void {
    this.queue.push(p);
  }

  dequeueTask(_rq: RunQueue, p: Task): void {
    this.queue.splice(this.queue.indexOf(p), 1);
  }

  /** Each in turn until it has yielded, with its lock. */
  pickTask(): Task | null {
    return this.kernel.queue.now > 0 ? null : (this.queue.find(p => p.exec.pc < 2) ?? null);
  }

  updateCurr(): void {
    // time is free
  }

  wakeupPreempt(): boolean {
    return false;
  }
}
