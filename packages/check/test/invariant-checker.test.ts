/** The checker with a memory: K7, the full K3, what it throws, and that nobody notices it. */
import { InvariantViolation, type CpuId, type Kernel, type Task } from '@proxysched/core';
import { fifo, FixedPriority, lock, OwnerRuns, run, runOf, scenarioOf, sleep, unlock } from '@proxysched/core/test-kit';
import { InvariantChecker } from '../src/index.js';

const scenario = scenarioOf({
  cpus: 2,
  tasks: {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(20), unlock(0), sleep(5), run(5)] },
    donor: { policy: fifo(3), cpus: [0], start: 2, ops: [lock(0), run(1), unlock(0)] },
    far: { policy: fifo(1), cpus: [1], ops: [run(9), sleep(3), run(9)] },
  },
});

test('a run with the checker is the run without', () => {
  const checker = new InvariantChecker();
  const parts = { resolver: () => new OwnerRuns() };
  const checked = runOf(scenario, { ...parts, sinks: [checker], probe: checker.probe });
  expect(checked.sink.lines).toEqual(runOf(scenario, parts).sink.lines);
  expect(checker.checked).toBe(checked.result.events);
});

test('every n-th event', () => {
  const checker = new InvariantChecker({ every: 3 });
  const { result } = runOf(scenario, { probe: checker.probe });
  expect(checker.checked).toBe(Math.floor(result.events / 3));
});

test('K7: a task whose account is not what it executed', () => {
  const checker = new InvariantChecker();
  const cheat = (): unknown =>
    runOf(scenario, {
      probe: kernel => {
        if (kernel.queue.now === 9) kernel.tasks[0]!.exec.ran += 1;
        checker.probe(kernel);
      },
    });
  expect(cheat).toThrow(InvariantViolation);
  expect(cheat).toThrow(/K7: at \d+ ns: owner\/1 has executed \d+ ns, its account says/);
});

test('K3: somebody runs who is not the end of the chain', () => {
  class WrongRunner extends OwnerRuns {
    override select(_rq: unknown, donor: Task): Task {
      return this.bystander ?? super.select(_rq as never, donor);
    }
    bystander: Task | null = null;
  }
  const resolver = new WrongRunner();
  const checker = new InvariantChecker();
  const wrong = scenarioOf({
    tasks: {
      owner: { policy: fifo(1), ops: [lock(0), run(20), unlock(0)] },
      bystander: { policy: fifo(1), ops: [run(9)] },
      donor: { policy: fifo(3), start: 2, ops: [lock(0), run(1), unlock(0)] },
    },
  });
  expect(() =>
    runOf(wrong, {
      classes: kernel => {
        resolver.bystander = null;
        return [new FixedPriority(kernel)];
      },
      resolver: () => resolver,
      sinks: [checker, { begin: kernel => (resolver.bystander = kernel.tasks[1]!) }],
      probe: checker.probe,
    }),
  ).toThrow(/K3: .*bystander\/2 runs/);
});

test('problems can be collected instead of thrown', () => {
  const codes = new Set<string>();
  const checker = new InvariantChecker({ report: problems => problems.forEach(p => codes.add(p.code)) });
  runOf(scenario, {
    probe: kernel => {
      kernel.tasks[2]!.exec.ran += 1;
      checker.probe(kernel);
    },
  });
  expect([...codes]).toEqual(['K7']);
});

describe('moves', () => {
  const codes = (act: (kernel: Kernel) => void): string[] => {
    const found = new Set<string>();
    const checker = new InvariantChecker({ report: problems => problems.forEach(p => found.add(p.detail.replace(/^at \d+ ns, /, ''))) });
    let done = false;
    runOf(scenario, {
      resolver: () => new OwnerRuns(),
      sinks: [checker],
      probe: kernel => {
        if (!done && kernel.queue.now === 9) {
          done = true;
          act(kernel);
        }
        checker.probe(kernel);
      },
    });
    return [...found];
  };

  test('nobody but the resolver moves who is blocked, and nobody moves a task to where it may not run', () => {
    const told = codes(kernel => {
      const [owner, donor] = [kernel.tasks[0]!, kernel.tasks[1]!];
      kernel.trace.schedMigrate(2, donor, 0 as CpuId, 1 as CpuId, 'proxy');
      kernel.trace.schedMigrate(2, donor, 1 as CpuId, 0 as CpuId, 'pull');
      kernel.trace.schedMigrate(2, owner, 0 as CpuId, 1 as CpuId, 'push');
    });
    expect(told).toEqual([
      'donor/2 is blocked and was moved from CPU 1 to 0 (pull)',
      'owner/1 goes from CPU 0 to 1 (push), where it may not run',
    ]);
  });
});

test('a pick that has not forgotten for whom it last ran', () => {
  const checker = new InvariantChecker();
  const forgetful = (): unknown =>
    runOf(scenario, {
      sinks: [{ schedSwitch: (_now, _cpu, _prev, _next, donor) => (donor.blockedDonor = donor) }, checker],
      probe: checker.probe,
    });
  expect(forgetful).toThrow(/K3: .*still believes to run for another/);
});
