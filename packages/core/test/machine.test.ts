/** The machine as a whole: choice, wake-ups, policies that change under way, ticks, ends of runs, and runs that repeat. */
import { CpuSet, RANK_POLICE, type Task } from '../src/index.js';
import {
  fifo,
  FixedPriority,
  jump,
  lock,
  machineOf,
  nice,
  OwnerRuns,
  PullAnything,
  RoundRobin,
  run,
  runOf,
  scenarioOf,
  setPolicy,
  sleep,
  unlock,
  type TestMachine,
} from '../src/test-kit/index.js';

/** Runs, doing `act` after the first event at or after `at`. */
function runAnd(built: TestMachine, at: number, act: () => void): TestMachine {
  let done = false;
  built.machine.run(kernel => {
    if (done || kernel.queue.now < at) return;
    done = true;
    act();
  });
  return built;
}

describe('choice', () => {
  test('a wake-up that beats the donor preempts it, one that does not waits', () => {
    const { sink } = runOf(
      scenarioOf({
        tasks: {
          mid: { policy: fifo(2), ops: [run(10)] },
          low: { policy: fifo(1), start: 1, ops: [run(1)] },
          high: { policy: fifo(3), start: 4, ops: [run(2)] },
        },
      }),
    );
    expect(['high', 'mid', 'low'].map(name => sink.stretches(name))).toEqual([['0:4-6'], ['0:0-4', '0:6-12'], ['0:12-13']]);
  });

  test('a class that is listed first always goes first', () => {
    const { sink } = runOf(scenarioOf({ tasks: { fair: { ops: [run(10)] }, rt: { policy: fifo(1), start: 5, ops: [run(3)] } } }));
    expect(sink.of('schedSwitch').slice(0, 3)).toEqual([
      '0 schedSwitch 0 idle -> fair for fair',
      '5 schedSwitch 0 fair -> rt for rt preempted',
      '8 schedSwitch 0 rt -> fair for fair',
    ]);
  });

  test('slices end exactly without a tick', () => {
    const { sink } = runOf(scenarioOf({ tasks: { a: { ops: [run(15)] }, b: { ops: [run(15)] } } }));
    expect([sink.stretches('a'), sink.stretches('b')]).toEqual([
      ['0:0-10', '0:20-25'],
      ['0:10-20', '0:25-30'],
    ]);
  });

  test('on ticks slices are policed at ticks, so they overrun; a high-resolution tick ends them exactly', () => {
    const tasks = { a: { ops: [run(15)] }, b: { ops: [run(15)] } };
    const ticking = (hrtick: boolean) => runOf(scenarioOf({ machine: { hz: 250_000_000, hrtick }, tasks })).sink; // every 4 ns
    expect(ticking(false).stretches('a')).toEqual(['0:0-12', '0:24-27']);
    expect(ticking(true).stretches('a')).toEqual(['0:0-10', '0:20-25']);
  });

  test('the first tick is at the phase, the others one tick apart', () => {
    const seen: number[] = [];
    class Ticked extends RoundRobin {
      taskTick(): void {
        seen.push(built.machine.queue.now);
      }
    }
    const scenario = scenarioOf({ machine: { hz: 100_000_000, tickPhase: 3 }, tasks: { a: { ops: [run(5), sleep(30), run(20)] } } });
    const built = machineOf(scenario, { classes: kernel => [new Ticked(kernel)] });
    built.machine.run();
    expect(seen).toEqual([3, 43, 53]); // none while idle
  });

  test('an idle CPU with nothing to do is asked to pull once, and takes what it may run', () => {
    const tasks = {
      a: { cpu: 0, ops: [run(20)] },
      b: { cpu: 0, ops: [run(20)] },
      c: { cpu: 1, ops: [run(3)] },
      d: { cpu: 0, cpus: [0], ops: [run(1)] },
    };
    const { sink } = runOf(scenarioOf({ cpus: 2, tasks }), {
      classes: kernel => [new RoundRobin(kernel)],
      balancers: kernel => [new PullAnything(kernel)],
    });
    expect(sink.of('schedMigrate')[0]).toBe('3 schedMigrate b 0 -> 1 pull');
    expect(sink.stretches('d').every(s => s.startsWith('0:'))).toBe(true);
  });
});

describe('policies that change', () => {
  const scenario = scenarioOf({ tasks: { a: { policy: fifo(2), ops: [run(20)] }, b: { policy: fifo(1), ops: [run(20)] } } });

  test('of a queued task, upwards: it preempts', () => {
    const built = machineOf(
      scenarioOf({
        tasks: { ...{ a: { policy: fifo(2), ops: [run(20)] }, b: { policy: fifo(1), ops: [run(20)] } }, t: { start: 5, ops: [] } },
      }),
    );
    runAnd(built, 5, () => built.machine.setPolicy(built.task('b'), fifo(3)));
    expect(built.sink.stretches('b')[0]).toMatch(/^0:(5|20)-/);
    expect(built.task('b').sched.policy).toEqual(fifo(3));
  });

  test('of the running task across classes, downwards: whoever is now higher runs', () => {
    const built = machineOf(
      scenarioOf({ tasks: { a: { policy: fifo(2), start: 1, ops: [run(20)] }, b: { policy: fifo(1), ops: [run(20)] } } }),
    );
    runAnd(built, 1, () => built.machine.setPolicy(built.task('a'), nice(0)));
    const { machine } = built;
    expect(machine.rqs[0]!.nrByClass).toEqual(new Int32Array(3));
    expect(built.task('a').sched.cls.name).toBe('round-robin');
    expect(built.sink.of('taskExit').map(line => line.slice(-1))).toEqual(['b', 'a']);
  });

  test('of a sleeper: it wakes into its new class', () => {
    const built = machineOf(scenarioOf({ tasks: { a: { ops: [sleep(10), run(5)] }, b: { ops: [run(30)] } } }));
    runAnd(built, 0, () => built.machine.setPolicy(built.task('a'), fifo(1)));
    expect(built.sink.stretches('a')).toEqual(['0:10-15']);
  });

  test('of a blocked donor: it leaves the queue, for its lock to wake it into the other class', () => {
    const built = machineOf(
      scenarioOf({
        tasks: {
          owner: { ops: [lock(0), run(20), unlock(0)] },
          donor: { policy: fifo(1), start: 5, ops: [lock(0), run(1), unlock(0)] },
          other: { policy: fifo(1), start: 6, ops: [run(3)] },
        },
      }),
      { resolver: () => new OwnerRuns() },
    );
    const roles: string[] = [];
    const { queue, rqs } = built.machine;
    const change = queue.timer('change', RANK_POLICE, () => {
      const [rq] = rqs;
      roles.push(`${rq!.curr.comm} for ${rq!.donor.comm}`);
      built.machine.setPolicy(built.task('donor'), fifo(5));
      roles.push(`${rq!.curr.comm} for ${rq!.donor.comm}`);
      expect([rq!.nrByClass[0], rq!.nrQueued]).toEqual([1, 2]);
    });
    queue.arm(change, 6);
    built.machine.run();
    expect(roles).toEqual(['owner for donor', 'owner for owner']);
    // Nobody donates any more, so the other comes before the owner, which wakes the donor when it is through.
    expect(built.sink.of('taskExit')).toEqual(['9 taskExit other', '24 taskExit donor', '24 taskExit owner']);
  });

  test('nothing of it changes what is executed in the end', () => {
    const built = machineOf(scenario);
    built.machine.run(kernel => {
      const p = kernel.tasks[kernel.queue.now % 2]!;
      if (p.state !== 'dead') built.machine.setPolicy(p, kernel.queue.now % 3 === 0 ? nice(0) : fifo(1 + (kernel.queue.now % 4)));
    });
    expect(built.machine.tasks.map((p: Task) => p.exec.ran)).toEqual([20, 20]);
  });
});

describe('waking', () => {
  test('a task wakes where its class says, but never where it may not run', () => {
    class Stubborn extends FixedPriority {
      override selectTaskRq(): Task['cpu'] {
        return 0 as Task['cpu'];
      }
    }
    const { sink } = runOf(scenarioOf({ cpus: 3, tasks: { a: { policy: fifo(1), cpus: [1, 2], ops: [run(2), sleep(2), run(2)] } } }), {
      classes: kernel => [new Stubborn(kernel)],
    });
    expect(sink.stretches('a')).toEqual(['1:0-2', '1:4-6']);
  });

  test('a runnable task that has not started yet counts nowhere', () => {
    const { machine } = machineOf(scenarioOf({ tasks: { a: { start: 5, ops: [] } } }));
    expect([machine.rqs[0]!.nrQueued, machine.tasks[0]!.state]).toEqual([0, 'new']);
    expect(machine.idleCpus.size).toBe(1);
  });
});

describe('ends', () => {
  test('finished: when the last task has', () => {
    expect(runOf(scenarioOf({ tasks: [{ ops: [run(5)] }] })).result).toMatchObject({ outcome: 'finished', at: 5 });
  });

  test('time limit: the accounts go up to it', () => {
    const { result, machine } = runOf(scenarioOf({ until: 30, tasks: [{ ops: [run(50)] }] }));
    expect(result).toMatchObject({ outcome: 'timeLimit', at: 30 });
    expect(machine.tasks[0]!.exec.ran).toBe(30);
  });

  test('time limit: also when everybody waits for ever, and without counting ticks meanwhile', () => {
    const { result } = runOf(
      scenarioOf({ until: 1_000_000, machine: { hz: 100_000_000 }, semaphores: [0], tasks: [{ ops: [{ op: 'semWait', sem: 0 }] }] }),
    );
    expect(result).toMatchObject({ outcome: 'timeLimit', at: 1_000_000 });
    expect(result.events).toBeLessThan(10);
  });

  const abba = {
    a: { ops: [lock(0), run(5), lock(1), unlock(1), unlock(0)], cpu: 0 },
    b: { ops: [lock(1), run(6), lock(0), unlock(0), unlock(1)], cpu: 1 },
    c: { ops: [run(1), sleep(9), jump(0, 2)], cpu: 1 },
  };

  test('deadlock: at the block that closes it, when the policy wants to know', () => {
    const { result, sink } = runOf(scenarioOf({ cpus: 2, tasks: abba }), { classes: kernel => [new RoundRobin(kernel)] });
    expect(result).toMatchObject({ outcome: 'deadlock', at: 6 });
    expect(result.outcome === 'deadlock' && result.cycle.map(p => p.comm)).toEqual(['b', 'a']);
    expect(sink.of('deadlock')).toEqual(['6 deadlock b a halt']);
  });

  test('deadlock: at the end, when nobody asked before', () => {
    const { result } = runOf(scenarioOf({ cpus: 2, until: 100, tasks: abba }), {
      classes: kernel => [new RoundRobin(kernel)],
      deadlock: { name: 'late', onCycle: () => ({ kind: 'halt' }), onStall: () => ({ kind: 'halt' }) },
    });
    expect(result).toMatchObject({ outcome: 'deadlock', at: 100 });
  });

  test('the probe is not shown a machine that was halted in the middle of a pass', () => {
    let last = -1;
    runOf(scenarioOf({ cpus: 2, tasks: abba }), {
      classes: kernel => [new RoundRobin(kernel)],
      probe: kernel => (last = kernel.queue.now),
    });
    expect(last).toBeLessThan(6);
  });
});

describe('runs repeat', () => {
  const busy = scenarioOf({
    cpus: 2,
    tasks: Array.from({ length: 6 }, (_, i) => ({
      policy: i % 2 === 0 ? nice(0) : fifo(1 + i),
      start: i,
      ops: [run(3 + i), lock(i % 2), run(4), sleep(i), unlock(i % 2), run(2), jump(0, 3)],
    })),
  });

  test('the same input, the same trace', () => {
    expect(runOf(busy).sink.lines).toEqual(runOf(busy).sink.lines);
  });

  test('a run inside another disturbs neither', () => {
    const alone = runOf(busy).sink.lines;
    let n = 0;
    const inner: string[][] = [];
    const outer = runOf(busy, { probe: () => void (n++ % 20 === 0 && inner.push(runOf(busy).sink.lines)) });
    expect(outer.sink.lines).toEqual(alone);
    for (const lines of inner) expect(lines).toEqual(alone);
  });

  test('more listeners and a probe, the same trace', () => {
    const alone = runOf(busy).sink.lines;
    const heard: number[] = [];
    const observed = runOf(busy, { sinks: [{ schedSwitch: now => heard.push(now) }, {}], probe: kernel => void kernel.tasks.map(String) });
    expect(observed.sink.lines).toEqual(alone);
    expect(heard.length).toBe(observed.sink.of('schedSwitch').length);
  });
});

describe('contracts of the kernel', () => {
  test('a task joins one queue, leaves where it is, and moves only when it may', () => {
    const built = machineOf(scenarioOf({ cpus: 2, tasks: { a: { cpu: 0, ops: [run(9)] }, b: { cpu: 0, cpus: [0], ops: [run(9)] } } }), {
      classes: kernel => [new RoundRobin(kernel)],
    });
    const { machine } = built;
    runAnd(built, 0, () => undefined);
    const again = machineOf(machine.scenario, { classes: kernel => [new RoundRobin(kernel)] });
    let checked = false;
    again.machine.run(kernel => {
      if (checked || kernel.rqs[0]!.nrQueued < 2) return;
      checked = true;
      const [a, b] = [again.task('a'), again.task('b')];
      const [here, there] = kernel.rqs;
      expect(() => kernel.activate(here!, a, 0)).toThrow(/K104/);
      expect(() => kernel.deactivate(there!, a, 0)).toThrow(/K105/);
      expect(kernel.isMovable(a)).toBe(false);
      expect(() => kernel.move(a, there!, 'push')).toThrow(/K107/);
      expect(kernel.isMovable(b)).toBe(true);
      expect(() => kernel.move(b, there!, 'push')).toThrow(/K107/); // may not run there
      expect(() => kernel.finishDelayed(here!, b)).toThrow(/K106/);
    });
    expect(checked).toBe(true);
  });

  test('who is blocked, current or donor is not movable', () => {
    const scenario = scenarioOf({
      tasks: {
        owner: { policy: fifo(1), ops: [lock(0), run(20), unlock(0)] },
        donor: { policy: fifo(4), start: 2, ops: [lock(0), unlock(0)] },
        blocked: { policy: fifo(3), start: 1, ops: [lock(0), unlock(0)] },
        ready: { policy: fifo(2), start: 3, ops: [run(1)] },
        asleep: { policy: fifo(5), ops: [sleep(99)] },
      },
    });
    let movable: string[] = [];
    runOf(scenario, {
      resolver: () => new OwnerRuns(),
      probe: kernel => {
        if (kernel.queue.now === 3) movable = kernel.tasks.filter(p => kernel.isMovable(p)).map(p => p.comm);
      },
    });
    expect(movable).toEqual(['ready']);
  });

  test('a pick forgets for whom it last ran', () => {
    const seen: unknown[] = [];
    const scenario = scenarioOf({
      tasks: {
        owner: { policy: fifo(1), ops: [lock(0), run(20), setPolicy(fifo(9)), run(5), unlock(0)] },
        donor: { policy: fifo(4), start: 1, ops: [lock(0), unlock(0)] },
      },
    });
    runOf(scenario, {
      resolver: () => new OwnerRuns(),
      sinks: [{ schedSwitch: (_now, _cpu, _prev, _next, donor) => seen.push(donor.blockedDonor) }],
    });
    expect(new Set(seen)).toEqual(new Set([null]));
  });

  test('a resolver that never comes to an end is noticed', () => {
    const scenario = scenarioOf({
      tasks: { a: { ops: [lock(0), run(9), unlock(0)] }, b: { policy: fifo(1), start: 2, ops: [lock(0), unlock(0)] } },
    });
    expect(() =>
      runOf(scenario, { resolver: () => ({ name: 'stuck', keepsQueued: () => true, handOff: () => null, select: () => null }) }),
    ).toThrow(/K103.*stuck still makes no progress/);
  });

  test('classic blocking never has a blocked pick', () => {
    const { machine } = machineOf(scenarioOf({ tasks: { a: { ops: [] } } }));
    expect(() => machine.resolver.select(machine.rqs[0]!, machine.tasks[0]!)).toThrow(/K120/);
  });

  test('affinities hold CPUs of this machine only', () => {
    const { machine } = machineOf(scenarioOf({ cpus: 2, tasks: { a: { cpus: [1, 7], ops: [] } } }));
    expect(machine.tasks[0]!.exec.cpusAllowed).toEqual(CpuSet.of(2, [1]));
  });
});
