/**
 * Where tasks wake and start: each step of `select_task_rq_fair` by itself, then the search by words of sets against a search CPU by CPU
 * as `pelt-and-balance.md` 4.2 tells it.
 */
import { WAKE_FORK, WAKE_SYNC, WAKE_TTWU, type CpuId, type RegularTopology, type Task } from '@proxysched/core';
import fc from 'fast-check';
import type { Placement } from '../src/placement.js';
import { FakeMachine } from './fake-machine.js';

const wake = (place: Placement, p: Task, prev: number, from: number, flags = 0): number =>
  place.selectTaskRq(p, prev as CpuId, WAKE_TTWU | flags, from as CpuId);
const fork = (place: Placement, p: Task, from: number): number => place.selectTaskRq(p, from as CpuId, WAKE_FORK, from as CpuId);

describe('a wake-up under one cache', () => {
  test('goes where the task was, if that is idle', () => {
    const m = new FakeMachine('smp-4');
    m.occupy(0);
    expect(wake(m.place(), m.task(1), 2, 0)).toBe(2);
  });

  test('else to an idle CPU after it, wrapping round', () => {
    const m = new FakeMachine('smp-4');
    m.occupyAllBut(1);
    expect(wake(m.place(), m.task(1), 2, 2)).toBe(1);
    m.free(3);
    expect(wake(m.place(), m.task(1), 2, 2)).toBe(3);
  });

  test('an interrupt on an idle CPU draws it there, if it was on a busy one', () => {
    const m = new FakeMachine('smp-4');
    m.occupyAllBut(0, 3);
    expect(wake(m.place(), m.task(1), 2, 0)).toBe(0);
    expect(wake(m.place({ 'placement.waIdle': false, 'placement.waWeight': false }), m.task(1), 2, 0)).toBe(3);
  });

  test('to the CPU before the last, sooner than to one it has never seen', () => {
    const m = new FakeMachine('smp-4');
    const p = m.task(1);
    const place = m.place();
    m.occupyAllBut(0, 1, 3);
    m.occupy(3);
    expect(wake(place, p, 3, 3)).toBe(0); // and 3 is remembered
    m.occupy(0);
    m.free(3);
    m.free(2);
    m.free(1);
    expect(wake(place, p, 0, 0)).toBe(3);
    expect(wake(m.place(), m.task(2), 0, 0)).toBe(1);
  });

  test('stays where it was when nobody is idle, or goes to its waker, whose load is less', () => {
    const m = new FakeMachine('smp-2');
    m.occupyAllBut();
    expect(wake(m.place(), m.task(1), 1, 0)).toBe(1);
    m.occupy(1, 6);
    expect(wake(m.place(), m.task(1), 1, 0)).toBe(0);
    expect(wake(m.place({ 'placement.waWeight': false }), m.task(1), 1, 0)).toBe(1);
  });

  test('a waker that is alone and about to sleep leaves it its CPU', () => {
    const m = new FakeMachine('smp-2');
    m.occupyAllBut();
    expect(wake(m.place(), m.task(1), 1, 0, WAKE_SYNC)).toBe(0);
  });

  test('who wakes many, and is woken by many, draws nobody', () => {
    const m = new FakeMachine('smp-2');
    const [waker, p] = [m.occupy(0), m.task(1)];
    m.occupy(1, 6);
    const place = m.place();
    expect(wake(place, p, 1, 0)).toBe(0);
    // Both change partners: ten flips of the one, three of the other.
    for (let i = 0; i < 10; i++) wake(place, m.task(20 + i), 1, 0);
    m.rqs[0]!.curr = p;
    for (let i = 0; i < 3; i++) wake(place, m.task(30 + i), 1, 0);
    m.rqs[0]!.curr = waker;
    expect(wake(place, p, 1, 0)).toBe(1);
    // A second later half of that is forgotten, then a half again.
    m.queue.now = 2e9;
    for (const curr of [p, waker]) {
      m.rqs[0]!.curr = curr;
      wake(place, m.task(40), 1, 0);
    }
    m.queue.now = 4e9;
    for (const curr of [p, waker]) {
      m.rqs[0]!.curr = curr;
      wake(place, m.task(41), 1, 0);
    }
    m.queue.now = 6e9;
    m.rqs[0]!.curr = p;
    wake(place, m.task(41), 1, 0);
    m.rqs[0]!.curr = waker;
    expect(wake(place, p, 1, 0)).toBe(0);
  });

  test('who runs SCHED_IDLE only counts as idle', () => {
    const m = new FakeMachine('smp-4');
    m.occupyAllBut();
    m.occupy(3, 2);
    m.idlers[3] = 2;
    expect(wake(m.place(), m.task(1), 1, 1)).toBe(3);
    m.idlers[3] = 1; // somebody else is there as well
    expect(wake(m.place(), m.task(1), 1, 1)).toBe(1);
  });

  test('looks at as many CPUs as utilisation leaves', () => {
    const m = new FakeMachine('smp-8');
    m.occupyAllBut(5);
    const shared = m.topology.llc[0]!.shared!;
    shared.nrIdleScan = 3;
    expect(wake(m.place(), m.task(1), 2, 2)).toBe(5);
    shared.nrIdleScan = 2;
    expect(wake(m.place(), m.task(1), 2, 2)).toBe(2);
    // Only those it may use are looked at.
    expect(wake(m.place(), m.task(1, [2, 4, 5]), 2, 2)).toBe(5);
    shared.nrIdleScan = 0;
    expect(wake(m.place(), m.task(1, [2, 5]), 2, 2)).toBe(2);
    expect(wake(m.place({ 'placement.sisUtil': false }), m.task(1), 2, 2)).toBe(5);
  });
});

describe('a wake-up on a machine with parts', () => {
  test('to an idle core before an idle thread of a busy one', () => {
    const m = new FakeMachine({ cores: 4, threads: 2 });
    for (const cpu of [0, 1]) m.occupy(cpu);
    expect(wake(m.place(), m.task(1), 0, 0)).toBe(2);
  });

  test('no core idle: an idle thread, and the next does not search for a core until one has become idle', () => {
    const m = new FakeMachine({ cores: 4, threads: 2 });
    m.occupyAllBut(6, 4);
    const place = m.place();
    const shared = m.topology.llc[0]!.shared!;
    expect(wake(place, m.task(1), 1, 1)).toBe(6); // the first core with one on the way round
    expect(shared.hasIdleCores).toBe(false);
    expect(wake(place, m.task(1), 0, 0)).toBe(4); // beside the one it was on
    m.free(2);
    place.afterSwitch!(m.rqs[2]!);
    expect(shared.hasIdleCores).toBe(true);
    expect(wake(place, m.task(1), 0, 0)).toBe(2);
  });

  test('from one cache to the other: to its waker if that is lighter, and there to who is idle', () => {
    const m = new FakeMachine({ cores: 8, llc: 4 });
    m.occupyAllBut(3, 7);
    m.occupy(5, 6);
    expect(wake(m.place(), m.task(1), 5, 0)).toBe(3);
    m.occupy(5, 1, 200);
    expect(wake(m.place(), m.task(1), 5, 0)).toBe(7);
  });

  test('to nodes further than the reclaim distance nobody is drawn', () => {
    const far = { sockets: 2, cores: 2, distances: [[10, 40], [40, 10]] }; // prettier-ignore
    const m = new FakeMachine(far);
    m.occupyAllBut(1);
    m.occupy(2, 6);
    expect(wake(m.place(), m.task(1), 2, 0)).toBe(2);
    const near = new FakeMachine({ ...far, reclaimDistance: 40 });
    near.occupyAllBut(1);
    near.occupy(2, 6);
    expect(wake(near.place(), near.task(1), 2, 0)).toBe(1);
  });

  test('where sizes differ an idle CPU has to be big enough; none is: the biggest', () => {
    const m = new FakeMachine('pixel-4+3+1');
    const p = m.task(1);
    m.taskUtils.set(p, 200);
    m.occupy(1);
    expect(wake(m.place(), p, 0, 0)).toBe(0); // 200 · 1.25 < 307
    m.taskUtils.set(p, 300);
    expect(wake(m.place(), p, 0, 0)).toBe(4);
    m.taskUtils.set(p, 800);
    expect(wake(m.place(), p, 0, 0)).toBe(7);
    m.occupy(7);
    expect(wake(m.place(), p, 0, 0)).toBe(4);
    m.taskUtils.set(p, 10);
    m.occupyAllBut();
    expect(wake(m.place(), p, 0, 0)).toBe(0);
  });

  test('of a cluster first', () => {
    const m = new FakeMachine({ cores: 8, cluster: 4 });
    m.occupyAllBut(1, 6);
    expect(wake(m.place(), m.task(1), 3, 3)).toBe(1);
    m.occupy(1);
    expect(wake(m.place(), m.task(1), 3, 3)).toBe(6);
  });
});

describe('a start', () => {
  test('to the node with more idle CPUs, and there to the CPU that became idle last', () => {
    const m = new FakeMachine({ sockets: 2, cores: 4 });
    for (const cpu of [0, 1, 2, 4]) m.occupy(cpu);
    m.rqs[6]!.idleSince = 5;
    expect(fork(m.place(), m.task(1), 0)).toBe(6);
  });

  test('a few tasks may stay on their node', () => {
    const m = new FakeMachine({ sockets: 2, cores: 16 });
    m.occupy(0);
    expect(fork(m.place(), m.task(1), 0)).toBe(1);
  });

  test('all busy: where load is least, if that is worth it', () => {
    const m = new FakeMachine('smp-4');
    for (let cpu = 0; cpu < 4; cpu++) m.occupy(cpu, 2, 2048);
    expect(fork(m.place(), m.task(1), 0)).toBe(0);
    m.occupy(2, 2, 1024);
    expect(fork(m.place(), m.task(1), 0)).toBe(2);
    expect(fork(m.place(), m.task(1, [1, 3]), 0)).toBe(1);
  });

  test('one to a core before a second thread', () => {
    const m = new FakeMachine({ cores: 4, threads: 2 });
    const place = m.place();
    const cores: number[] = [];
    for (let i = 0; i < 4; i++) {
      const cpu = fork(place, m.task(i), 0);
      m.occupy(cpu);
      cores.push(cpu % 4);
    }
    expect(cores.sort()).toEqual([0, 1, 2, 3]);
  });

  test('on a CPU in no domain it has no choice', () => {
    const m = new FakeMachine('smp-1');
    expect(fork(m.place(), m.task(1), 0)).toBe(0);
    expect(wake(m.place(), m.task(1), 0, 0)).toBe(0);
  });
});

// --- against a search that goes CPU by CPU ---------------------------------------------------------------------------------

/** 4.2 for machines of one size without clusters, in the words of the text. */
function naive(m: FakeMachine, p: Task, prev: number, target: number, idleCores: boolean): number {
  const { topology: t } = m;
  const idle = (cpu: number): boolean => m.idleCpus.has(cpu as CpuId);
  const free = (cpu: number): boolean => idle(cpu) || (m.idlers[cpu]! > 0 && m.idlers[cpu] === m.rqs[cpu]!.nrQueued);
  const allowed = (cpu: number): boolean => p.exec.cpusAllowed.has(cpu as CpuId);
  const shares = (a: number, b: number): boolean => t.sharesCache(a as CpuId, b as CpuId);
  if (free(target)) return target;
  if (prev !== target && shares(prev, target) && free(prev)) return prev;
  const llc = t.llc[target] ?? null;
  if (llc === null) return target;
  const all = [...llc.span].map(Number);
  const round = [...all.filter(cpu => cpu > target), ...all.filter(cpu => cpu <= target)].filter(allowed);
  if (llc.shared!.nrIdleScan === 0) {
    const threads = [...t.threads[prev]!].filter(cpu => cpu !== prev && allowed(cpu) && free(cpu));
    return t.smt && !idleCores && shares(prev, target) && threads.length > 0 ? threads[0]! : target;
  }
  if (t.smt && idleCores) {
    const whole = round.find(cpu => [...t.threads[cpu]!].every(idle));
    if (whole !== undefined) return whole;
    const threads = round.flatMap(cpu => {
      // Up to the first busy thread, as the search for an idle core ends there once something was found.
      const list = [...t.threads[cpu]!];
      return list.filter(thread => allowed(thread) && free(thread));
    });
    return threads[0] ?? target;
  }
  if (t.smt && shares(prev, target)) {
    const beside = [...t.threads[prev]!].find(cpu => cpu !== prev && allowed(cpu) && free(cpu));
    if (beside !== undefined) return beside;
  }
  return round.slice(0, llc.shared!.nrIdleScan).find(free) ?? target;
}

const shapes = fc.constantFrom<RegularTopology>(
  { cores: 4 },
  { cores: 8, llc: 4 },
  { cores: 6, threads: 2, llc: 3 },
  { sockets: 2, cores: 4, threads: 2, llc: 2 },
  { cores: 40 },
  { sockets: 2, cores: 18, threads: 2 },
);
const state = fc.record({
  shape: shapes,
  busy: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 72, maxLength: 72 }),
  idlers: fc.array(fc.boolean(), { minLength: 72, maxLength: 72 }),
  forbidden: fc.array(fc.nat(71), { maxLength: 20 }),
  prev: fc.nat(71),
  from: fc.nat(71),
  nr: fc.option(fc.nat(8), { nil: undefined }),
  idleCores: fc.boolean(),
});

function machineOf(s: typeof state extends fc.Arbitrary<infer T> ? T : never): { m: FakeMachine; p: Task; prev: number; from: number } {
  const m = new FakeMachine(s.shape);
  const { cpus } = m.machine;
  for (let cpu = 0; cpu < cpus; cpu++) {
    if (s.busy[cpu]! > 0) m.occupy(cpu, s.busy[cpu]!);
    if (s.busy[cpu]! > 0 && s.idlers[cpu]! && s.busy[cpu] !== 3) m.idlers[cpu] = s.busy[cpu]!;
    const shared = m.topology.llc[cpu]?.shared;
    if (shared === undefined || shared === null) continue;
    shared.hasIdleCores = s.idleCores;
    if (s.nr !== undefined) shared.nrIdleScan = s.nr;
  }
  const [prev, from] = [s.prev % cpus, s.from % cpus];
  const p = m.task(
    1,
    Array.from({ length: cpus }, (_, cpu) => cpu).filter(cpu => cpu === prev || cpu === from || !s.forbidden.includes(cpu)),
  );
  return { m, p, prev, from };
}

test('a wake-up finds what a search CPU by CPU finds, from the one target or the other', () => {
  let moved = 0;
  fc.assert(
    fc.property(state, s => {
      const { m, p, prev, from } = machineOf(s);
      const targets = [naive(m, p, prev, prev, s.idleCores), naive(m, p, prev, from, s.idleCores)];
      const found = wake(m.place(), p, prev, from);
      expect(targets).toContain(found);
      expect(wake(machineOf(s).m.place(), p, prev, from)).toBe(found);
      expect(p.exec.cpusAllowed.has(found as CpuId)).toBe(true);
      if (found !== prev && found !== from) moved++;
    }),
    { seed: 1, numRuns: 1500 },
  );
  expect(moved).toBeGreaterThan(300);
});

test('a start on a machine with an idle CPU is on an idle one, wherever it may be', () => {
  fc.assert(
    fc.property(state, s => {
      const { m, from } = machineOf({ ...s, busy: s.busy.map(n => Math.min(1, n)), idlers: s.idlers.map(() => false) });
      const found = fork(m.place(), m.task(1), from);
      expect(m.idleCpus.has(found as CpuId)).toBe(m.idleCpus.size > 0);
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('1024 CPUs: the last idle one is found from anywhere', () => {
  const m = new FakeMachine({ cores: 1024 });
  m.occupyAllBut(700);
  const place = m.place();
  for (const prev of [0, 699, 700, 701, 1023]) expect(wake(place, m.task(1), prev, prev)).toBe(700);
  const parts = new FakeMachine({ sockets: 8, cores: 64, threads: 2, llc: 8 });
  parts.occupyAllBut(700);
  expect(fork(parts.place(), parts.task(1), 3)).toBe(700);
});
