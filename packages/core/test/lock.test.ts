/** Taking and releasing: stealing and the hand-off after one lost round, the errors of programs, the cycles that locks close. */
import fc from 'fast-check';
import { ClassicResolver, findCycle, Mutex, MutexRules, ProgramError, type LockRules, type Task } from '../src/index.js';
import { exit, fifo, lock, machineOf, run, runOf, scenarioOf, sleep, unlock } from '../src/test-kit/index.js';

function errorOf(act: () => unknown): ProgramError {
  try {
    act();
  } catch (error) {
    if (error instanceof ProgramError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('stealing', () => {
  // `thief` outranks `waiter`: it takes the lock again before the woken waiter has run.
  const greedy = (rounds: number) =>
    scenarioOf({
      tasks: {
        thief: {
          policy: fifo(2),
          ops: Array.from({ length: rounds }, () => [lock(0), run(10), unlock(0), lock(0), run(10), unlock(0), sleep(1)]).flat(),
        },
        waiter: { policy: fifo(1), start: 5, cpu: 1, cpus: [1], ops: [lock(0), run(1), unlock(0)] },
      },
      cpus: 2,
    });

  test('a free lock goes to whoever comes first: the releaser takes it again', () => {
    const { sink } = runOf(greedy(1));
    expect(sink.of('mutexAcquired', 'mutexReleased').slice(0, 3)).toEqual([
      '0 mutexAcquired thief m0',
      '10 mutexReleased thief m0',
      '10 mutexAcquired thief m0 stolen',
    ]);
  });

  test('the first waiter loses one round, not two: it asks for a hand-off', () => {
    const { sink } = runOf(greedy(3));
    expect(sink.of('mutexBlocked')[0]).toBe('5 mutexBlocked waiter m0');
    expect(sink.of('mutexBlocked')[1]).toBe('10 mutexBlocked waiter m0');
    expect(sink.of('mutexReleased')[1]).toBe('20 mutexReleased thief m0 to waiter');
    expect(sink.of('mutexAcquired')[2]).toBe('20 mutexAcquired waiter m0 waited');
  });

  test('nobody takes a lock that has been handed to somebody else', () => {
    const { sink } = runOf(greedy(3));
    const handed = sink.lines.findIndex(line => line.includes('to waiter'));
    const next = sink.lines.slice(handed).find(line => line.includes('mutexAcquired'));
    expect(next).toContain('waiter');
  });
});

test('waiters are served in order of arrival', () => {
  const waiter = (start: number) => ({ start, ops: [lock(0), run(1), unlock(0)] });
  const { sink } = runOf(
    scenarioOf({
      cpus: 4,
      tasks: {
        owner: { ops: [lock(0), run(50), unlock(0)], cpu: 0 },
        x: { ...waiter(3), cpu: 1 },
        y: { ...waiter(2), cpu: 2 },
        z: { ...waiter(4), cpu: 3 },
      },
    }),
  );
  expect(sink.of('mutexAcquired').map(line => line.split(' ')[2])).toEqual(['owner', 'y', 'x', 'z']);
});

describe('what a program must not do', () => {
  test('P001: release what another holds', () => {
    const error = errorOf(() =>
      runOf(scenarioOf({ tasks: { a: { ops: [lock(0), sleep(5), unlock(0)] }, b: { ops: [run(1), unlock(0)] } } })),
    );
    expect(error).toMatchObject({ code: 'P001', task: 'b', pc: 1, at: 1 });
    expect(error.message).toMatch(/unlock of "m0", which a holds/);
  });

  test('P001: release what nobody holds', () => {
    expect(errorOf(() => runOf(scenarioOf({ tasks: [{ ops: [unlock(0)] }] }))).message).toMatch(/nobody holds/);
  });

  test('P002: lock what it holds', () => {
    expect(errorOf(() => runOf(scenarioOf({ tasks: [{ ops: [lock(0), run(3), lock(0)] }] })))).toMatchObject({
      code: 'P002',
      at: 3,
      pc: 2,
    });
  });

  test('P003: end while holding', () => {
    const error = errorOf(() => runOf(scenarioOf({ tasks: [{ ops: [lock(0), lock(1), unlock(0), exit] }] })));
    expect(error).toMatchObject({ code: 'P003', pc: 3 });
    expect(error.message).toContain('"m1"');
    expect(error.message).not.toContain('"m0"');
  });

  test('P003: run off the end while holding', () => {
    expect(errorOf(() => runOf(scenarioOf({ tasks: [{ ops: [lock(0)] }] })))).toMatchObject({ code: 'P003', pc: 1 });
  });
});

describe('findCycle', () => {
  const rules = new MutexRules({ resolver: new ClassicResolver() });

  /** Tasks that wait as `waitsFor` says, each owning one lock. */
  function waiting(waitsFor: readonly (number | null)[]): readonly Task[] {
    const { tasks } = machineOf(scenarioOf({ tasks: waitsFor.map(() => ({ ops: [] })) })).machine;
    const mutexes = tasks.map((p, i) => Object.assign(new Mutex(i, `m${i}`, rules), { owner: p }));
    waitsFor.forEach((target, i) => {
      if (target === null) return;
      mutexes[target]!.addWaiter(tasks[i]!);
      tasks[i]!.state = 'blocked';
    });
    return tasks;
  }

  test('finds the cycle a task is in, and only that: any functional graph, against stepping n times', () => {
    const graphs = fc
      .integer({ min: 1, max: 40 })
      .chain(n => fc.array(fc.option(fc.nat(n - 1), { freq: 8 }), { minLength: n, maxLength: n }));
    fc.assert(
      fc.property(graphs, graph => {
        const waitsFor = graph.map((target, i) => (target === i ? null : target));
        const tasks = waiting(waitsFor);
        tasks.forEach((p, i) => {
          const expected: number[] = [];
          let at: number | null = i;
          do {
            expected.push(at);
            at = waitsFor[at]!;
          } while (at !== null && at !== i && expected.length <= tasks.length);
          expect(findCycle(p)?.map(t => t.pid - 1) ?? null).toEqual(at === i ? expected : null);
        });
      }),
      { seed: 1 },
    );
  });

  test('an awake waiter and a named owner are on their way: no cycle', () => {
    const [a, b] = waiting([1, 0]);
    expect(findCycle(a!)).toEqual([a, b]);
    b!.state = 'running';
    expect(findCycle(a!)).toBeNull();
    b!.state = 'blocked';
    b!.waitsIn!.owner = b!;
    expect(findCycle(a!)).toBeNull();
  });
});

describe('rules of its own', () => {
  /** Serves whoever came last, by name, and lets nobody slip in. */
  const lifo: LockRules = { kind: 'lifo', place: m => m.firstWaiter, nextOwner: m => m.firstWaiter };
  const waiter = (start: number, cpu: number) => ({ start, cpu, ops: [lock(0), run(1), unlock(0)] });
  const scenario = scenarioOf({
    cpus: 4,
    tasks: { owner: { ops: [lock(0), run(50), unlock(0)], cpu: 0 }, x: waiter(2, 1), y: waiter(3, 2), z: waiter(4, 3) },
  });
  const order = (kind?: string) => {
    const mutexes = [{ name: 'm0', ...(kind === undefined ? {} : { kind }) }];
    const { sink } = runOf({ ...scenario, mutexes }, { lockRules: () => [lifo] });
    return sink.of('mutexAcquired').map(line => line.split(' ')[2]);
  };

  test('a kind decides the order of its line, and only of its own mutexes', () => {
    expect(order('lifo')).toEqual(['owner', 'z', 'y', 'x']);
    expect(order()).toEqual(['owner', 'x', 'y', 'z']);
  });

  test('a kind without rules does not run', () => {
    expect(() => order('unheard-of')).toThrow(/K111.*unheard-of/);
  });

  test('a free lock may be refused to a thief', () => {
    const strict: LockRules = {
      kind: 'strict',
      place: () => null,
      nextOwner: () => null,
      mayTake: (m, p) => m.firstWaiter === null || m.firstWaiter === p,
    };
    const tasks = {
      thief: { policy: fifo(2), ops: [lock(0), run(10), unlock(0), lock(0), run(10), unlock(0)] },
      waiter: { policy: fifo(1), start: 5, cpu: 1, cpus: [1], ops: [lock(0), run(1), unlock(0)] },
    };
    const takers = (kind: string) =>
      runOf({ ...scenarioOf({ cpus: 2, tasks }), mutexes: [{ name: 'm0', kind }] }, { lockRules: () => [strict] })
        .sink.of('mutexAcquired')
        .map(line => line.split(' ')[2]);
    expect(takers('mutex')).toEqual(['thief', 'thief', 'waiter']);
    expect(takers('strict')).toEqual(['thief', 'waiter', 'thief']);
  });
});
