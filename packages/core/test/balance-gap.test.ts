/** W14 and W13 with a width (`machine.gaps.balance`): what others do to a queue while its CPU balances before its pick. */
import { NO_GAPS, type Balancer, type CpuId, type Kernel, type OutsideEvent, type RunQueue, type Task } from '../src/index.js';
import {
  fifo,
  FixedPriority,
  lock,
  nice,
  PullAnything,
  RoundRobin,
  run,
  runOf,
  scenarioOf,
  sleep,
  unlock,
  type TestTask,
} from '../src/test-kit/index.js';

const WIDTH = 5;

/** Tasks stay where they were: only balancing moves them. */
class Stays extends FixedPriority {
  override selectTaskRq(_p: Task, prev: CpuId): CpuId {
    return prev;
  }
}

interface Play {
  readonly balancer?: (kernel: Kernel) => Balancer;
  readonly width?: number;
  readonly outside?: readonly OutsideEvent[];
}

function play(cpus: number, tasks: Record<string, TestTask>, { balancer, width = WIDTH, outside = [] }: Play = {}) {
  const scenario = { ...scenarioOf({ cpus, tasks, until: 1000, machine: { gaps: { ...NO_GAPS, balance: width } } }), outside };
  const idle: number[] = [];
  const built = runOf(scenario, {
    classes: kernel => [new Stays(kernel), new RoundRobin(kernel)],
    balancers: kernel => [balancer?.(kernel) ?? new PullAnything(kernel)],
    probe: kernel => {
      if (kernel.idleCpus.has(1 as never)) idle.push(kernel.queue.now);
    },
  });
  expect(built.result.outcome).toBe('finished');
  return { ...built, idle };
}

/** Takes `comm` wherever it waits, however often. */
class Takes implements Balancer {
  readonly name = 'takes';
  constructor(
    private readonly kernel: Kernel,
    private readonly comm: string,
  ) {}
  newIdle(rq: RunQueue): boolean {
    const p = this.kernel.tasks.find(t => t.comm === this.comm && t.cpu !== rq.cpu && this.kernel.isMovable(t));
    if (p !== undefined) this.kernel.move(p, rq, 'pull');
    return true;
  }
}

const two: Record<string, TestTask> = {
  a: { policy: fifo(5), cpus: [0], ops: [run(40)] },
  waits: { policy: fifo(2), cpu: 0, ops: [run(4)] },
  first: { policy: fifo(9), cpus: [1], ops: [run(10)] },
};

test('what was pulled runs when the window is over, and not before', () => {
  const { sink } = play(2, two);
  expect(sink.of('schedMigrate')).toContain('10 schedMigrate waits 0 -> 1 pull');
  expect(sink.stretches('waits')).toEqual(['1:15-19']);
  expect(play(2, two, { width: 0 }).sink.stretches('waits')).toEqual(['1:10-14']);
});

test('who wakes in the window is seen by the pick: it goes before what was pulled', () => {
  const { sink } = play(2, { ...two, late: { policy: fifo(3), cpus: [1], start: 12, ops: [run(2)] } });
  expect([sink.stretches('late'), sink.stretches('waits')]).toEqual([['1:15-17'], ['1:17-21']]);
});

test('who wakes where nothing was found waits for the end of the window as well', () => {
  const { sink } = play(2, { first: two['first']!, late: { policy: nice(0), cpus: [1], start: 12, ops: [run(2)] } });
  expect(sink.of('schedWakeup')).toContain('12 schedWakeup late on 1');
  expect(sink.stretches('late')).toEqual(['1:15-17']);
});

test('what was pulled is taken away in the window: there is nothing left to pick', () => {
  const tasks = { ...two, second: { policy: fifo(9), cpus: [2], ops: [run(12)] } };
  const { sink } = play(3, tasks, { balancer: kernel => new Takes(kernel, 'waits') });
  expect(sink.of('schedMigrate').slice(-2)).toEqual(['10 schedMigrate waits 0 -> 1 pull', '12 schedMigrate waits 1 -> 2 pull']);
  expect(sink.stretches('waits')).toEqual(['2:17-21']);
  expect(sink.of('schedSwitch').filter(line => / 1 /.test(line) && Number(line.split(' ')[0]) >= 10)).toEqual([
    '10 schedSwitch 1 first -> idle for idle',
  ]);
});

test('a CPU in the window is none of the idle ones', () => {
  const { idle } = play(2, { first: two['first']!, other: { policy: fifo(1), cpus: [0], ops: [run(11), run(1), run(20)] } });
  expect(idle.filter(t => t >= 10)[0]).toBe(15);
});

test('W13: who has just left the queue is woken when it is off its CPU', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(13), unlock(0), run(5)] },
    waiter: { policy: fifo(2), cpus: [1], ops: [run(10), lock(0), run(1), unlock(0)] },
    napper: { policy: fifo(2), cpus: [2], ops: [run(10), sleep(2), run(1)] },
  };
  const { sink } = play(3, tasks);
  expect(sink.of('schedWaking', 'schedWakeup').filter(line => !line.startsWith('0'))).toEqual([
    '12 schedWaking napper',
    '13 schedWaking waiter by owner',
    '15 schedWakeup waiter on 1',
    '15 schedWakeup napper on 2',
  ]);
  expect([sink.stretches('waiter').at(-1), sink.stretches('napper').at(-1)]).toEqual(['1:15-16', '2:15-16']);
});

test('a CPU that is unplugged in the window gives back what it had pulled', () => {
  const { sink } = play(2, two, { outside: [{ at: 12, act: 'unplug', cpu: 1 as CpuId }] });
  expect(sink.of('schedMigrate')).toEqual(['10 schedMigrate waits 0 -> 1 pull', '12 schedMigrate waits 1 -> 0 unplug']);
  expect(sink.stretches('waits')).toEqual(['0:40-44']);
});
