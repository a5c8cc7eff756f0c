import type { CpuId, Kernel, RunQueue, SchedClass, Task } from '@proxysched/core';
import {
  fifo,
  FixedPriority,
  nice,
  RoundRobin,
  run,
  runOf,
  scenarioOf,
  setPolicy,
  sleep,
  type TestMachine,
  type TestTask,
} from '@proxysched/core/test-kit';
import * as fc from 'fast-check';
import { PushPull } from '../src/push-pull.js';

/** A strict class that answers what push and pull ask, by looking everywhere; a wake-up stays where it was, so that only they spread. */
class Rt extends FixedPriority {
  override readonly name = 'rt';
  constructor(private readonly k: Kernel) {
    super(k);
  }
  override selectTaskRq(_p: Task, prev: CpuId): CpuId {
    return prev;
  }
  override pushable(rq: RunQueue, to?: CpuId): Task | null {
    const all = this.k.tasks.filter(p => p.cpu === rq.cpu && p.sched.cls === this && this.k.isMovable(p) && p.exec.cpusAllowed.size > 1);
    const may = all.filter(p => to === undefined || p.exec.cpusAllowed.has(to));
    const p = may.sort((a, b) => this.compare(a, b))[0] ?? null;
    return p === null || this.beats(p, rq.donor) ? null : p;
  }
  findRq(p: Task, here: CpuId): CpuId | -1 {
    const lower = this.k.rqs.filter(
      rq => rq.cpu !== here && p.exec.cpusAllowed.has(rq.cpu) && rq.nrByClass[0] === 0 && this.beats(p, this.pickTask(rq) ?? rq.idle),
    );
    const order = (rq: RunQueue): number => (this.pickTask(rq)?.sched.policy as { prio?: number } | undefined)?.prio ?? 0;
    return lower.sort((a, b) => order(a) - order(b) || a.cpu - b.cpu)[0]?.cpu ?? -1;
  }
  needPull(rq: RunQueue, prev: Task): boolean {
    if (prev.sched.cls === this && prev.onRq === 'queued' && prev.cpu === rq.cpu) return false;
    const best = this.pickTask(rq);
    return best === null || this.beats(prev, best);
  }
  private beats(p: Task, other: Task): boolean {
    const [a, b] = [this.k.rank(p.sched.cls), this.k.rank(other.sched.cls)];
    return a === b ? this.compare(p, other) < 0 : a < b;
  }
}

/** A class above that nobody balances. */
class Above extends FixedPriority {
  override readonly name = 'above';
  override readonly policies = [] as never;
}

const above = { kind: 'custom', class: 'above', params: {} } as const;

function play(cpus: number, tasks: Record<string, TestTask>, probe?: (kernel: Kernel) => void): TestMachine {
  return runOf(scenarioOf({ cpus, tasks, until: 10_000 }), {
    classes: (kernel): SchedClass[] => [new Above(kernel), new Rt(kernel), new RoundRobin(kernel)],
    balancers: kernel => [new PushPull(kernel)],
    ...(probe === undefined ? {} : { probe }),
  });
}

const on = (cpu: number, priority: number, ns: number, more: Partial<TestTask> = {}): TestTask => ({
  ops: [run(ns)],
  policy: fifo(priority),
  cpu,
  ...more,
});

test('push: what wakes behind something more urgent goes where it runs at once', () => {
  const m = play(2, { high: on(0, 20, 100), low: on(0, 10, 100, { start: 10 }) });
  expect(m.sink.stretches('high')).toEqual(['0:0-100']);
  expect(m.sink.stretches('low')).toEqual(['1:10-110']);
});

test('push: what was preempted goes where somebody less urgent runs', () => {
  const m = play(2, { low: on(1, 5, 100), mid: on(0, 10, 100), high: on(0, 20, 100, { start: 30, cpus: [0] }) });
  expect(m.sink.stretches('mid')).toEqual(['0:0-30', '1:30-100']);
  expect(m.sink.stretches('low')).toEqual(['1:0-30', '1:100-170']);
});

test('nothing is pushed to an equal, nor where it may not run', () => {
  const m = play(2, { a: on(0, 10, 50), b: on(1, 10, 50), c: on(0, 10, 50, { start: 1 }), d: on(0, 9, 50, { start: 2, cpus: [0] }) });
  expect(m.sink.stretches('c')).toEqual(['0:50-100']);
  expect(m.sink.stretches('d')).toEqual(['0:100-150']);
});

test('pull: a CPU that loses its urgent work fetches what waits elsewhere', () => {
  const m = play(2, {
    a: on(0, 20, 100, { cpus: [0] }),
    b: on(1, 20, 40, { cpus: [1] }),
    waits: on(0, 10, 50, { start: 5 }),
    fair: { ops: [run(500)], policy: nice(0), cpu: 1 },
  });
  expect(m.sink.stretches('waits')).toEqual(['1:40-90']);
});

test('pull: also what waits alone of its class behind a higher one', () => {
  const m = play(2, {
    top: { ops: [run(100)], policy: above, cpu: 0, cpus: [0] },
    b: on(1, 20, 40, { cpus: [1] }),
    waits: on(0, 10, 50, { start: 5 }),
  });
  expect(m.sink.stretches('waits')).toEqual(['1:40-90']);
});

test('pull: the loss of a donor of a higher class lets classes below pull', () => {
  const m = play(2, {
    top: { ops: [run(40)], policy: above, cpu: 1, cpus: [1] },
    a: on(0, 20, 100, { cpus: [0] }),
    waits: on(0, 10, 50, { start: 5 }),
  });
  expect(m.sink.stretches('waits')).toEqual(['1:40-90']);
});

test('pull: past a candidate that may not come', () => {
  const m = play(3, {
    a: on(0, 30, 100, { cpus: [0] }),
    b: on(1, 30, 40, { cpus: [1] }),
    c: on(2, 30, 100, { cpus: [2] }),
    no: on(0, 20, 50, { start: 5, cpus: [0, 2] }),
    yes: on(0, 10, 50, { start: 5, cpus: [0, 1] }),
  });
  expect(m.sink.stretches('yes')).toEqual(['1:40-90']);
  expect(m.sink.stretches('no')).toEqual(['0:100-150']);
});

test.each([
  ['is lowered', fifo(5)],
  ['leaves the class', nice(0)],
])('pull: a donor that %s makes room', (_, policy) => {
  const m = play(2, {
    a: on(0, 20, 100, { cpus: [0] }),
    b: { ops: [run(20), setPolicy(policy), run(100)], policy: fifo(30), cpu: 1, cpus: [1] },
    waits: on(0, 10, 50, { start: 5 }),
  });
  expect(m.sink.stretches('waits')).toEqual(['1:20-70']);
});

test('one CPU: nothing to do', () => {
  const m = play(1, { a: on(0, 20, 10), b: on(0, 10, 10) });
  expect(m.sink.of('schedMigrate')).toEqual([]);
});

test('with full affinity the m most urgent run, after every event', () => {
  const task = fc.record({
    prio: fc.integer({ min: 1, max: 5 }),
    start: fc.nat(20),
    work: fc.integer({ min: 1, max: 30 }),
    cpu: fc.nat(2),
    naps: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3 }), fc.array(task, { minLength: 1, maxLength: 8 }), (cpus, set) => {
      const wrong: string[] = [];
      const tasks = Object.fromEntries(
        set.map(({ prio, start, work, cpu, naps }, i): [string, TestTask] => [
          `t${i}`,
          { ops: naps ? [run(work), sleep(7), run(work)] : [run(work)], policy: fifo(prio), start, cpu: cpu % cpus },
        ]),
      );
      const m = play(cpus, tasks, kernel => {
        const prioOf = (p: Task): number => (p.sched.policy.kind === 'fifo' ? p.sched.policy.prio : 0);
        const runnable = kernel.tasks
          .filter(p => p.onRq === 'queued')
          .map(prioOf)
          .sort((a, b) => b - a);
        const running = kernel.rqs
          .filter(rq => rq.curr !== rq.idle)
          .map(rq => prioOf(rq.curr))
          .sort((a, b) => b - a);
        const best = runnable.slice(0, cpus);
        if (String(best) !== String(running)) wrong.push(`${kernel.queue.now}: ${String(running)} run, ${String(best)} should`);
      });
      expect(wrong).toEqual([]);
      expect(m.machine.tasks.every(p => p.state === 'dead')).toBe(true);
    }),
  );
});
