/** Who pays while one runs in another's name: the three rules of `proxy.charge`, in each class (`proxy-execution.md` 13). */
import type { Op, OptionValue, Policy, Scenario } from '@proxysched/core';
import { dlMs as dl, fifo, lock, nice, RecordingSink, rr, run, scenarioOf, unlock, type TestTask } from '@proxysched/core/test-kit';
import { InvariantChecker } from '@proxysched/check';
import { createSimulation } from '@proxysched/sim';
import { generationOptions, linux } from '../src/index.js';

const MS = 1e6;
const RULES = ['split', 'donor', 'runner'] as const;
type Rule = (typeof RULES)[number];

interface More {
  readonly hz?: number | null;
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** ms; absent: a second. */
  readonly until?: number;
}

/** One CPU. `ran`: what a task has executed by the end, ms. `first`: when it had the CPU first, or first from an instant on, ms. */
function play(rule: Rule, tasks: Record<string, TestTask>, { hz = null, options = {}, until = 1000 }: More = {}) {
  const checker = new InvariantChecker();
  const sink = new RecordingSink();
  const scenario = scenarioOf({ cpus: 1, machine: { hz }, tasks, until: until * MS });
  const all = {
    ...generationOptions('7.3'),
    'deadline.serverRuntime': 0,
    'proxy.wakeDonorPreempts': true,
    'proxy.charge': rule,
    ...options,
  };
  const simulation = createSimulation({ ...scenario, options: all }, linux('7.3'), [checker, sink]);
  simulation.run(checker.probe);
  const of = (name: string) => simulation.kernel.tasks.find(p => p.comm === name)!;
  return {
    of,
    ran: (name: string): number => Math.round(of(name).exec.ran / MS),
    stretches: (name: string): string[] => sink.stretches(name),
    first: (name: string, from = 0): number => {
      const starts = sink.ran.filter(r => r.task === name && r.to > from * MS).map(r => Math.max(r.from, from * MS));
      return Math.round(Math.min(...starts) / MS);
    },
  };
}

const section = (ms: number): Op[] => [lock(0), run(ms * MS), unlock(0)];
const owner = (policy: Policy, ms: number, more: Op[] = []): TestTask => ({ policy, ops: [...section(ms), ...more] });
const waiter = (policy: Policy): TestTask => ({ policy, start: MS, ops: section(1) });

describe.each([
  ['EEVDF on one timeline', '7.3', null],
  ['EEVDF on one timeline, with a tick', '7.3', 1000],
  ['EEVDF group by group', '7.2', null],
  ['EEVDF group by group, with a tick', '6.12', 1000],
  ['classic CFS, with a tick', '6.1', 1000],
])('%s (%s)', (_, version, hz) => {
  const tasks = { low: owner(nice(19), 200), high: waiter(nice(0)), by: { policy: nice(0), start: 3 * MS, ops: [run(40 * MS)] } };
  const more = { hz, options: { 'fair.version': version, 'mutex.spin': 'off' }, until: 150 };

  test.each(['split', 'donor'] as const)('%s: the donor pays, so a bystander of its weight gets as much', rule => {
    expect(play(rule, tasks, more).ran('by')).toBe(40);
  });

  test('runner: the donor costs nothing and is picked over and over, the bystander starves', () => {
    expect(play('runner', tasks, more).ran('by')).toBeLessThan(8);
  });
});

test('a waiter whose group is out of runtime lends nothing (C14), unless its owner, of another group, pays', () => {
  const quota = { quota: 10 * MS, period: 100 * MS, burst: 0 };
  const groups: Scenario['groups'] = [
    { name: '/', weight: 1024, parent: 0 },
    { name: 'g', weight: 1024, parent: 0, bandwidth: quota },
  ];
  const ran = (rule: Rule): number => {
    const tasks = {
      low: owner(nice(19), 200),
      high: { ...waiter(nice(-20)), group: 1 },
      by: { policy: nice(0), start: 3 * MS, ops: [run(500 * MS)] },
    };
    const scenario = { ...scenarioOf({ cpus: 1, tasks, until: 80 * MS }), groups };
    // Groups are throttled as a whole; later kernels let go on who is in the kernel, as a waiter is.
    const options = { ...generationOptions('7.3'), 'deadline.serverRuntime': 0, 'fair.version': '6.12', 'proxy.charge': rule };
    const checker = new InvariantChecker();
    const simulation = createSimulation({ ...scenario, options }, linux('7.3'), [checker]);
    simulation.run(checker.probe);
    return Math.round(simulation.kernel.tasks.find(p => p.comm === 'low')!.exec.ran / MS);
  };
  expect(ran('split')).toBeLessThan(20);
  expect(ran('runner')).toBeGreaterThan(60);
});

describe.each([null, 1000])('round robin, hz %s', hz => {
  const more = { hz, options: { 'rt.rrTimeslice': 10 * MS, 'mutex.spin': 'off' } };
  const tasks = { low: owner(fifo(1), 50), high: waiter(rr(5)), by: { policy: rr(5), start: 2 * MS, ops: [run(50 * MS)] } };

  test.each(['split', 'donor'] as const)('%s: the slice of the waiter decides the rotation (C13)', rule => {
    const m = play(rule, tasks, more);
    expect(m.first('by')).toBeLessThanOrEqual(12);
    expect(m.stretches('by').length).toBeGreaterThan(3);
  });

  test('runner: the slice of the waiter never ends, its equal starves until the lock is free', () => {
    expect(play('runner', tasks, more).first('by')).toBeGreaterThanOrEqual(50);
  });

  test('runner: the owner comes back with what it has left of its own slice; else it has lost nothing', () => {
    // After its section low and its equal compete, once high has had the lock.
    const equals = {
      low: owner(rr(1), 15, [run(20 * MS)]),
      high: { ...waiter(fifo(5)), ops: section(1) },
      mate: { policy: rr(1), start: 2 * MS, ops: [run(20 * MS)] },
    };
    expect(play('split', equals, more).first('mate')).toBeGreaterThan(24);
    expect(play('runner', equals, more).first('mate')).toBeLessThan(20);
  });
});

describe('the limit on real-time runtime', () => {
  const options = { 'rt.runtime': 5 * MS, 'rt.period': 100 * MS };
  const by: TestTask = { policy: nice(0), start: 2 * MS, ops: [run(30 * MS)] };

  test('a fair owner in the name of a real-time waiter', () => {
    const tasks = { low: owner(nice(19), 30), high: waiter(fifo(5)), by };
    // Charged: 5 ms, then low is on its own, of nice 19. Not charged: the section is served at once.
    expect(play('split', tasks, { options }).first('by')).toBe(6);
    expect(play('runner', tasks, { options }).first('by')).toBeGreaterThanOrEqual(30);
  });

  test('a real-time owner in the name of another is charged either way', () => {
    const tasks = { low: owner(fifo(1), 30), high: waiter(fifo(5)), by };
    for (const rule of RULES) expect(play(rule, tasks, { options }).first('by')).toBe(5);
  });
});

describe('deadline budgets', () => {
  const by: TestTask = { policy: fifo(1), start: 2 * MS, ops: [run(30 * MS)] };

  test.each(['split', 'donor'] as const)('%s: the waiter is throttled in the middle of the section (C12)', rule => {
    expect(play(rule, { low: owner(nice(0), 20), high: waiter(dl(4, 50)), by }).first('by')).toBe(5);
  });

  test('runner: its budget lasts for ever', () => {
    expect(play('runner', { low: owner(nice(0), 20), high: waiter(dl(4, 50)), by }).first('by')).toBeGreaterThanOrEqual(20);
  });

  test('runner: an owner with a budget of its own uses it up for the waiter, and is throttled when it is done', () => {
    // 1 ms alone, 5 for the waiter: 6 of 8; then 4 more of its own.
    const tasks = { low: owner(dl(8, 200), 6, [run(4 * MS)]), high: waiter(dl(20, 100)) };
    expect(play('split', tasks).stretches('low').at(-1)).toBe(`0:${7 * MS}-${11 * MS}`);
    expect(play('runner', tasks).stretches('low').at(-1)).toBe(`0:${200 * MS}-${202 * MS}`);
  });
});

describe('the fair server', () => {
  test('donor: fair time in the name of a real-time task is no fair time; runner: it is', () => {
    const marks = (rule: Rule): number => {
      const sink = new RecordingSink();
      const tasks = { low: owner(nice(0), 300), high: waiter(fifo(5)), by: { policy: nice(0), ops: [run(300 * MS)] } };
      const options = {
        ...generationOptions('7.3'),
        'deadline.serverRuntime': 20 * MS,
        'deadline.serverPeriod': 100 * MS,
        'proxy.charge': rule,
      };
      createSimulation({ ...scenarioOf({ cpus: 1, tasks, until: 300 * MS }), options }, linux('7.3'), [sink]).run();
      return sink.ran.filter(r => r.task === 'by').reduce((sum, r) => sum + r.to - r.from, 0) / MS;
    };
    // The server gives the fair class 20 of 100 ms beside the chain, unless the chain is what it counts.
    expect(marks('split')).toBeGreaterThan(25);
    expect(marks('runner')).toBeLessThan(5);
  });
});

describe('executed time', () => {
  const tasks = { low: owner(nice(19), 20), high: waiter(fifo(5)) };
  test('of the runner, or all of the donor', () => {
    expect(RULES.map(rule => [play(rule, tasks).ran('low'), play(rule, tasks).ran('high')])).toEqual([
      [20, 1],
      [1, 20],
      [20, 1],
    ]);
  });

  test('whatever the rule, the time of a CPU is given out once', () => {
    for (const rule of RULES) {
      const m = play(rule, tasks);
      expect(m.of('low').exec.ran + m.of('high').exec.ran).toBe(21 * MS);
    }
  });
});
