/** Work takes as long as the CPU is slow, and who chooses a CPU for it is told where it was woken. */
import fc from 'fast-check';
import { regularTopology, timeFor, workIn, type Kernel, type SchedClass } from '../src/index.js';
import { fifo, FixedPriority, lock, run, runOf, scenarioOf, sleep, unlock, type TestTask } from '../src/test-kit/index.js';

const capacity = fc.integer({ min: 1, max: 1024 });

test('the least time in which so much work is done', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), capacity, (work, c) => {
      const time = timeFor(work, c);
      fc.pre(Number.isSafeInteger(time));
      expect(workIn(time, c)).toBeGreaterThanOrEqual(work);
      if (time > 0) expect(workIn(time - 1, c)).toBeLessThan(work);
    }),
    { seed: 1 },
  );
});

test('at full capacity time is work, in pieces it is less than the whole by less than one for each', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 20 }), capacity, (pieces, c) => {
      expect(workIn(pieces[0]!, 1024)).toBe(pieces[0]);
      const apart = pieces.reduce((sum, ns) => sum + workIn(ns, c), 0);
      const whole = workIn(
        pieces.reduce((sum, ns) => sum + ns, 0),
        c,
      );
      expect(whole - apart).toBeGreaterThanOrEqual(0);
      expect(whole - apart).toBeLessThan(pieces.length);
    }),
    { seed: 1 },
  );
});

const little = { topology: regularTopology({ cores: 2, capacities: [256, 1024] }) };
const ends = (tasks: Record<string, TestTask>): string[] =>
  runOf(scenarioOf({ cpus: 2, machine: little, tasks }))
    .sink.of('taskExit')
    .map(line => line.replace(' taskExit', ''));

test('a quarter of the capacity, four times the time; a span of time is a span of time', () => {
  expect(ends({ slow: { cpus: [0], ops: [run(10)] }, fast: { cpus: [1], ops: [run(10)] } })).toEqual(['10 fast', '40 slow']);
  expect(ends({ slow: { cpus: [0], ops: [{ op: 'runFor', ns: 10 }] } })).toEqual(['10 slow']);
});

test('what was begun on a little CPU goes on on a big one', () => {
  const low: TestTask = { policy: fifo(1), cpu: 0, ops: [run(10)] };
  const high: TestTask = { policy: fifo(2), cpus: [0], start: 20, ops: [run(5)] };
  // Half of it is done at 20. High takes 20 of time, then low the other 20.
  expect(ends({ low: { ...low, cpus: [0] }, high })).toEqual(['40 high', '60 low']);
});

test('a class is told who wakes a task: the CPU of the waker, or where a timer was set', () => {
  const asked: string[] = [];
  const asking = (kernel: Kernel): SchedClass => {
    const cls: SchedClass = new FixedPriority(kernel);
    cls.selectTaskRq = (p, prev, _flags, from) => {
      asked.push(`${p.comm} ${prev} from ${from}`);
      return prev;
    };
    return cls;
  };
  runOf(
    scenarioOf({
      cpus: 2,
      tasks: {
        owner: { policy: fifo(1), cpus: [1], ops: [lock(0), run(10), unlock(0)] },
        waiter: { policy: fifo(1), cpu: 0, start: 2, ops: [lock(0), unlock(0), sleep(5)] },
      },
    }),
    { classes: kernel => [asking(kernel)] },
  );
  expect(asked).toEqual(['waiter 0 from 0', 'waiter 0 from 1', 'waiter 0 from 0']);
});
