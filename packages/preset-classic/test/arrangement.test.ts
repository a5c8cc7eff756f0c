import { InvariantChecker } from '@proxysched/check';
import { fifo, lock, nice, RecordingSink, run, scenarioOf, unlock } from '@proxysched/core/test-kit';
import { createSimulation } from '@proxysched/sim';
import { JobFigureSink, type JobFigures } from '@proxysched/trace';
import {
  classic,
  CLASSIC_CLASSES,
  classicProblems,
  classicScenario,
  LOCK_CHOICES,
  type ClassicClass,
  type LockChoice,
} from '../src/index.js';

const names = Object.keys(CLASSIC_CLASSES) as ClassicClass[];
const locks = Object.keys(LOCK_CHOICES) as LockChoice[];

/** Periodic tasks, some with a lock, three rounds each and a load that one CPU cannot carry for long. */
const periodic = (ns: number, period: number, locked: boolean, policy = nice(0), start = 0) => ({
  policy,
  start,
  ops: [
    ...(locked ? [run(1), lock(0), run(ns), unlock(0)] : [run(ns + 1)]),
    { op: 'timer', timer: 0, period, mode: 'absolute' } as const,
    { op: 'jump', to: 0, times: 2 } as const,
  ],
});

function figures(cls: ClassicClass, rule: LockChoice, cpus: number): { readonly outcome: string; readonly jobs: readonly JobFigures[] } {
  const made = scenarioOf({
    cpus,
    mutexes: 1,
    tasks: {
      a: periodic(9, 40, true, fifo(3), 5),
      b: periodic(12, 50, false, fifo(2), 7),
      c: periodic(20, 70, true, fifo(1)),
      d: periodic(3, 30, false),
    },
  });
  const scenario = {
    ...made,
    timers: made.tasks.map(t => ({ name: t.comm })),
    tasks: made.tasks.map((t, timer) => ({ ...t, program: { ops: t.program.ops.map(op => (op.op === 'timer' ? { ...op, timer } : op)) } })),
  };
  const [sink, checker] = [new JobFigureSink(), new InvariantChecker()];
  const arrangement = { cls, locks: rule };
  const { outcome } = createSimulation(classicScenario(scenario, arrangement), classic(arrangement), [sink, checker]).run(checker.probe);
  return { outcome, jobs: sink.figures() };
}

describe.each([1, 2, 3])('%d CPUs', cpus => {
  test.each(names.flatMap(cls => locks.map(rule => [cls, rule] as const)))(
    '%s with locks %s: every job is done, and the machine stays whole',
    (cls, rule) => {
      const problems = classicProblems(scenarioOf({ cpus, tasks: [] }), { cls, locks: rule });
      expect(problems).toHaveLength(cpus > 1 && cls.startsWith('g') && rule === 'proxy' ? 1 : 0);
      if (problems.length > 0) return;
      const { outcome, jobs } = figures(cls, rule, cpus);
      expect(outcome).toBe('finished');
      expect(jobs.map(j => j.completed)).toEqual([4, 4, 4, 4]); // the last one by the exit
      for (const j of jobs) expect(j.resumes).toBe(j.preemptions);
    },
  );
});

test.each(names)('%s on one CPU: proxy execution and inheritance give the same figures', cls => {
  expect(figures(cls, 'proxy', 1)).toEqual(figures(cls, 'pip', 1));
});

test('nothing but class, kind of mutex, placement and dials of absent classes changes', () => {
  const scenario = scenarioOf({
    cpus: 2,
    mutexes: 1,
    options: { 'fair.slice': 1, 'mine.dial': 2 },
    tasks: { a: { ops: [run(1)] }, b: { ops: [run(1)] }, c: { ops: [run(1)] } },
  });
  const changed = classicScenario(scenario, { cls: 'pfp', locks: 'prio' });
  expect(changed).toMatchObject({ options: { 'mine.dial': 2 }, mutexes: [{ kind: 'prio' }] });
  expect(changed.options).not.toHaveProperty('fair.slice');
  expect(changed.tasks.map(t => t.cpus)).toEqual([[0], [1], [0]]);
  expect(changed.tasks.map(t => t.program)).toEqual(scenario.tasks.map(t => t.program));
});

test.each(names.flatMap(cls => locks.map(rule => [cls, rule] as const)))(
  '%s with locks %s: a deadlock is told once, when it closes, and the rest goes on',
  (cls, rule) => {
    const tasks = {
      low: { policy: fifo(1), deadline: 400, ops: [lock(0), run(10), lock(1), unlock(1), unlock(0)] },
      high: { policy: fifo(2), deadline: 100, start: 3, ops: [lock(1), run(4), lock(0), unlock(0), unlock(1)] },
      other: { policy: fifo(1), deadline: 450, start: 20, ops: [run(50)] },
    };
    const sink = new RecordingSink();
    const arrangement = { cls, locks: rule };
    const scenario = classicScenario(scenarioOf({ until: 500, tasks }), arrangement);
    const { outcome } = createSimulation(scenario, classic(arrangement), [sink]).run();
    expect(sink.of('deadlock')).toEqual(['14 deadlock low high dequeue']);
    expect(sink.of('taskExit')).toEqual(['70 taskExit other']);
    expect(outcome).toBe('deadlock');
  },
);
