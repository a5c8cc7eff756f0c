/** Published schedules, and the class among the others, under every answer to locks. Times in ms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckReport, Op, Policy, Scenario } from '@proxysched/core';
import {
  dlMs as dl,
  fifo,
  jump,
  lock,
  nice,
  RecordingSink,
  run,
  scenarioOf,
  setAffinity,
  setPolicy,
  sleep,
  timer,
  unlock,
  yields,
  type TestTask,
} from '@proxysched/core/test-kit';
import { haltOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import { GENERATIONS, proxy, type GenerationName } from '@proxysched/proxy';
import { rt } from '@proxysched/rt';
import { createSimulation } from '@proxysched/sim';
import * as fc from 'fast-check';
import { deadline } from '../src/index.js';

const MS = 1e6;

interface TaskSet {
  readonly tasks: readonly {
    readonly name: string;
    readonly C?: number;
    readonly T?: number;
    readonly server?: { readonly Q: number; readonly T: number };
    readonly arrivals?: readonly { readonly t: number; readonly work: number }[];
  }[];
  readonly expect: Expected & { readonly edf?: Expected };
}

interface Expected {
  readonly schedule_until?: number;
  readonly schedule: readonly { readonly start: number; readonly end: number; readonly task: string }[];
  readonly server_events?: readonly { readonly t: number; readonly event: string }[];
}

const read = (name: string): TaskSet =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'conform', 'data', 'tasksets', `${name}.json`), 'utf8')) as TaskSet;

/** A periodic task has its work as budget unless `budget` says more; a server's jobs come one by one, by a timer set to each arrival. */
function scenarioOfSet(set: TaskSet, until: number, budget?: number): Scenario {
  const tasks = set.tasks.map(({ name, C, T, server, arrivals }, id): [string, TestTask] => {
    if (server === undefined) {
      const policy = dl(budget ?? C!, T!);
      return [name, { policy, ops: [run(C! * MS), timer(T! * MS, 'absolute', id), jump(0)] }];
    }
    const ops = arrivals!.flatMap(({ work }, i): Op[] => {
      const next = arrivals![i + 1];
      return next === undefined ? [run(work * MS)] : [run(work * MS), timer((next.t - arrivals![i]!.t) * MS, 'absolute', id)];
    });
    return [name, { policy: dl(server.Q, server.T), start: arrivals![0]!.t * MS, ops }];
  });
  return scenarioOf({ until: until * MS, timers: set.tasks.length, tasks: Object.fromEntries(tasks) });
}

/** Neighbours joined, as task sets have them. */
function simulate(scenario: Scenario): { rows: Expected['schedule']; sink: RecordingSink } {
  const sink = new RecordingSink();
  createSimulation(scenario, [deadline, rt, fair, haltOnDeadlock], [sink]).run();
  const rows: { start: number; end: number; task: string }[] = [];
  for (const { task, from, to } of sink.ran) {
    const last = rows.at(-1);
    if (last?.task === task && last.end === from / MS) last.end = to / MS;
    else rows.push({ start: from / MS, end: to / MS, task });
  }
  return { rows, sink };
}

describe('published task sets', () => {
  test.each(['buttazzo-cbs', 'rtsim-cbs-two-hard-servers', 'rtsim-cbs-wakeup-original'])('%s', name => {
    const set = read(name);
    const { rows, sink } = simulate(scenarioOfSet(set, set.expect.schedule_until ?? 100));
    expect(rows).toEqual(set.expect.schedule);
    const at = (event: string): number[] => set.expect.server_events!.filter(e => e.event === event).map(e => e.t);
    if (name.includes('hard')) {
      const marks = (mark: string): number[] =>
        sink
          .of('classMark')
          .filter(line => line.includes(` ${mark} `))
          .map(line => Number(line.split(' ')[0]) / MS);
      expect(marks('throttle').slice(0, 2)).toEqual(at('throttle_until'));
      expect(marks('replenish').slice(0, 2)).toEqual(at('replenish'));
    }
  });

  test('buttazzo-rm-edf-34-35: earliest deadline first meets everything where rates miss', () => {
    const { edf } = read('buttazzo-rm-edf-34-35').expect;
    // Budgets of a whole period would not be admitted; what is asked for is the order.
    const scenario = { ...scenarioOfSet(read('buttazzo-rm-edf-34-35'), edf!.schedule_until!, 5), options: { 'deadline.admission': false } };
    const { rows, sink } = simulate(scenario);
    expect(rows).toEqual(edf!.schedule.map(({ start, end, task }) => ({ start, end, task })));
    expect(sink.of('classMark').filter(line => /throttle|recharge/.test(line))).toEqual([]);
    expect(sink.of('jobDone').every(line => Number(line.split(' ')[3]) <= (line.includes(' t1 ') ? 5 : 7) * MS)).toBe(true);
  });
});

test('proxied, the waiter pays: its budget runs out while the owner works, and the owner goes on in its own name', () => {
  const sink = new RecordingSink();
  const scenario = scenarioOf({
    until: 100 * MS,
    options: GENERATIONS['7.3'].options,
    tasks: {
      owner: { policy: fifo(1), ops: [lock(0), run(8 * MS), unlock(0)] },
      hog: { policy: fifo(2), start: 1 * MS, ops: [run(10 * MS)] },
      waiter: { policy: dl(3, 20), start: 2 * MS, ops: [lock(0), run(1 * MS), unlock(0)] },
    },
  });
  createSimulation(scenario, [deadline, rt, fair, proxy, haltOnDeadlock], [sink]).run();
  // 0-1 in its own name, 2-5 in the waiter's until that is throttled, then after the hog.
  expect(sink.stretches('owner')).toEqual(['0:0-1000000', '0:2000000-5000000', '0:14000000-18000000']);
  expect(sink.of('classMark').filter(line => line.includes('throttle'))[0]).toBe('5000000 classMark 0 throttle waiter 0');
  expect(sink.stretches('waiter')[0]).toMatch(/^0:22000000-/);
});

describe('whatever tasks do, in whatever class', () => {
  const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max }).map(n => n * MS);
  const policy: fc.Arbitrary<Policy> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .record({ q: fc.integer({ min: 1, max: 6 }), d: fc.nat(6), p: fc.nat(6) })
        .map(({ q, d, p }): Policy => dl(q, q + d + p, q + d)),
    },
    fc.integer({ min: 1, max: 3 }).map(fifo),
    fc.constantFrom(nice(0), nice(5)),
  );
  const ops = fc
    .array(
      fc.oneof(
        ms(8).map(ns => [run(ns)]),
        ms(8).map(ns => [sleep(ns)]),
        fc.constant([yields]),
        policy.map(p => [setPolicy(p)]),
        fc.constantFrom([0, 1], [0], [1]).map(cpus => [setAffinity(...cpus)]),
        ms(6).map(ns => [lock(0), run(ns), unlock(0)]),
        ms(4).map(ns => [lock(0), sleep(ns), unlock(0)]),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map(parts => parts.flat());
  const tasks = fc.array(fc.record({ policy, start: ms(10), ops }), { minLength: 2, maxLength: 5 });

  test.each(Object.keys(GENERATIONS) as GenerationName[])('its invariants hold and all work gets done: %s', name => {
    fc.assert(
      fc.property(tasks, fc.constantFrom(1, 2), fc.constantFrom(null, 250, 1000), (set, cpus, hz) => {
        const options = { ...GENERATIONS[name].options, 'deadline.admission': false };
        const scenario = scenarioOf({ cpus, until: 10_000 * MS, machine: { hz }, options, mutexes: 1, tasks: set });
        const allowed = {
          ...scenario,
          tasks: scenario.tasks.map(t => ({ ...t, program: { ops: t.program.ops.map(op => onMachine(op, cpus)) } })),
        };
        const wrong: string[] = [];
        const report: CheckReport = { fail: (code, detail) => void wrong.push(`${code}: ${detail}`) };
        const modules = [deadline, rt, fair, ...(name === 'off' ? [] : [proxy]), haltOnDeadlock];
        const result = createSimulation(allowed, modules).run(kernel => kernel.rqs.forEach(rq => kernel.classes[0]!.check!(rq, report)));
        expect(wrong).toEqual([]);
        expect(result.outcome).toBe('finished');
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60), seed: Number(process.env['PROPERTY_SEED'] ?? 3) },
    );
  });

  const onMachine = (op: Op, cpus: number): Op => (op.op === 'setAffinity' && cpus === 1 ? setAffinity(0) : op);
});
