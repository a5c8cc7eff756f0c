/** With the real classes, as `preset-linux` arranges them, and every task allowed everywhere: who should run does, at every instant. */
import { NO_GAPS, type Kernel, type Op, type Policy, type Task } from '@proxysched/core';
import { fifo, nice, RecordingSink, run, scenarioOf, setPolicy, sleep, yields, type TestTask } from '@proxysched/core/test-kit';
import { InvariantChecker } from '@proxysched/check';
import { linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import * as fc from 'fast-check';

const MS = 1e6;
const dl = (runtime: number, relative: number, period: number): Policy => ({
  kind: 'deadline',
  runtime: runtime * MS,
  deadline: relative * MS,
  period: period * MS,
});

const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max }).map(n => n * MS);
const rtPolicy: fc.Arbitrary<Policy> = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map(fifo),
  fc.integer({ min: 1, max: 4 }).map((prio): Policy => ({ kind: 'rr', prio })),
  fc.constantFrom(nice(0), nice(5)),
);
const dlPolicy = fc.record({ q: fc.integer({ min: 1, max: 6 }), d: fc.nat(6), p: fc.nat(6) }).map(({ q, d, p }) => dl(q, q + d, q + d + p));

/** Rank of the class, then what orders it: the absolute deadline, the priority. */
function urgency(kernel: Kernel, p: Task): readonly [number, number] {
  const { policy, entity, cls } = p.sched;
  const within =
    policy.kind === 'deadline'
      ? (entity as unknown as { deadline: number }).deadline
      : policy.kind === 'fifo' || policy.kind === 'rr'
        ? -policy.prio
        : 0;
  return [kernel.rank(cls), within];
}

/** Able to run, in a strict class, and not waiting for its budget. */
function wants(p: Task): boolean {
  const { kind } = p.sched.policy;
  if (p.onRq !== 'queued' || p.isBlocked) return false;
  return kind === 'deadline' ? !(p.sched.entity as unknown as { throttled: boolean }).throttled : kind === 'fifo' || kind === 'rr';
}

function unsettled(kernel: Kernel): string | null {
  const sorted = (tasks: readonly Task[]) => tasks.map(p => urgency(kernel, p)).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const should = JSON.stringify(sorted(kernel.tasks.filter(wants)).slice(0, kernel.rqs.length));
  const run = JSON.stringify(sorted(kernel.rqs.map(rq => rq.curr).filter(p => p.pid > 0 && wants(p))));
  return should === run ? null : `${kernel.queue.now}: ${run} run, ${should} should`;
}

test.each([
  ['real time', rtPolicy],
  ['deadlines', dlPolicy],
  ['all classes', fc.oneof(rtPolicy, dlPolicy)],
])('the m most urgent run on m CPUs: %s', (_, policy) => {
  const op: fc.Arbitrary<Op> = fc.oneof(ms(8).map(run), ms(8).map(sleep), fc.constant(yields), policy.map(setPolicy));
  const task = fc.record({ policy, start: ms(12), forked: fc.boolean(), ops: fc.array(op, { minLength: 1, maxLength: 5 }) });
  const machine = fc.record({
    cpus: fc.constantFrom(2, 3),
    hz: fc.constantFrom(null, 1000),
    tasks: fc.array(task, { minLength: 2, maxLength: 8 }),
  });
  fc.assert(
    fc.property(machine, ({ cpus, hz, tasks }) => {
      const options = { 'deadline.admission': false, 'rt.rrTimeslice': 2 * MS };
      const checker = new InvariantChecker();
      const wrong: string[] = [];
      const simulation = createSimulation(scenarioOf({ cpus, machine: { hz }, options, tasks, until: 10_000 * MS }), linux('off'), [
        checker,
      ]);
      // An instant may have several events, and CPUs pick one after the other: what counts is how it ends.
      let [at, last]: [number, string | null] = [0, null];
      const result = simulation.run(kernel => {
        checker.probe(kernel);
        if (last !== null && kernel.queue.now > at) wrong.push(last);
        [at, last] = [kernel.queue.now, unsettled(kernel)];
      });
      expect(wrong).toEqual([]);
      expect(result.outcome).toBe('finished');
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 250), seed: Number(process.env['PROPERTY_SEED'] ?? 11) },
  );
});

function migrations(cpus: number, tasks: Record<string, TestTask>, options: Record<string, number | boolean> = {}): string[] {
  const sink = new RecordingSink();
  createSimulation(scenarioOf({ cpus, tasks, options, until: 100 * MS }), linux('off'), [sink]).run();
  return sink.of('schedMigrate');
}

test('what wakes while a pick is pending is pushed although the donor stays', () => {
  // At 2 ms the budget of a ends, is renewed at once by the same deadline that b gets, and a goes on.
  const tasks = {
    a: { policy: dl(1, 1, 1), start: 1 * MS, ops: [run(2 * MS)] },
    b: { policy: dl(1, 1, 1), start: 2 * MS, forked: true, cpu: 0, ops: [run(1 * MS)] },
  };
  expect(migrations(2, tasks, { 'deadline.admission': false })).toEqual(['2000000 schedMigrate b 0 -> 1 push']);
});

test('what is replenished behind somebody earlier is pushed', () => {
  const tasks = {
    late: { policy: dl(2, 10, 25), cpu: 0, ops: [run(4 * MS)] },
    long: { policy: dl(27, 30, 30), cpu: 0, cpus: [0], ops: [run(27 * MS)] },
  };
  expect(migrations(2, tasks)).toEqual(['25000000 schedMigrate late 0 -> 1 push']);
});

test('a CPU that is out of real-time runtime gives nothing away and does not spin', () => {
  const tasks = {
    a: { policy: fifo(1), cpu: 0, cpus: [0], ops: [run(30 * MS)] },
    b: { policy: fifo(1), cpu: 0, start: MS, ops: [run(30 * MS)] },
  };
  const sink = new RecordingSink();
  const options = { 'rt.runtime': 2 * MS, 'rt.period': 10 * MS };
  const result = createSimulation(scenarioOf({ cpus: 2, tasks, options, until: 400 * MS }), linux('off'), [sink]).run();
  expect(result.outcome).toBe('finished');
});

describe('the lock of the queue is let go for 1 ms while its CPU pulls (`gaps.balance`)', () => {
  const play = (cpus: number, tasks: Record<string, TestTask>, balance = MS) => {
    const sink = new RecordingSink();
    const machine = { gaps: { ...NO_GAPS, balance } };
    expect(createSimulation(scenarioOf({ cpus, tasks, machine, until: 200 * MS }), linux('off'), [sink]).run().outcome).toBe('finished');
    return sink;
  };
  const pulled: Record<string, TestTask> = {
    hog: { policy: fifo(9), cpus: [0], ops: [run(40 * MS)] },
    high: { policy: fifo(8), cpus: [1], ops: [run(10 * MS)] },
    low: { policy: fifo(2), cpu: 0, ops: [run(4 * MS)] },
  };

  test('what is pulled runs a window later', () => {
    expect(play(2, pulled).of('schedMigrate')).toEqual(['10000000 schedMigrate low 0 -> 1 pull']);
    expect(play(2, pulled).stretches('low')).toEqual(['1:11000000-15000000']);
    expect(play(2, pulled, 0).stretches('low')).toEqual(['1:10000000-14000000']);
  });

  test('somebody of a higher class or priority who wakes in the window goes first', () => {
    for (const policy of [fifo(3), dl(2, 10, 10)]) {
      const sink = play(2, {
        ...pulled,
        late: { policy, cpus: policy.kind === 'fifo' ? [1] : [0, 1], cpu: 1, start: 10.5 * MS, ops: [run(MS)] },
      });
      expect(sink.stretches('late')).toEqual(['1:11000000-12000000']);
      expect(sink.stretches('low')).toEqual(['1:12000000-16000000']);
    }
  });

  test('a CPU that would look nowhere has no window', () => {
    const alone: Record<string, TestTask> = {
      hog: { policy: fifo(9), cpus: [0], ops: [run(40 * MS)] },
      high: pulled['high']!,
      late: { policy: nice(0), cpus: [1], start: 5 * MS, ops: [run(MS)] },
    };
    expect(play(2, alone).stretches('late')).toEqual(['1:10000000-11000000']);
  });
});
