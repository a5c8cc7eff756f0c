/** The shapes of the kernel's own self-test of wait/wound mutexes: AA, ABBA, cycles, stress; and the errors of programs. */
import fc from 'fast-check';
import { ProgramError, type Op, type Scenario } from '../src/index.js';
import { lock, run, runOf, scenarioOf, sleep, unlock, type TestTask } from '../src/test-kit/index.js';

const KINDS = ['wait-die', 'wound-wait'] as const;
const wbegin: Op = { op: 'wbegin' };
const wend: Op = { op: 'wend' };

/** Takes the locks in this order, works between them, and lets go in the same order; told to back off it does, and starts again. */
function transaction(order: readonly number[], work: number): Op[] {
  const body = [
    ...order.flatMap(m => [lock(m), run(work)]),
    ...order.map(unlock),
    wend,
    { op: 'exit' } as const,
    { op: 'wbackoff', to: 1, slow: true } as const,
  ];
  return [wbegin, ...body.map((op): Op => (op.op === 'lock' ? { ...op, orElse: body.length } : op))];
}

const pinned = (ops: readonly Op[], cpu: number, start = 0): TestTask => ({ ops, cpu, cpus: [cpu], start });

function withKind(scenario: Scenario, kind: string): Scenario {
  return { ...scenario, mutexes: scenario.mutexes.map(m => ({ ...m, kind })) };
}

const play = (kind: string, tasks: Record<string, TestTask> | TestTask[], cpus: number, spin = 'off') =>
  runOf(withKind(scenarioOf({ cpus, tasks, options: { 'mutex.spin': spin } }), kind));

describe.each(KINDS)('%s', kind => {
  test('AA: what the context holds it holds already, and it is not counted twice', () => {
    const ops = [wbegin, lock(0), lock(0), run(5), unlock(0), wend];
    const { sink, result, task } = play(kind, { a: { ops } }, 1);
    expect(sink.of('mutexFailed')).toEqual(['0 mutexFailed a m0 EALREADY']);
    expect(result).toMatchObject({ outcome: 'finished', at: 5 });
    expect(task('a').exec).toMatchObject({ held: 0, context: { acquired: 0, newest: null } });
  });

  test('ABBA without a way out: one side is refused, and it is the younger', () => {
    const refused = (a: number, b: number): Op[] => [
      wbegin,
      lock(a),
      run(10),
      { ...lock(b), orElse: 6 } as Op,
      run(1),
      unlock(b),
      unlock(a),
      wend,
    ];
    const { sink, result } = play(kind, { old: pinned(refused(0, 1), 0), young: pinned(refused(1, 0), 1, 1) }, 2);
    expect(sink.of('mutexFailed')).toEqual(['11 mutexFailed young m0 EDEADLK']);
    expect(result.outcome).toBe('finished');
  });

  test.each(['off', 'on'])('ABBA with back-off, spinning %s: both finish, the older first', spin => {
    const { sink, result } = play(kind, { old: pinned(transaction([0, 1], 10), 0), young: pinned(transaction([1, 0], 10), 1, 1) }, 2, spin);
    expect(result.outcome).toBe('finished');
    expect(sink.of('taskExit').map(line => line.split(' ')[2])).toEqual(['old', 'young']);
  });

  test.each([2, 3, 4, 5, 6, 7, 8, 9])(
    'a ring of %i contexts on 8 CPUs: everyone gets through, nobody is refused while holding nothing',
    n => {
      const tasks = Array.from({ length: n }, (_, i) => ({ ops: transaction([i, (i + 1) % n], 10), cpu: i % 8 }));
      for (const spin of ['off', 'on']) {
        const { sink, result } = play(kind, tasks, 8, spin);
        expect(result.outcome).toBe('finished');
        const refusals = sink.of('mutexFailed').filter(line => line.includes('EDEADLK'));
        expect(refusals.length).toBeGreaterThanOrEqual(1);
        expect(refusals.length).toBeLessThan(n);
      }
    },
  );

  test('stress: any orders over 16 locks, twice as many contexts as CPUs: only EDEADLK and EALREADY, and all finish', () => {
    const orders = fc.shuffledSubarray(
      Array.from({ length: 16 }, (_, i) => i),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(fc.array(orders, { minLength: 8, maxLength: 8 }), fc.constantFrom('on', 'off'), (list, spin) => {
        const tasks = list.map((order, i) => ({ ops: transaction(order, 1 + (i % 3)), start: i % 4 }));
        const { sink, result, machine } = play(kind, tasks, 4, spin);
        expect(result.outcome).toBe('finished');
        for (const line of sink.of('mutexFailed')) expect(line).toMatch(/EDEADLK$|EALREADY$/);
        for (const m of machine.mutexes) expect([m.owner, m.context, m.nrWaiters]).toEqual([null, null, 0]);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

test('a retry is as old as before: in the end the one that backed off is the oldest, and wins', () => {
  // The young one backs off; then a new context arrives, which must not overtake it.
  const { sink } = play(
    'wound-wait',
    { old: pinned(transaction([0, 1], 10), 0), young: pinned(transaction([1, 0], 10), 1, 1), late: pinned(transaction([0], 10), 2, 15) },
    3,
  );
  const holders = sink.of('mutexAcquired').filter(line => line.endsWith('m0') || line.includes('m0 '));
  expect(holders.map(line => line.split(' ')[2])).toEqual(['old', 'young', 'late']);
});

test('backing off begins the context again, not the loop around it', () => {
  // Three rounds, and at the end of each a mutex that nobody else wants.
  const rounds = (order: readonly [number, number], own: number): Op[] => {
    const orElse = 12;
    const taking = order.flatMap((m): Op[] => [{ ...lock(m), orElse } as Op, run(10)]);
    const ops = [wbegin, ...taking, ...order.map(unlock), wend, lock(own), unlock(own), { op: 'jump', to: 0, times: 2 } as Op];
    return [...ops, { op: 'exit' }, { op: 'wbackoff', to: 1, slow: true }];
  };
  const { sink, result } = play('wound-wait', { old: pinned(rounds([0, 1], 2), 0), young: pinned(rounds([1, 0], 3), 1, 1) }, 2);
  expect(result.outcome).toBe('finished');
  expect(sink.of('mutexFailed').some(line => line.endsWith('EDEADLK'))).toBe(true);
  const taken = (m: string): number => sink.of('mutexAcquired').filter(line => line.endsWith(m)).length;
  expect([taken('m2'), taken('m3')]).toEqual([3, 3]);
});

test('a wound finds its victim in the line of another lock, and takes it out of there', () => {
  const { sink } = play(
    'wound-wait',
    {
      old: pinned([wbegin, lock(0), run(20), { ...lock(1), orElse: 6 } as Op, run(1), unlock(1), unlock(0), wend], 0),
      young: pinned([wbegin, lock(1), run(5), { ...lock(2), orElse: 6 } as Op, run(1), unlock(2), unlock(1), wend], 1, 1),
      third: pinned([lock(2), run(100), unlock(2)], 2),
    },
    3,
  );
  expect(sink.of('mutexBackOff', 'mutexFailed')).toEqual(['20 mutexBackOff young m1 by old wound', '20 mutexFailed young m2 EDEADLK']);
});

test('a wounded context that sleeps sleeps on, and finds out when it asks again', () => {
  const { sink } = play(
    'wound-wait',
    {
      old: pinned([wbegin, lock(0), run(10), lock(1), unlock(1), unlock(0), wend], 0),
      young: pinned([wbegin, lock(1), sleep(50), { ...lock(0), orElse: 5 } as Op, unlock(0), unlock(1), wend], 1),
    },
    2,
  );
  expect(sink.of('mutexBackOff', 'mutexFailed')).toEqual(['10 mutexBackOff young m1 by old wound', '50 mutexFailed young m0 EDEADLK']);
});

describe('what a program must not do', () => {
  test.each<[string, Op[]]>([
    ['begins a context', [wbegin, run(1), wbegin]],
    ['has not begun', [wend]],
    ['in which it holds "m0"', [wbegin, lock(0), wend]],
  ])('P006: %s', (message, ops) => {
    expect(() => play('wait-die', { a: { ops } }, 1)).toThrow(ProgramError);
    expect(() => play('wait-die', { a: { ops } }, 1)).toThrow(message);
  });
});
