import {
  ENQUEUE_HEAD,
  kernelPrio,
  NEVER,
  WAKE_FORK,
  WAKE_TTWU,
  type CpuId,
  type Policy,
  type SchedClass,
  type Task,
} from '@proxysched/core';
import * as fc from 'fast-check';
import { RtClass } from '../src/rt-class.js';
import { FakeKernel } from './fake-kernel.js';

const MS = 1e6;
const fifo = (prio: number): Policy => ({ kind: 'fifo', prio });
const rr = (prio: number): Policy => ({ kind: 'rr', prio });

function machine(cpus = 1, hz: number | null = null, options: Record<string, number> = {}): { m: FakeKernel; cls: RtClass } {
  const m = new FakeKernel(cpus, hz);
  const cls = new RtClass(m.kernel, options);
  m.attach(cls);
  return { m, cls };
}

/** Contexts of a CPU in the order in which they would be picked. */
function order(m: FakeKernel, cls: RtClass, cpu = 0): string[] {
  const rows: string[] = [];
  cls.dump(m.rqs[cpu]!, {
    section: () => undefined,
    field: () => undefined,
    row: cells => void rows.push(String(cells[0]).split('/')[0]!),
  });
  return rows;
}

function clean(m: FakeKernel, cls: RtClass): void {
  const broken: string[] = [];
  for (const rq of m.rqs) cls.check(rq, { fail: (code, detail) => void broken.push(`${code} ${detail}`) });
  expect(broken).toEqual([]);
}

describe('places in the list (fact sheet 4)', () => {
  test('a wake-up goes to the tail; a preempted one keeps the head', () => {
    const { m, cls } = machine();
    const [a, b, c] = [m.task(fifo(10)), m.task(fifo(10)), m.task(fifo(20))];
    m.wake(a, 0);
    expect(m.schedule(0)).toBe(a);
    m.wake(b, 0);
    m.wake(c, 0);
    expect(m.schedule(0)).toBe(c);
    expect(order(m, cls)).toEqual(['t3', 't1', 't2']);
  });

  test('raised: tail. Lowered: head. Unchanged, also from FIFO to RR: where it was', () => {
    const { m, cls } = machine();
    const [a, b, c] = [m.task(fifo(10)), m.task(fifo(10)), m.task(fifo(10))];
    for (const p of [a, b, c]) m.wake(p, 0);
    m.setPolicy(b, rr(10));
    expect(order(m, cls)).toEqual(['t1', 't2', 't3']);
    m.setPolicy(c, fifo(10));
    m.setPolicy(a, fifo(10));
    expect(order(m, cls)).toEqual(['t1', 't2', 't3']);
    m.setPolicy(c, fifo(20));
    m.setPolicy(a, fifo(20));
    expect(order(m, cls)).toEqual(['t3', 't1', 't2']);
    m.setPolicy(a, fifo(10), ENQUEUE_HEAD);
    expect(order(m, cls)).toEqual(['t3', 't1', 't2']);
    m.setPolicy(a, fifo(5), ENQUEUE_HEAD);
    expect(order(m, cls)).toEqual(['t3', 't2', 't1']);
    clean(m, cls);
  });

  test('yield: to the tail, and no lower priority runs', () => {
    const { m, cls } = machine();
    const [a, b, low] = [m.task(fifo(10)), m.task(fifo(10)), m.task(fifo(5))];
    for (const p of [a, b, low]) m.wake(p, 0);
    m.schedule(0);
    cls.yieldTask(m.rqs[0]!);
    expect(order(m, cls)).toEqual(['t2', 't1', 't3']);
    m.deactivate(m.rqs[0]!, b, 1);
    cls.yieldTask(m.rqs[0]!);
    expect(m.schedule(0)).toBe(a);
  });
});

describe('preemption', () => {
  test('only the strictly more urgent', () => {
    const { m, cls } = machine();
    const [a, equal, better, worse] = [m.task(fifo(10)), m.task(rr(10)), m.task(fifo(11)), m.task(fifo(9))];
    m.wake(a, 0);
    m.schedule(0);
    for (const p of [equal, better, worse]) m.wake(p, 0);
    const preempts = (p: Task): boolean => cls.wakeupPreempt(m.rqs[0]!, p, WAKE_TTWU);
    expect([equal, better, worse].map(preempts)).toEqual([false, true, false]);
  });

  test('an equal that can run nowhere else goes first when who runs can leave', () => {
    const { m, cls } = machine(2);
    const [a, pinned] = [m.task(fifo(10)), m.task(fifo(10), [0])];
    m.wake(a, 0);
    m.schedule(0);
    m.wake(pinned, 0);
    expect(cls.wakeupPreempt(m.rqs[0]!, pinned, 0)).toBe(false);
    expect(cls.wakeupPreempt(m.rqs[0]!, pinned, WAKE_TTWU)).toBe(true);
    expect(order(m, cls)).toEqual(['t2', 't1']);
  });

  test('… and does not when there is no place to go', () => {
    const { m, cls } = machine(2);
    const [a, pinned, other] = [m.task(fifo(10)), m.task(fifo(10), [0]), m.task(fifo(10))];
    m.wake(other, 1);
    m.wake(a, 0);
    m.schedule(0);
    m.wake(pinned, 0);
    expect(cls.wakeupPreempt(m.rqs[0]!, pinned, WAKE_TTWU)).toBe(false);
  });
});

describe('round robin', () => {
  test('exact: a slice ends after its time, at the tail, and only among equals', () => {
    const { m, cls } = machine(1, null, { 'rt.rrTimeslice': 10 * MS });
    const [a, b, low] = [m.task(rr(10)), m.task(rr(10)), m.task(rr(5))];
    m.wake(a, 0);
    m.wake(low, 0);
    const rq = m.rqs[0]!;
    m.schedule(0);
    expect(cls.sliceLeft(rq, a)).toBe(NEVER);
    m.advance(24 * MS);
    m.wake(b, 0);
    expect(cls.sliceLeft(rq, a)).toBe(6 * MS);
    m.advance(30 * MS);
    expect(m.schedule(0)).toBe(b);
    expect(cls.sliceLeft(rq, b)).toBe(10 * MS);
    expect(order(m, cls)).toEqual(['t2', 't1', 't3']);
  });

  test('FIFO has no slice', () => {
    const { m, cls } = machine();
    const [a, b] = [m.task(fifo(10)), m.task(fifo(10))];
    m.wake(a, 0);
    m.wake(b, 0);
    m.schedule(0);
    expect(cls.sliceLeft(m.rqs[0]!, a)).toBe(NEVER);
    m.advance(500 * MS);
    expect(m.schedule(0)).toBe(a);
  });

  test('with a tick: counted in ticks, and the counter survives preemption', () => {
    const { m, cls } = machine(1, 250, { 'rt.rrTimeslice': 9 * MS });
    const [a, b, high] = [m.task(rr(10)), m.task(rr(10)), m.task(fifo(20))];
    const rq = m.rqs[0]!;
    const tick = (donor: Task): void => {
      m.advance(m.queue.now + 4 * MS);
      m.charge(rq);
      cls.taskTick(rq, donor);
    };
    m.wake(a, 0);
    m.wake(b, 0);
    m.schedule(0);
    expect(cls.sliceLeft(rq, a)).toBe(NEVER);
    tick(a);
    tick(a);
    m.wake(high, 0);
    m.schedule(0);
    tick(high);
    m.deactivate(rq, high, 1);
    expect(m.schedule(0)).toBe(a);
    cls.taskTick(rq, a); // at the instant at which it begins: the tick of the one before
    expect(rq.needResched).toBe(false);
    tick(a);
    expect(rq.needResched).toBe(true);
    expect(m.schedule(0)).toBe(b);
  });

  test('a slice of 0 or less is the default of 100 ms', () => {
    const { m, cls } = machine(1, null, { 'rt.rrTimeslice': 0 });
    const [a, b] = [m.task(rr(10)), m.task(rr(10))];
    m.wake(a, 0);
    m.wake(b, 0);
    m.schedule(0);
    expect(cls.sliceLeft(m.rqs[0]!, a)).toBe(100 * MS);
  });
});

describe('placement (fact sheet 5)', () => {
  const place = (cls: RtClass, p: Task, prev: number, flags = WAKE_TTWU): number => cls.selectTaskRq(p, prev as CpuId, flags);

  test('who beats the donor stays, who loses goes to the lowest level', () => {
    const { m, cls } = machine(4);
    for (const [cpu, prio] of [50, 20, 10, 10].entries()) {
      m.wake(m.task(fifo(prio)), cpu);
      m.schedule(cpu);
    }
    expect(place(cls, m.task(fifo(60)), 0)).toBe(0);
    // Among equals one after the other.
    expect(place(cls, m.task(fifo(50)), 0)).toBe(2);
    expect(place(cls, m.task(fifo(50)), 0, WAKE_FORK)).toBe(3);
    expect(place(cls, m.task(fifo(15)), 0)).toBe(2);
    expect(place(cls, m.task(fifo(15), [0, 1, 3]), 0)).toBe(3);
    expect(place(cls, m.task(fifo(10)), 0)).toBe(0);
    expect(place(cls, m.task(fifo(15), [0]), 0)).toBe(0);
  });

  test('a CPU with nothing real-time is lowest; nobody is chased from the CPU he is bound to', () => {
    const { m, cls } = machine(3);
    m.wake(m.task(fifo(10), [0]), 0);
    m.schedule(0);
    m.wake(m.task(fifo(1)), 1);
    m.schedule(1);
    expect(place(cls, m.task(fifo(50)), 0)).toBe(2);
  });

  test('a donor of a lower class is preempted; a forbidden CPU is never chosen', () => {
    const { m, cls } = machine(2);
    expect(place(cls, m.task(fifo(1)), 1)).toBe(1);
    expect(place(cls, m.task(fifo(1), [1]), 0)).toBe(1);
    expect(place(cls, m.task(fifo(1)), 1, 0)).toBe(1);
  });

  test('a CPU with a pickable context of a higher class is above every level', () => {
    const m = new FakeKernel(3);
    const cls = new RtClass(m.kernel, {});
    let pick: Task | null = null;
    const above = { name: 'above', policies: [], init: () => undefined, pickTask: () => pick } as unknown as SchedClass;
    m.attach(above, cls);
    const runs = m.task(fifo(50), undefined, cls);
    m.wake(runs, 0);
    m.schedule(0);
    m.rqs[1]!.nrByClass[0] = 1;
    const p = m.task(fifo(40), undefined, cls);
    expect(place(cls, p, 0)).toBe(1);
    pick = runs;
    expect(place(cls, p, 0)).toBe(2);
  });
});

test('pushable: the most urgent that may go, past the donor, the blocked and the bound', () => {
  const { m, cls } = machine(3);
  const rq = m.rqs[0]!;
  const [donor, blocked, bound, half, free] = [
    m.task(fifo(50)),
    m.task(fifo(40)),
    m.task(fifo(30), [0]),
    m.task(fifo(20), [0, 1]),
    m.task(fifo(10)),
  ];
  for (const p of [donor, blocked, bound, half, free]) m.wake(p, 0);
  blocked.isBlocked = true;
  m.schedule(0);
  expect(cls.pushable(rq)).toBe(half);
  expect(cls.pushable(rq, 1 as CpuId)).toBe(half);
  expect(cls.pushable(rq, 2 as CpuId)).toBe(free);
  blocked.isBlocked = false;
  expect(cls.pushable(rq)).toBe(blocked);
});

describe('the limit (fact sheet 7)', () => {
  test('exact: 950 of every 1000 ms', () => {
    const { m, cls } = machine(1, null, { 'rt.runtime': 950 * MS });
    const p = m.task(fifo(10));
    const rq = m.rqs[0]!;
    m.wake(p, 0);
    m.schedule(0);
    for (const start of [0, 1000, 2000]) {
      expect(rq.donor).toBe(p);
      expect(cls.sliceLeft(rq, p)).toBe(950 * MS);
      m.advance((start + 950) * MS);
      expect(m.schedule(0)).toBe(rq.idle);
      m.advance((start + 1000) * MS);
      m.schedule(0);
    }
    expect(m.marks.slice(0, 2)).toEqual(['950000000 throttle 0 t1 950000000', '1000000000 replenish 0 swapper 0']);
  });

  test('with a tick the overrun is paid back', () => {
    const { m } = machine(1, 100, { 'rt.runtime': 95 * MS, 'rt.period': 100 * MS });
    const p = m.task(fifo(10));
    const rq = m.rqs[0]!;
    m.wake(p, 0);
    let ran = 0;
    m.schedule(0);
    for (let tick = 1; tick <= 100; tick++) {
      if (rq.donor === p) ran += 10;
      m.advance(tick * 10 * MS);
      m.schedule(0);
    }
    expect(ran).toBeGreaterThanOrEqual(940);
    expect(ran).toBeLessThanOrEqual(960);
  });

  test('a limit of 0: never; and the timer rests when nothing is queued', () => {
    const { m } = machine(1, null, { 'rt.runtime': 0 });
    const p = m.task(fifo(10));
    m.wake(p, 0);
    expect(m.schedule(0)).toBe(m.rqs[0]!.idle);
    m.deactivate(m.rqs[0]!, p, 1);
    m.advance(5000 * MS);
    expect(m.queue.size).toBe(0);
  });
});

test('the pick is what a scan of a plain list picks, and picking changes nothing', () => {
  const step = fc.record({
    what: fc.constantFrom('wake', 'sleep', 'raise', 'lower', 'yield', 'run'),
    who: fc.nat(5),
    prio: fc.integer({ min: 1, max: 4 }),
    time: fc.integer({ min: 1, max: 25 }),
  });
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), fc.array(step, { maxLength: 80 }), (robins, steps) => {
      const { m, cls } = machine(1, null, { 'rt.rrTimeslice': 10 });
      const rq = m.rqs[0]!;
      const policy = (who: number, prio: number): Policy => (robins[who]! ? rr(prio) : fifo(prio));
      const all = robins.map((_, who) => m.task(policy(who, 1 + (who % 4))));
      /** Queued tasks in order of arrival at their places; the pick is the first among the most urgent. */
      let model: Task[] = [];
      const left = new Map(all.map(p => [p, 10]));
      const prioOf = (p: Task): number => kernelPrio(p.sched.policy);
      const best = (): Task | undefined => [...model].sort((a, b) => prioOf(a) - prioOf(b))[0];
      const toTail = (p: Task): void => void (model = [...model.filter(q => q !== p), p]);
      for (const { what, who, prio, time } of steps) {
        const p = all[who]!;
        const queued = p.onRq === 'queued';
        const now = prioOf(p);
        const next = kernelPrio(policy(who, prio));
        if (what === 'wake' && !queued) {
          m.wake(p, 0);
          toTail(p);
        } else if (what === 'sleep' && queued) {
          m.deactivate(rq, p, 1);
          model = model.filter(q => q !== p);
        } else if (what === 'raise' && next < now) {
          m.setPolicy(p, policy(who, prio));
          if (queued) toTail(p);
        } else if (what === 'lower' && next > now) {
          m.setPolicy(p, policy(who, prio), ENQUEUE_HEAD);
          if (queued) model = [p, ...model.filter(q => q !== p)];
        } else if (what === 'yield' && rq.donor !== rq.idle && rq.donor.onRq === 'queued') {
          cls.yieldTask(rq);
          toTail(rq.donor);
        } else if (what === 'run') {
          const { donor } = rq;
          const equals = model.filter(q => prioOf(q) === prioOf(donor)).length > 1;
          // As with the exact timer: never past the end of a slice that matters.
          const slice = left.get(donor) ?? 0;
          const ran = donor !== rq.idle && donor.sched.policy.kind === 'rr' && equals ? Math.min(time, slice) : time;
          m.advance(m.queue.now + ran);
          if (donor.sched.policy.kind === 'rr' && donor !== rq.idle) {
            left.set(donor, slice > ran ? slice - ran : 10 - ((ran - slice) % 10));
            if (ran >= slice && equals) toTail(donor);
          }
        }
        m.schedule(0);
        expect(cls.pickTask(rq)).toBe(best() ?? null);
        expect(cls.pickTask(rq)).toBe(best() ?? null);
        expect(rq.donor).toBe(best() ?? rq.idle);
        clean(m, cls);
      }
    }),
  );
});
