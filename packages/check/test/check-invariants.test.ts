/** The checker finds what it is there for: each invariant is broken by hand, in a machine that is fine otherwise. */
import { CpuSet, type CpuId, type Kernel, type Task } from '@proxysched/core';
import {
  fifo,
  FixedPriority,
  lock,
  machineOf,
  OwnerRuns,
  run,
  scenarioOf,
  sleep,
  unlock,
  type TestMachine,
} from '@proxysched/core/test-kit';
import { checkInvariants } from '../src/index.js';

/** CPU 0: `owner` runs in the name of `donor`, `ready` waits its turn. CPU 1: `far`. `away` sleeps, `late` has not come. */
const scenario = scenarioOf({
  cpus: 2,
  tasks: {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(90), unlock(0)] },
    donor: { policy: fifo(3), cpus: [0], start: 2, ops: [lock(0), run(1), unlock(0)] },
    ready: { policy: fifo(2), cpus: [0], start: 3, ops: [run(5)] },
    far: { policy: fifo(1), cpus: [1], ops: [run(90)] },
    asleep: { policy: fifo(9), cpus: [1], ops: [sleep(200)] },
    late: { start: 300, ops: [] },
  },
});

type Break = (kernel: Kernel, task: (name: string) => Task) => void;

/** Codes reported at t = 3, after `act`. The run is given up then. */
function codesAfter(act: Break): string[] {
  const built: TestMachine = machineOf(scenario, { resolver: () => new OwnerRuns() });
  let codes: string[] = [];
  const stop = new Error('seen enough');
  try {
    built.machine.run(kernel => {
      if (kernel.queue.now < 3) return;
      act(kernel, built.task);
      codes = checkInvariants(kernel).map(p => p.code);
      throw stop;
    });
  } catch (error) {
    if (error !== stop) throw error;
  }
  return [...new Set(codes)].sort();
}

test('nothing is wrong with a machine that nobody touched', () => {
  expect(codesAfter(() => undefined)).toEqual([]);
});

test.each<[code: string, what: string, act: Break]>([
  ['K1', 'a runnable task on no queue', (_k, t) => (t('ready').onRq = 'no')],
  ['K1', 'a sleeper on a queue', (_k, t) => (t('asleep').onRq = 'queued')],
  ['K1', 'a task that never finished waking', (_k, t) => (t('ready').state = 'waking')],
  ['K1', 'a new task that is queued', (_k, t) => (t('late').onRq = 'queued')],
  ['K1', 'a delayed dequeue of a task that is awake', (_k, t) => (t('ready').schedDelayed = true)],
  ['K2', 'two CPUs run one task', k => (k.rqs[1]!.curr = k.rqs[0]!.curr)],
  ['K2', 'a task runs where it may not', (_k, t) => (t('far').exec.cpusAllowed = CpuSet.of(2, [0]))],
  ['K2', 'a blocked task runs', (k, t) => (k.rqs[0]!.curr = t('donor'))],
  ['K3', 'two CPUs have one donor', k => (k.rqs[1]!.donor = k.rqs[0]!.donor)],
  ['K3', 'a donor of another CPU', (k, t) => (k.rqs[1]!.donor = t('ready'))],
  ['K3', 'idle pays for somebody', k => (k.rqs[0]!.donor = k.rqs[0]!.idle)],
  ['K4', 'awake and blocked', (_k, t) => (t('ready').isBlocked = true)],
  ['K4', 'away and not blocked', (_k, t) => (t('ready').wakeCpu = 1 as CpuId)],
  ['K4', 'a home that is not allowed', (_k, t) => (t('donor').wakeCpu = 1 as CpuId)],
  ['K5', 'a free lock and nobody on the way', k => (k.mutexes[0]!.owner = null)],
  ['K5', 'an owner that does not know', (_k, t) => t('owner').exec.held--],
  ['K5', 'a dead owner', (_k, t) => (t('owner').state = 'dead')],
  ['K5', 'a line that has lost its end', k => (k.mutexes[0]!.lastWaiter = null)],
  ['K5', 'a waiter that does not know', (_k, t) => (t('donor').waitsIn = null)],
  ['K5', 'a named owner that sleeps on', (k, t) => Object.assign(k.mutexes[0]!, { owner: t('donor'), pickup: true })],
  ['K6', 'a counter too many', k => k.rqs[0]!.nrQueued++],
  ['K6', 'a counter of a class', k => k.rqs[0]!.nrByClass[0]!--],
  ['K6', 'an idle CPU that is none', k => k.idleCpus.add(0 as CpuId)],
  ['K6', 'a pick that was asked for and forgotten', k => (k.rqs[0]!.needResched = true)],
  ['K8', 'a CPU that idles with work', k => Object.assign(k.rqs[0]!, { curr: k.rqs[0]!.idle, donor: k.rqs[0]!.idle })],
])('%s: %s', (code, _what, act) => {
  expect(codesAfter(act)).toContain(code);
});

test('a class is asked for its own invariants', () => {
  class Liar extends FixedPriority {
    override check(_rq: unknown, report: { fail(code: string, detail: string): void }): void {
      report.fail('L1', 'I cannot tell');
    }
  }
  const { machine } = machineOf(scenarioOf({ tasks: [] }), { classes: kernel => [new Liar(kernel)] });
  expect(checkInvariants(machine)).toEqual([{ code: 'L1', detail: 'fixed-priority: I cannot tell' }]);
});
