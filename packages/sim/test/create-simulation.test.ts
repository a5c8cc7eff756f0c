/** Composition: modules in, a machine out; what does not fit is told before anything runs, all of it at once. */
import type { DeadlockPolicy, Kernel, OptionList, PolicyKind, SchedClass } from '@proxysched/core';
import { fifo, nice, OwnerRuns, RecordingSink, RoundRobin, run, scenarioOf, setPolicy } from '@proxysched/core/test-kit';
import {
  add,
  DEADLOCK_POLICY,
  defineModule,
  get,
  KERNEL,
  OPTION_LIST,
  provide,
  PROXY_RESOLVER,
  SCHED_CLASS,
  TRACE_SINK,
  type SimModule,
} from '@proxysched/kit';
import { CompositionError, createSimulation } from '../src/index.js';

const HALT: DeadlockPolicy = { name: 'halt', onCycle: () => ({ kind: 'halt' }), onStall: () => ({ kind: 'halt' }) };
const halt = defineModule({ name: 'halt', register: c => provide(c, DEADLOCK_POLICY, { value: HALT }) });

const dials = {
  'robin.slice': { default: 10, about: 'Length of a turn.' },
  'robin.mode': { default: 'soft', values: ['soft', 'hard'], about: 'How.' },
} as const satisfies OptionList;

/** A class of any name for any policies. */
function serving(name: string, ...policies: PolicyKind[]): SimModule {
  const make = (kernel: Kernel): SchedClass => Object.assign(new RoundRobin(kernel), { name, policies });
  return defineModule({ name, register: c => add(c, SCHED_CLASS, { factory: from => make(get(from, KERNEL)) }) });
}

const robin = defineModule({
  name: 'robin',
  register: c => {
    add(c, OPTION_LIST, { value: dials });
    add(c, SCHED_CLASS, { factory: from => new RoundRobin(get(from, KERNEL)) });
  },
});

const plain = scenarioOf({ tasks: [{ ops: [run(5)] }] });

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof CompositionError) return error.problems;
    throw error;
  }
  return [];
}

test('a choice among words that look like numbers may be written as a number', () => {
  const versions = { 'robin.version': { default: '7.3', values: ['7.3', '7.2'], about: 'Which.' } } as const satisfies OptionList;
  const dialled = defineModule({ name: 'dialled', register: c => add(c, OPTION_LIST, { value: versions }) });
  const { options } = createSimulation({ ...plain, options: { 'robin.version': 7.2 } }, [robin, halt, dialled]);
  expect(options['robin.version']).toBe('7.2');
  const problems = problemsOf(() => createSimulation({ ...plain, options: { 'robin.version': 7.1 } }, [robin, halt, dialled]));
  expect(problems).toEqual(['option "robin.version" is one of 7.3, 7.2, found 7.1']);
});

test('modules in, a run out; options in force are told, defaults too', () => {
  const simulation = createSimulation({ ...plain, options: { 'robin.slice': 3 } }, [robin, halt]);
  expect(simulation.options).toEqual({ 'mutex.spin': 'auto', 'mutex.woundClears': true, 'proxy.charge': 'split', 'robin.slice': 3, 'robin.mode': 'soft' });
  expect(simulation.classes).toEqual(['round-robin']);
  expect(simulation.run()).toMatchObject({ outcome: 'finished', at: 5 });
});

test('sinks of the caller and of modules hear the same', () => {
  const [mine, theirs] = [new RecordingSink(), new RecordingSink()];
  const listener = defineModule({ name: 'listener', register: c => add(c, TRACE_SINK, { value: theirs }) });
  createSimulation(plain, [robin, halt, listener], [mine]).run();
  expect(mine.lines.length).toBeGreaterThan(0);
  expect(theirs.lines).toEqual(mine.lines);
});

describe('who serves which policy', () => {
  const classesOf = (...modules: SimModule[]) => createSimulation(scenarioOf({ tasks: [] }), [...modules, halt]).classes;

  test('the order of the list is the precedence', () => {
    expect(classesOf(serving('x', 'fifo'), serving('y', 'normal'))).toEqual(['x', 'y']);
    expect(classesOf(serving('y', 'normal'), serving('x', 'fifo'))).toEqual(['y', 'x']);
  });

  test('a class listed later takes policies over; one without any left is dropped, and its place taken', () => {
    expect(classesOf(serving('x', 'fifo', 'rr'), serving('y', 'normal'), serving('z', 'fifo', 'rr'))).toEqual(['z', 'y']);
  });

  test('one that keeps some stays, and the newcomer goes last', () => {
    expect(classesOf(serving('x', 'fifo', 'rr'), serving('y', 'normal'), serving('z', 'rr'))).toEqual(['x', 'y', 'z']);
  });

  test('one that takes over several has the first place', () => {
    expect(classesOf(serving('x', 'fifo'), serving('y', 'rr'), serving('v', 'normal'), serving('z', 'fifo', 'rr'))).toEqual(['z', 'v']);
  });

  test('a class for custom policies has none to lose', () => {
    expect(classesOf(serving('own'), serving('x', 'fifo'))).toEqual(['own', 'x']);
  });

  test('tasks are in the class that has the policy in the end', () => {
    const { kernel } = createSimulation(plain, [serving('old', 'normal'), serving('new', 'normal'), halt]);
    expect(kernel.tasks[0]!.sched.cls.name).toBe('new');
  });
});

describe('what does not fit', () => {
  test('an unknown option, with the one that was meant', () => {
    expect(problemsOf(() => createSimulation({ ...plain, options: { 'robin.slcie': 3 } }, [robin, halt]))).toEqual([
      'unknown option "robin.slcie"; did you mean "robin.slice"?',
    ]);
  });

  test('a value of the wrong type, or none of the choices', () => {
    expect(
      problemsOf(() => createSimulation({ ...plain, options: { 'robin.slice': 'long', 'robin.mode': 'firm' } }, [robin, halt])),
    ).toEqual(['option "robin.slice" wants a number, found "long"', 'option "robin.mode" is one of soft, hard, found "firm"']);
  });

  test('a mutex of a kind that nobody has rules for', () => {
    const scenario = { ...plain, mutexes: [{ name: 'm' }, { name: 'q', kind: 'queue' }] };
    expect(problemsOf(() => createSimulation(scenario, [robin, halt]))).toEqual([
      'mutex "q": no rules for the kind "queue"; there are mutex, rwsem, wait-die, wound-wait',
    ]);
  });

  test('no deadlock policy, beside the options', () => {
    const problems = problemsOf(() => createSimulation({ ...plain, options: { nonsense: 1 } }, [robin]));
    expect(problems).toHaveLength(2);
    expect(problems[1]).toMatch(/no deadlock policy/);
  });

  test('policies that nobody serves, of every task, also those a program changes to', () => {
    const scenario = scenarioOf({
      tasks: {
        a: { policy: fifo(1), ops: [] },
        b: { policy: { kind: 'custom', class: 'lottery', params: {} }, ops: [] },
        c: { ops: [setPolicy(nice(1)), setPolicy(fifo(3)), setPolicy(fifo(4))] },
      },
    });
    expect(problemsOf(() => createSimulation(scenario, [robin, halt]))).toEqual([
      'task "a": no class serves policy fifo; there are round-robin',
      'task "b": no class named "lottery"; there are round-robin',
      'task "c": no class serves policy fifo; there are round-robin',
    ]);
  });

  test('modules that are doubled or lack what they require', () => {
    const needy = defineModule({ name: 'needy', requires: [serving('absent')], register: () => undefined });
    expect(problemsOf(() => createSimulation(plain, [robin, robin, needy, halt]))).toHaveLength(2);
  });

  test('two resolvers', () => {
    const resolver = (name: string): SimModule =>
      defineModule({ name, register: c => provide(c, PROXY_RESOLVER, { value: new OwnerRuns() }) });
    expect(() => createSimulation(plain, [robin, halt, resolver('one'), resolver('two')])).toThrow(/proxy-resolver/);
  });
});

test('modules are values: two simulations of the same list have nothing in common', () => {
  const [one, two] = [createSimulation(plain, [robin, halt]), createSimulation(plain, [robin, halt])];
  expect(one.kernel.classes[0]).not.toBe(two.kernel.classes[0]);
  expect(one.run()).toEqual(two.run());
});
