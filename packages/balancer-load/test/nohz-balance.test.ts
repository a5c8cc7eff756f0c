/** Balancing on behalf of idle CPUs, whose ticks have stopped (`pelt-and-balance.md` 6.1, NOHZ idle): who is asked, when, and what it does. */
import { NO_GAPS, type CpuId, type RegularTopology, type RunQueue } from '@proxysched/core';
import { fifo, nice, RecordingSink, run, scenarioOf, setAffinity, type TestTask } from '@proxysched/core/test-kit';
import { linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import type { DomainBalancer } from '../src/domain-balancer.js';
import { NohzBalance } from '../src/nohz-balance.js';
import { FakeMachine } from './fake-machine.js';

const MS = 1_000_000;
/** 24 CPUs: two sockets of six cores with two threads each, which are `i` and `i + 12`. */
const SMT: RegularTopology = { sockets: 2, cores: 6, threads: 2 };

/** All CPUs idle and due at jiffy 0; from the second look on, 1000 jiffies later. */
class Standing {
  now = 0;
  readonly m: FakeMachine;
  readonly nohz: NohzBalance;
  readonly due: number[];
  /** Jiffies and CPUs for which somebody balanced; CPUs whose load was brought to now. */
  readonly balanced: string[] = [];
  readonly aged: number[] = [];
  misfit = 0;
  /** Called as each CPU is balanced. */
  onBalance: (cpu: CpuId) => void = () => undefined;

  constructor(shape: RegularTopology | string) {
    this.m = new FakeMachine(shape);
    const { m } = this;
    this.due = m.rqs.map(() => 0);
    const load = { ...m.cls.load!, refresh: (cpu: CpuId) => this.aged.push(cpu) };
    this.nohz = new NohzBalance({
      kernel: m,
      hz: 1000,
      load,
      sums: { misfitLoad: () => this.misfit },
      jiffies: () => this.now,
      isDue: (cpu: CpuId) => this.now >= this.due[cpu]!,
      dueAt: (cpu: CpuId) => this.due[cpu]!,
      balance: ({ cpu }: RunQueue) => {
        this.balanced.push(`${this.now}:${cpu}`);
        this.due[cpu] = this.now + 1000;
        this.onBalance(cpu);
      },
    } as unknown as DomainBalancer);
  }

  busy(cpu: number, nr: number): this {
    this.m.occupy(cpu, nr);
    this.m.rqs[cpu]!.nrRunning = nr;
    return this;
  }

  tick(cpu: number, now = this.now): string[] {
    this.now = now;
    this.balanced.length = 0;
    this.aged.length = 0;
    this.nohz.tick(this.m.rqs[cpu]!);
    return this.balanced;
  }

  /** Who was asked: it comes last. */
  askedBy(cpu: number): number {
    return Number(this.tick(cpu).at(-1)?.split(':')[1] ?? -1);
  }
}

describe('who is asked', () => {
  test('the lowest idle CPU; it looks for all that idle, from the one after itself on, and for itself last', () => {
    const s = new Standing('smp-8').busy(0, 2).busy(1, 1).busy(5, 1);
    expect(s.tick(0)).toEqual(['0:3', '0:4', '0:6', '0:7', '0:2']);
  });

  test('one on a core that idles as a whole, rather; else any', () => {
    const s = new Standing(SMT).busy(12, 2).busy(1, 1);
    expect(s.askedBy(12)).toBe(2);
    const halves = new Standing(SMT).busy(12, 2);
    for (let core = 0; core < 12; core++) halves.busy(core, 1);
    expect(halves.askedBy(12)).toBe(13);
  });

  test('nobody, if none idles', () => {
    const s = new Standing('smp-2').busy(0, 2).busy(1, 1);
    expect(s.tick(0)).toEqual([]);
  });
});

describe('when', () => {
  test.each<[string, (s: Standing) => void, boolean]>([
    ['one task, and nothing near', s => s.busy(0, 1), false],
    ['two tasks', s => s.busy(0, 2), true],
    ['another busy CPU under the same cache', s => s.busy(0, 1).busy(3, 1), true],
    ['another busy CPU under another cache', s => s.busy(0, 1).busy(7, 1), false],
    [
      'a fair task where other classes take a fifth of the CPU',
      s => {
        s.busy(0, 1).m.rqs[0]!.cpuCapacity = 800;
      },
      true,
    ],
    [
      'the same without a fair task',
      s => {
        s.busy(0, 0).m.rqs[0]!.cpuCapacity = 800;
      },
      false,
    ],
  ])('%s: %#', (_what, arrange, asks) => {
    const s = new Standing({ sockets: 1, cores: 8, llc: 4 });
    arrange(s);
    expect(s.tick(0).length > 0).toBe(asks);
  });

  test('on CPUs of several sizes: a task that needs a bigger one, and not that others are busy', () => {
    const s = new Standing('pixel-4+3+1').busy(0, 1).busy(1, 1);
    expect(s.tick(0)).toEqual([]);
    s.misfit = 500;
    expect(s.tick(0).length).toBe(6);
  });

  test('not before one of those that idle is due, and then for those only that are', () => {
    const s = new Standing('smp-4').busy(0, 2);
    s.due.splice(1, 3, 9, 5, 9);
    expect(s.tick(0, 0)).toEqual([]); // it looked for nothing, and knows when there will be something
    expect(s.tick(0, 4)).toEqual([]);
    expect(s.tick(0, 5)).toEqual(['5:2']);
    expect(s.tick(0, 8)).toEqual([]);
    expect(s.tick(0, 9)).toEqual(['9:3', '9:1']);
  });

  test('once in a jiffy, whoever ticks', () => {
    const s = new Standing('smp-4').busy(0, 2).busy(3, 2);
    s.onBalance = cpu => (s.due[cpu] = s.now); // due again at once
    expect(s.tick(0, 7)).toEqual(['7:2', '7:1']);
    s.due.fill(8);
    s.nohz.becameIdle(1 as CpuId);
    expect(s.tick(3, 8)).toEqual(['8:2', '8:1']);
  });

  test('a CPU that has become idle since may be due sooner', () => {
    const s = new Standing('smp-4').busy(0, 2).busy(1, 1);
    expect(s.tick(0)).toEqual(['0:3', '0:2']);
    s.m.free(1);
    s.due[1] = 3;
    expect(s.tick(0, 4)).toEqual([]);
    s.nohz.becameIdle(1 as CpuId);
    s.tick(0, 5); // finds out
    expect(s.tick(0, 6)).toEqual(['6:1']);
  });
});

test('who is asked and gets work stops there, and the rest is for the next to be asked', () => {
  const s = new Standing('smp-4').busy(0, 2);
  s.onBalance = cpu => {
    if (cpu === 2) s.m.rqs[1]!.needResched = true;
  };
  expect(s.tick(0)).toEqual(['0:2']);
  s.m.rqs[1]!.needResched = false;
  s.busy(1, 1);
  expect(s.tick(0, 1)).toEqual(['1:3']);
});

describe('load that tasks left behind', () => {
  test('is aged for each CPU that has any, every 32 ms though nothing is to be balanced, until it has gone', () => {
    const s = new Standing('smp-4').busy(0, 1);
    for (const cpu of [1, 2]) s.nohz.becameIdle(cpu as CpuId);
    s.m.loads[1] = s.m.loads[2] = 100;
    s.tick(0, 1);
    expect(s.aged).toEqual([2, 1]);
    s.m.loads[2] = 0;
    s.tick(0, 33);
    expect(s.aged).toEqual([]);
    s.tick(0, 34);
    expect(s.aged).toEqual([2, 1]);
    s.m.loads[1] = 0;
    s.tick(0, 67);
    expect(s.aged).toEqual([1]);
    s.tick(0, 200);
    expect(s.aged).toEqual([]);
    expect(s.balanced).toEqual([]);
  });

  test('and by each look that balances', () => {
    const s = new Standing('smp-4').busy(0, 2);
    s.m.loads[3] = 100;
    s.nohz.becameIdle(3 as CpuId);
    s.tick(0, 1);
    expect([s.aged, s.balanced]).toEqual([[3], ['1:2', '1:3', '1:1']]);
  });
});

describe('with the real classes', () => {
  /** Load average of CPU 1 every 32 ms from the end of a task on. */
  function fading(options: Readonly<Record<string, boolean>>): number[] {
    const tasks: Record<string, TestTask> = {
      hog: { policy: nice(0), cpus: [0], ops: [run(1000 * MS)] },
      gone: { policy: nice(0), cpus: [1], ops: [run(200 * MS)] },
    };
    const scenario = scenarioOf({ cpus: 2, tasks, machine: { hz: 1000 }, options, until: 400 * MS });
    const simulation = createSimulation(scenario, linux('7.3'), []);
    const seen: number[] = [];
    const { load } = simulation.kernel.classes.find(cls => cls.load?.tracked === true)!;
    simulation.run(({ queue: { now } }) => {
      if (now >= (200 + 34 * (seen.length + 1)) * MS) seen.push(load!.loadAvg(1 as CpuId));
    });
    return seen;
  }

  test('the load of a CPU that idles halves about every 32 ms as another ticks', () => {
    const seen = fading({});
    expect(seen.length).toBe(5);
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i]! / seen[i - 1]!).toBeGreaterThan(0.42);
      expect(seen[i]! / seen[i - 1]!).toBeLessThan(0.6);
    }
  });

  test('without that it stays until somebody looks', () => {
    const seen = fading({ 'balance.nohz': false });
    expect(new Set(seen).size).toBe(1);
  });

  test('W14: a CPU that found nothing to run pulls a fair task, which runs when the window is over, behind who woke in it', () => {
    const tasks: Record<string, TestTask> = {
      a: { policy: nice(0), cpus: [0], ops: [run(60 * MS)] },
      b: { policy: nice(0), cpus: [0], ops: [setAffinity(0, 1), run(60 * MS)] },
      first: { policy: nice(0), cpus: [1], ops: [run(21 * MS)] },
      late: { policy: fifo(1), cpus: [1], start: 21.5 * MS, ops: [run(MS)] },
    };
    const sink = new RecordingSink();
    const options = { 'balance.periodic': false, 'balance.nohz': false };
    const machine = { hz: 1000, gaps: { ...NO_GAPS, balance: MS } };
    createSimulation(scenarioOf({ cpus: 2, tasks, machine, options, until: 100 * MS }), linux('off'), [sink]).run();
    expect(sink.of('schedMigrate')[0]).toBe(`${21 * MS} schedMigrate b 0 -> 1 balance`);
    expect(sink.stretches('late')).toEqual([`1:${22 * MS}-${23 * MS}`]);
    expect(sink.stretches('b').find(part => part.startsWith('1:'))).toMatch(new RegExp(`^1:${23 * MS}-`));
  });
});
