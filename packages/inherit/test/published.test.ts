/** The published schedules of the uniprocessor protocols, interval by interval, and the priorities at which they run. */
import { haltOnDeadlock } from '@proxysched/deadlock';
import { deadline } from '@proxysched/deadline';
import { fair } from '@proxysched/fair';
import { proxy } from '@proxysched/proxy';
import { rt } from '@proxysched/rt';
import { createSimulation } from '@proxysched/sim';
import { publishedProtocol } from '../src/index.js';
import { MS, observe, readSet, scenarioFrom, type LockSet, type Span } from './published.js';

interface Expected {
  readonly schedule: readonly Span[];
  readonly completions: Readonly<Record<string, number>>;
  readonly deadlock?: boolean;
  readonly priority_of_running_task: readonly { readonly t: number; readonly task: string; readonly prio: number }[];
}

const SETS = ['classic-inversion', 'bw-four-processes', 'liu-five-jobs-two-resources', 'srl90-crossed-locks', 'pathfinder-cycle'];
const cases = SETS.flatMap(name => {
  const set = readSet(name);
  return Object.entries(set.expect).map(([protocol, expected]) => ({ name, protocol, set, expected: expected as Expected }));
});

let compared = 0;
afterAll(() => console.log(`published schedules: ${compared} values compared`));

/** Neighbours of one task become one interval, whoever it ran for. */
function joined(spans: readonly Span[]): Span[] {
  const out: { start: number; end: number; task: string }[] = [];
  for (const { start, end, task } of spans) {
    const last = out.at(-1);
    if (last !== undefined && last.task === task && last.end === start) last.end = end;
    else out.push({ start, end, task: task! });
  }
  return out;
}

describe.each(cases)('$name under $protocol', ({ protocol, set, expected }) => {
  const { module, options } = publishedProtocol(protocol)!;

  test('schedule, completions, deadlock', () => {
    const { schedule, completions, result } = observe(scenarioFrom(set, 200, options), [module]);
    expect(joined(schedule)).toEqual(expected.schedule);
    expect(completions).toEqual(expected.completions);
    expect(result.outcome).toBe(expected.deadlock === true ? 'deadlock' : 'finished');
    compared += expected.schedule.length * 3 + Object.keys(expected.completions).length + 1;
  });

  test('the running task has the priority that the protocol says', () => {
    const scenario = scenarioFrom(set, 200, options);
    const modules = [deadline, rt, fair, module, haltOnDeadlock];
    const seen = new Map<number, { task: string; prio: number }>();
    createSimulation(scenario, modules).run(kernel => {
      const { curr, idle } = kernel.rqs[0]!;
      // The last word of an instant counts: effects without duration are over.
      if (curr !== idle) seen.set(kernel.queue.now / MS, { task: curr.comm, prio: 1 + (curr.sched.prio - 9) });
    });
    for (const { t, task, prio } of expected.priority_of_running_task) {
      expect({ t, ...seen.get(t) }).toEqual({ t, task, prio });
      compared += 2;
    }
  });
});

// Linux compares a woken donor with itself and lets the former owner go on (proxy-execution.md 24): that dial is turned.
describe('proxy execution on one CPU with hand-over to the donor is PIP, instant by instant', () => {
  test.each(SETS)('%s', name => {
    const set: LockSet = readSet(name);
    const { schedule, completions } = observe(scenarioFrom(set, 200, { 'proxy.lendUntil': 'release' }), [proxy]);
    const expected = set.expect['PIP'] as Expected;
    expect(joined(schedule)).toEqual(expected.schedule);
    expect(completions).toEqual(expected.completions);
    compared += expected.schedule.length * 3;
  });
});

test('hand-over and a lock left free give the same published schedules', () => {
  for (const { set, expected } of cases.filter(c => c.protocol === 'PIP')) {
    const { module, options } = publishedProtocol('PIP', false)!;
    expect(joined(observe(scenarioFrom(set, 200, options), [module]).schedule)).toEqual(expected.schedule);
  }
});

test('a name nobody published', () => {
  expect(publishedProtocol('SRP')).toBeUndefined();
});
