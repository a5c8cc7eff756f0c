import {
  DEQUEUE_SAVE,
  DEQUEUE_SLEEP,
  ENQUEUE_INITIAL,
  ENQUEUE_RESTORE,
  NEVER,
  TaskGroup,
  WAKE_FORK,
  WAKE_TTWU,
  type CpuId,
  type OptionValue,
  type Task,
} from '@proxysched/core';
import type { FairEntity } from '../src/fair-entity.js';
import { FakeKernel } from './fake-kernel.js';

const MS = 1_000_000;
const fair = (p: Task): FairEntity => p.sched.entity as FairEntity;

/** One CPU at HZ 1000 with tasks just forked; the first was picked. */
function oneCpu(options: Readonly<Record<string, OptionValue>>, ...nice: number[]): { k: FakeKernel; tasks: Task[] } {
  const k = new FakeKernel(1, 1000, { 'fair.slice': 2_800_000, ...options });
  const tasks = nice.map((n, i) => k.task(`t${i + 1}`, { kind: 'normal', nice: n }));
  for (const p of tasks) k.enqueue(k.rqs[0]!, p, ENQUEUE_INITIAL);
  k.schedule(k.rqs[0]!, null, 0);
  return { k, tasks };
}

function problems(k: FakeKernel): string[] {
  const found: string[] = [];
  for (const rq of k.rqs) k.cls.check(rq, { fail: (code, detail) => found.push(`${code} ${detail}`) });
  return found;
}

/** Runs for `ms` ticks; a requested pick is made at once. */
function tick(k: FakeKernel, ms: number): void {
  const rq = k.rqs[0]!;
  for (let i = 0; i < ms; i++) {
    k.queue.now += MS;
    k.charge(rq);
    k.cls.taskTick(rq, rq.donor);
    if (rq.needResched) k.schedule(rq, null, 0);
    expect(problems(k)).toEqual([]);
  }
}

test('the worked start: equal hogs alternate, each pick the earliest eligible deadline', () => {
  const { k, tasks } = oneCpu({}, 0, 0);
  const [t1] = tasks as [Task, Task];
  expect(fair(t1).vruntime).toBe(-1048576);
  expect(fair(t1).deadline).toBe(-1048576 + 1_400_000);
  const order: Task[] = [];
  for (let i = 0; i < 12; i++) {
    order.push(k.rqs[0]!.donor);
    tick(k, 1);
  }
  expect(order.map(p => p.comm).join(' ')).toBe('t1 t1 t2 t2 t1 t1 t1 t2 t2 t2 t1 t1');
});

test('a sleeper that had more than its share stays queued until its debt has decayed', () => {
  const { k, tasks } = oneCpu({}, 0, 0, 0);
  const rq = k.rqs[0]!;
  const [t1] = tasks as [Task];
  k.queue.now += MS;
  k.schedule(rq, t1, DEQUEUE_SLEEP);
  expect([t1.schedDelayed, fair(t1).onRq, fair(t1).vlag < 0]).toEqual([true, true, true]);
  expect(problems(k)).toEqual([]);
  tick(k, 20);
  expect([t1.schedDelayed, fair(t1).onRq, fair(t1).vlag]).toEqual([false, false, 0]);
});

test('the pick never is a delayed task, and looking changes nothing', () => {
  const { k, tasks } = oneCpu({}, 0, 5, -5, 0);
  const rq = k.rqs[0]!;
  k.queue.now += MS;
  k.schedule(rq, tasks[0]!, DEQUEUE_SLEEP);
  for (let i = 0; i < 10; i++) {
    k.queue.now += MS;
    k.charge(rq);
    k.cls.settle(rq);
    const state = JSON.stringify([...k.cls.queue(rq).tree].map(e => [e.owner.comm, e.vruntime, e.deadline]));
    const pick = k.cls.pickTask(rq)!;
    expect(pick.schedDelayed).toBe(false);
    expect(k.cls.pickTask(rq)).toBe(pick);
    expect(JSON.stringify([...k.cls.queue(rq).tree].map(e => [e.owner.comm, e.vruntime, e.deadline]))).toBe(state);
    k.schedule(rq, null, 0);
  }
});

test('a change of nice keeps service owed: lag and the time to the deadline are rescaled', () => {
  const { k, tasks } = oneCpu({}, 0, 0);
  const rq = k.rqs[0]!;
  const p = tasks[1]!;
  k.queue.now += MS;
  k.charge(rq);
  const q = k.cls.queue(rq);
  const owed = (q.virtualTime() - fair(p).vruntime) * fair(p).weight;
  k.change(rq, p, { kind: 'normal', nice: 5 });
  const kept = (q.virtualTime() - fair(p).vruntime) * fair(p).weight;
  expect(Math.abs(kept - owed)).toBeLessThan(4 * (1 << 20));
  expect(problems(k)).toEqual([]);
});

test('a delayed task that is changed stays delayed', () => {
  const { k, tasks } = oneCpu({}, 0, 0, 0);
  const rq = k.rqs[0]!;
  const p = tasks[0]!;
  k.queue.now += MS;
  k.schedule(rq, p, DEQUEUE_SLEEP);
  k.cls.dequeueTask(rq, p, DEQUEUE_SAVE);
  p.sched.policy = { kind: 'normal', nice: 3 };
  k.cls.enqueueTask(rq, p, ENQUEUE_RESTORE);
  expect(fair(p).delayed).toBe(true);
  expect(problems(k)).toEqual([]);
});

test.each([-20, -7, 0, 5, 19])('slice left at nice %i: charged that long, v reaches d, and not before', nice => {
  for (const version of ['7.3', '6.12']) {
    const { k, tasks } = oneCpu({ 'fair.version': version }, nice);
    const rq = k.rqs[0]!;
    expect(k.cls.sliceLeft(rq, rq.donor)).toBe(NEVER);
    k.enqueue(rq, k.task('other', { kind: 'normal', nice: 0 }), ENQUEUE_INITIAL);
    const e = fair(tasks[0]!);
    const q = k.cls.queue(rq);
    for (let left = e.deadline - e.vruntime; left > 1; left = Math.floor(left / 3)) {
      e.vruntime = e.deadline - left;
      const wall = k.cls.sliceLeft(rq, rq.donor);
      expect(q.calcDelta(wall, e)).toBeGreaterThanOrEqual(left);
      expect(q.calcDelta(wall - 1, e)).toBeLessThan(left);
    }
    e.vruntime = e.deadline;
    expect(k.cls.sliceLeft(rq, rq.donor)).toBe(1);
  }
});

test('idle policy: preempted by others at once, never preempts', () => {
  const k = new FakeKernel(1, 1000, {});
  const rq = k.rqs[0]!;
  const lazy = k.task('lazy', { kind: 'idle', nice: 0 });
  const busy = k.task('busy', { kind: 'normal', nice: 0 });
  k.enqueue(rq, lazy, ENQUEUE_INITIAL);
  k.schedule(rq, null, 0);
  k.enqueue(rq, busy, ENQUEUE_INITIAL);
  expect(k.cls.wakeupPreempt(rq, busy, WAKE_FORK)).toBe(true);
  k.schedule(rq, null, 0);
  expect(k.cls.wakeupPreempt(rq, lazy, WAKE_TTWU)).toBe(false);
});

test('groups share by shares, whatever the number of their tasks', () => {
  const k = new FakeKernel(1, 1000, {});
  const rq = k.rqs[0]!;
  const root = new TaskGroup(0, '/', 1024, null);
  const a = new TaskGroup(1, 'a', 1024, root);
  const b = new TaskGroup(2, 'b', 512, root);
  const inner = new TaskGroup(3, 'a/inner', 1024, a);
  const tasks = [a, inner, b].map((group, i) => k.task(`t${i}`, { kind: 'normal', nice: 0 }, group));
  for (const p of tasks) k.enqueue(rq, p, ENQUEUE_INITIAL);
  const ran = new Map<Task, number>();
  k.schedule(rq, null, 0);
  for (let i = 0; i < 3000; i++) {
    ran.set(rq.donor, (ran.get(rq.donor) ?? 0) + 1);
    tick(k, 1);
  }
  const share = tasks.map(p => (ran.get(p) ?? 0) / 1000);
  // a : b = 2 : 1, and inside a its task and its subgroup are equals.
  expect(share.map(s => Math.round(s * 20) / 20)).toEqual([1, 1, 1]);
});

test('where a task wakes: its CPU if idle, an idle one, its CPU; a new one where least is queued', () => {
  const k = new FakeKernel(4, 1000, {});
  const p = k.task('p', { kind: 'normal', nice: 0 });
  const at = (cpu: number): CpuId => cpu as CpuId;
  k.idleCpus.add(at(1));
  k.idleCpus.add(at(3));
  expect(k.cls.selectTaskRq(p, at(3), WAKE_TTWU, at(0))).toBe(3);
  expect(k.cls.selectTaskRq(p, at(2), WAKE_TTWU, at(0))).toBe(1);
  p.exec.cpusAllowed.delete(at(1));
  p.exec.cpusAllowed.delete(at(3));
  expect(k.cls.selectTaskRq(p, at(2), WAKE_TTWU, at(0))).toBe(2);
  k.rqs[2]!.nrQueued = 1;
  k.rqs[0]!.nrQueued = 2;
  expect(k.cls.selectTaskRq(p, at(0), WAKE_FORK, at(0))).toBe(2);
  expect(k.cls.selectTaskRq(p, at(1), WAKE_TTWU, at(0))).toBe(2);
});

test('balancers compare by deadline; a dump names the fields', () => {
  const { k, tasks } = oneCpu({}, 0, -10);
  expect(k.cls.compare(tasks[0]!, tasks[1]!)).toBeGreaterThan(0);
  const lines: string[] = [];
  k.cls.dump(k.rqs[0]!, {
    section: title => lines.push(title),
    field: (name, value) => lines.push(`${name} ${value}`),
    row: cells => lines.push(cells.join(' ')),
  });
  expect(lines[0]).toBe('cfs_rq[0]');
  expect(lines).toContain('nr_queued 2');
});

test('the check sees what was spoilt', () => {
  const { k, tasks } = oneCpu({}, 0, 0, 0);
  expect(problems(k)).toEqual([]);
  const e = fair(tasks[2]!);
  e.vruntime += 5;
  e.relDeadline = true;
  k.cls.queue(k.rqs[0]!).nrDelayed++;
  expect(problems(k).map(p => p.slice(0, 4))).toEqual(['F102', 'F103', 'F104', 'F105']);
});
