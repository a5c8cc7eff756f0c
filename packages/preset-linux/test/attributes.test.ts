/** Whose attribute counts while one runs in another's name: the rows of `proxy-execution.md` 13.5 that are modelled, one by one. */
import type { OutsideEvent, Policy } from '@proxysched/core';
import {
  dlMs as dl,
  fifo,
  lock,
  nice,
  RecordingSink,
  rr,
  run,
  scenarioOf,
  sleep,
  unlock,
  yields,
  type TestTask,
} from '@proxysched/core/test-kit';
import { InvariantChecker } from '@proxysched/check';
import { createSimulation } from '@proxysched/sim';
import { generationOptions, linux } from '../src/index.js';

const MS = 1e6;

interface More {
  readonly cpus?: number;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  readonly groups?: Parameters<typeof scenarioOf>[0]['groups'];
  readonly outside?: readonly OutsideEvent[];
  /** ms; absent: a second. */
  readonly until?: number;
}

function play(tasks: Record<string, TestTask>, { cpus = 1, options = {}, groups, outside = [], until = 1000 }: More = {}) {
  const checker = new InvariantChecker();
  const sink = new RecordingSink();
  const base = scenarioOf({ cpus, tasks, until: until * MS, ...(groups === undefined ? {} : { groups }) });
  const all = { ...generationOptions('7.3'), 'deadline.serverRuntime': 0, ...options };
  const simulation = createSimulation({ ...base, outside, options: all }, linux('7.3'), [checker, sink]);
  simulation.run(checker.probe);
  return {
    sink,
    /** Where and when it executed, ms. */
    ran: (name: string): string[] => sink.stretches(name).map(s => s.replace(/\d{5,}/g, ns => String(Number(ns) / MS))),
    time: (name: string): number => simulation.kernel.tasks.find(p => p.comm === name)!.exec.ran / MS,
  };
}

/** Holds the lock for `ms`, from 0 on. */
const owner = (policy: Policy, ms: number, more: Partial<TestTask> = {}): TestTask => ({
  policy,
  ops: [lock(0), run(ms * MS), unlock(0)],
  ...more,
});
/** Wants it at 1 ms. */
const waiter = (policy: Policy, more: Partial<TestTask> = {}): TestTask => ({
  policy,
  start: MS,
  ops: [lock(0), run(MS), unlock(0)],
  ...more,
});
const by = (policy: Policy, start: number, ms: number, more: Partial<TestTask> = {}): TestTask => ({
  policy,
  start: start * MS,
  ops: [run(ms * MS)],
  ...more,
});

describe('of the donor', () => {
  test('class and real-time priority', () => {
    const m = play({ low: owner(nice(19), 10), high: waiter(fifo(5)), mid: by(fifo(3), 2, 10) });
    expect(m.ran('low')[0]).toBe('0:0-10');
    expect(m.ran('mid')[0]).toMatch(/^0:1[01]-/);
  });

  test('deadline', () => {
    const tasks = { low: owner(fifo(1), 10), high: waiter(dl(20, 100)) };
    expect(play({ ...tasks, later: by(dl(5, 150), 2, 5) }).ran('later')[0]).toMatch(/^0:1[01]-/);
    expect(play({ ...tasks, earlier: by(dl(5, 50), 2, 5) }).ran('earlier')).toEqual(['0:2-7']);
  });

  test('weight: an owner of nice 19 has the share of its waiter', () => {
    const share = (policy: Policy): number =>
      play({ low: owner(nice(19), 900), high: waiter(policy), other: by(nice(0), 2, 900) }, { until: 600 }).time('low') / 600;
    expect(share(nice(0))).toBeCloseTo(0.5, 1);
    expect(share(nice(5))).toBeCloseTo(0.25, 1);
  });

  test('slice: turns of the owner are as long as those its waiter asked for', () => {
    const turn = (slice: number): number => {
      const high: Policy = { kind: 'normal', nice: 0, slice: slice * MS };
      const m = play({ low: owner(nice(0), 100), high: waiter(high), other: by({ kind: 'normal', nice: 0, slice: 100_000 }, 2, 100) });
      return Math.max(...m.sink.ran.filter(r => r.task === 'low' && r.donor === 'high').map(r => r.to - r.from)) / MS;
    };
    expect(turn(10)).toBeGreaterThan(3 * turn(1));
  });

  test('virtual time: it is the waiter who has had the time, and stands back for it afterwards', () => {
    const tasks = {
      low: owner(nice(0), 30),
      high: { ...waiter(nice(0)), ops: [lock(0), unlock(0), run(30 * MS)] },
      other: by(nice(0), 2, 60),
    };
    const m = play(tasks, { until: 95 });
    // low has given nothing of its own while it ran for high: what other and low have had comes out even, high is behind neither.
    expect(m.time('other') + m.time('high') + m.time('low')).toBeCloseTo(95, 0);
    const charged = m.sink.ran.filter(r => r.donor === 'high').reduce((sum, r) => sum + r.to - r.from, 0) / MS;
    expect(charged).toBeGreaterThan(m.time('high'));
    expect(Math.abs(charged - m.time('other'))).toBeLessThan(4);
  });

  test('preemption by wake-ups: compared with the waiter, not with the owner', () => {
    const m = play({ low: owner(fifo(1), 10), high: waiter(fifo(5)), below: by(fifo(4), 2, 5), above: by(fifo(6), 3, 2) });
    expect(m.ran('above')).toEqual(['0:3-5']);
    expect(m.ran('low').slice(0, 2)).toEqual(['0:0-3', '0:5-12']);
  });

  test('preemption by time: the round-robin slice of the waiter (C13)', () => {
    const m = play({ low: owner(fifo(1), 30), high: waiter(rr(5)), other: by(rr(5), 2, 30) }, { options: { 'rt.rrTimeslice': 10 * MS } });
    expect(m.ran('other')[0]).toBe('0:11-21');
  });

  test('yield: the waiter goes behind its equals', () => {
    const low = owner(fifo(1), 0, { ops: [lock(0), run(5 * MS), yields, run(5 * MS), unlock(0)] });
    expect(play({ low, high: waiter(fifo(5)), other: by(fifo(5), 2, 7) }).ran('other')).toEqual(['0:5-12']);
    expect(play({ low, high: waiter(fifo(5)), other: by(fifo(1), 2, 7) }).ran('low')[0]).toBe('0:0-10');
  });

  test('group: its weight and its members', () => {
    const groups = [
      { name: '/', weight: 1024, parent: 0 },
      { name: 'heavy', weight: 4096, parent: 0 },
      { name: 'light', weight: 256, parent: 0 },
    ];
    const time = (group: number): number =>
      play(
        { low: owner(nice(0), 900, { group: 3 - group }), high: waiter(nice(0), { group }), other: by(nice(0), 2, 900) },
        { groups, until: 600, options: { 'fair.groupShares': 'smp' } },
      )
        .sink.ran.filter(r => r.donor === 'high')
        .reduce((sum, r) => sum + r.to - r.from, 0) / MS;
    expect(time(1)).toBeGreaterThan(2 * time(2));
  });
});

describe('of the runner', () => {
  test('allowed CPUs: the waiter may run on CPU 1 only, and lends its place on CPU 0', () => {
    const m = play(
      { low: owner(nice(19), 10, { cpus: [0] }), high: waiter(fifo(5), { cpus: [1] }), mid: by(fifo(3), 2, 10, { cpus: [0] }) },
      { cpus: 2 },
    );
    expect(m.ran('low')[0]).toBe('0:0-10');
    expect(m.ran('high').at(-1)).toMatch(/^1:/);
  });

  test('allowed CPUs: push looks whether who runs could leave, not whether the donor could', () => {
    // other, an equal of high that can run on CPU 0 only, drives low away when low may go; high could go in either case.
    const where = (cpus: number[]): string[] =>
      play(
        { low: owner(fifo(1), 10, { cpus, cpu: 0 }), high: waiter(fifo(5), { cpu: 0 }), other: by(fifo(6), 3, 5, { cpus: [0] }) },
        { cpus: 2, options: { 'mutex.spin': 'off' } },
      ).ran('low');
    expect(where([0]).every(s => s.startsWith('0:'))).toBe(true);
    expect(where([0, 1]).some(s => s.startsWith('1:'))).toBe(true);
  });

  test('executed time', () => {
    const m = play({ low: owner(nice(0), 10), high: waiter(fifo(5)) });
    expect([m.time('low'), m.time('high')]).toEqual([10, 1]);
  });

  test('whether a spinner spins: while the owner is on a CPU, in whoever’s name', () => {
    const tasks = {
      low: owner(nice(19), 10, { cpus: [0] }),
      high: waiter(fifo(5), { cpus: [0] }),
      spinner: by(fifo(3), 0, 0, { cpus: [1] }),
    };
    const spinner: TestTask = { ...tasks.spinner, start: 3 * MS, ops: [lock(0), run(MS), unlock(0)] };
    const m = play({ ...tasks, spinner }, { cpus: 2, options: { 'mutex.spin': 'on' } });
    expect(m.sink.of('mutexSpin')[0]).toBe(`${3 * MS} mutexSpin spinner m0 on`);
    // An owner that only donates is on no CPU, and is not waited for in that way.
    const nested: Record<string, TestTask> = {
      low: tasks.low,
      high: { policy: fifo(5), cpus: [0], start: MS, ops: [lock(1), lock(0), run(MS), unlock(0), unlock(1)] },
      spinner: { policy: fifo(3), cpus: [1], start: 3 * MS, ops: [lock(1), run(MS), unlock(1)] },
    };
    expect(
      play(nested, { cpus: 2, options: { 'mutex.spin': 'on' } })
        .sink.of('mutexSpin')
        .filter(s => s.startsWith(`${3 * MS} `)),
    ).toEqual([]);
  });
});

describe('of each its own', () => {
  test('where a wake-up goes: affinity of the task itself, priority against donors', () => {
    // 4 beats the owner on CPU 0 and not its donor: it goes to CPU 1, where it beats 2.
    const tasks = {
      low: owner(fifo(1), 10, { cpus: [0] }),
      high: waiter(fifo(5), { cpus: [0] }),
      other: by(fifo(2), 0, 10, { cpus: [1] }),
    };
    expect(play({ ...tasks, woken: by(fifo(4), 3, 5, { cpu: 0 }) }, { cpus: 2 }).ran('woken')).toEqual(['1:3-8']);
    expect(play({ ...tasks, woken: by(fifo(4), 3, 5, { cpus: [0] }) }, { cpus: 2 }).ran('woken')[0]).toMatch(/^0:1[01]/);
    // 6 beats the donor and stays, where who runs may leave; else it would drive that away.
    const free = { ...tasks, low: owner(fifo(1), 10, { cpu: 0 }) };
    expect(play({ ...free, woken: by(fifo(6), 3, 5, { cpu: 0 }) }, { cpus: 2 }).ran('woken')).toEqual(['0:3-8']);
    expect(play({ ...tasks, woken: by(fifo(6), 3, 5, { cpu: 0 }) }, { cpus: 2 }).ran('woken')).toEqual(['1:3-8']);
  });

  test('state: the owner sleeps, and its waiter does not sleep for it', () => {
    const low = owner(nice(0), 0, { ops: [lock(0), run(5 * MS), sleep(5 * MS), run(5 * MS), unlock(0)] });
    const m = play({ low, high: waiter(fifo(5)) });
    expect(m.ran('low')).toEqual(['0:0-5', '0:10-15']);
  });
});
