/** A deadlock policy ends a wait: what the task does then, with a way out in its program and without. Times in ns. */
import type { DeadlockAction, DeadlockPolicy, Op, Task } from '../src/index.js';
import { fifo, jump, lock, readLock, run, runOf, scenarioOf, sleep, unlock, type TestTask } from '../src/test-kit/index.js';

/** Does this to the first cycle that closes, and lets the others be. */
function once(answer: (cycle: readonly Task[]) => DeadlockAction): DeadlockPolicy {
  let asked = false;
  return {
    name: 'once',
    onBlock: cycle => {
      if (asked) return null;
      asked = true;
      return answer(cycle);
    },
    onCycle: () => ({ kind: 'idle' }),
    onStall: () => ({ kind: 'halt' }),
  };
}

const wound = (comm: string): DeadlockPolicy => once(cycle => ({ kind: 'wound', victims: cycle.filter(p => p.comm === comm) }));

/** On one CPU: `low` takes 0, `high` takes 1 and wants 0, `low` wants 1 and so closes the circle at 12. */
function abba(low: readonly Op[], high: readonly Op[], more: Record<string, TestTask> = {}, kinds: readonly string[] = []) {
  const scenario = scenarioOf({
    until: 1000,
    tasks: { low: { policy: fifo(1), ops: low }, high: { policy: fifo(2), start: 2, ops: high }, ...more },
  });
  return { ...scenario, mutexes: scenario.mutexes.map((m, i) => ({ ...m, ...(kinds[i] === undefined ? {} : { kind: kinds[i] }) })) };
}
const LOW = [lock(0), run(7), lock(1), run(1), unlock(1), unlock(0)];
const HIGH = [lock(1), run(5), lock(0), run(1), unlock(0), unlock(1)];

const told = (lines: readonly string[], comm: string): string[] =>
  lines.filter(line => line.split(' ')[2] === comm && /mutex(?!Spin)|schedWaking|taskExit/.test(line));

test('who closes the circle fails in its call, gives back what it holds, waits with empty hands, and does its section again', () => {
  const { result, sink, task } = runOf(abba(LOW, HIGH), { deadlock: wound('low') });
  expect(told(sink.lines, 'low')).toEqual([
    expect.stringMatching(/^0 schedWaking low/),
    '0 mutexRequest low m0',
    '0 mutexAcquired low m0',
    '12 mutexRequest low m1',
    '12 mutexBlocked low m1',
    '12 mutexFailed low m1 EDEADLK',
    '12 mutexReleased low m0',
    // `high`, which has what it wanted, goes first.
    '13 mutexRequest low m1',
    '13 mutexAcquired low m1',
    '13 mutexReleased low m1',
    '13 mutexRequest low m0',
    '13 mutexAcquired low m0',
    '20 mutexRequest low m1',
    '20 mutexAcquired low m1',
    '21 mutexReleased low m1',
    '21 mutexReleased low m0',
    '21 taskExit low',
  ]);
  expect(result).toMatchObject({ outcome: 'finished', at: 21 });
  expect(task('low').exec.ran).toBe(7 + 7 + 1);
});

test('another member is woken to be refused, and whoever closed the circle gets its lock', () => {
  const { result, sink } = runOf(abba(LOW, HIGH), { deadlock: wound('high') });
  expect(told(sink.lines, 'high').slice(4, 12)).toEqual([
    '7 mutexBlocked high m0',
    '12 schedWaking high',
    '12 mutexFailed high m0 EDEADLK',
    '12 mutexReleased high m1',
    '12 mutexRequest high m0',
    '12 mutexBlocked high m0',
    '13 schedWaking high by low',
    '13 mutexAcquired high m0 waited',
  ]);
  expect(sink.of('taskExit')).toEqual(['19 taskExit high', '19 taskExit low']);
  expect(result.outcome).toBe('finished');
});

test('with a way out it is taken, with all that is held', () => {
  const low: Op[] = [lock(0), run(7), { op: 'lock', mutex: 1, orElse: 5 }, run(1), unlock(1), run(3), unlock(0)];
  const { sink } = runOf(abba(low, HIGH), { deadlock: wound('low') });
  expect(told(sink.lines, 'low').slice(5)).toEqual(['12 mutexFailed low m1 EDEADLK', '15 mutexReleased low m0', '16 taskExit low']);
});

test('loops of the section begin anew, those around it go on', () => {
  const low: Op[] = [run(1), lock(0), run(3), jump(2, 1), lock(1), unlock(1), unlock(0), jump(0, 1)];
  const { task, result } = runOf(abba(low, HIGH), { deadlock: wound('low') });
  expect(result.outcome).toBe('finished');
  // Twice round, with the section of two runs done three times.
  expect(task('low').exec.ran).toBe(2 * 1 + 3 * 6);
});

test('an acquire context begun inside the section ends with it, one around it goes on', () => {
  const inside: Op[] = [lock(0), run(7), { op: 'wbegin' }, lock(1), unlock(1), { op: 'wend' }, unlock(0)];
  const around: Op[] = [{ op: 'wbegin' }, lock(0), run(7), lock(1), unlock(1), unlock(0), { op: 'wend' }];
  for (const low of [inside, around]) expect(runOf(abba(low, HIGH), { deadlock: wound('low') }).result.outcome).toBe('finished');
});

test('a semaphore that is read is given back too', () => {
  const low: Op[] = [lock(0), readLock(2), run(7), lock(1), unlock(1), unlock(2), unlock(0)];
  const { sink, result } = runOf(abba(low, HIGH, {}, ['mutex', 'mutex', 'rwsem']), { deadlock: wound('low') });
  expect(sink.of('mutexReleased').filter(line => line.startsWith('12 '))).toEqual(['12 mutexReleased low m2', '12 mutexReleased low m0']);
  expect(result.outcome).toBe('finished');
});

describe('a wait with a time', () => {
  const timed = (comm: string, after: number): DeadlockPolicy =>
    once(cycle => ({ kind: 'timeout', victims: cycle.filter(p => p.comm === comm), after }));

  test('ends when it is over', () => {
    const { sink, result } = runOf(abba(LOW, HIGH), { deadlock: timed('high', 30) });
    expect(sink.of('mutexFailed')).toEqual(['42 mutexFailed high m0 ETIMEDOUT']);
    expect(sink.of('taskExit')).toEqual(['49 taskExit high', '49 taskExit low']);
    expect(result.outcome).toBe('finished');
  });

  test('and is forgotten when the lock comes first', () => {
    // The refusal of `low` opens the circle; that of `high` is still to come when it has its lock.
    let asked = 0;
    const both: DeadlockPolicy = {
      name: 'both',
      onBlock: cycle => ({ kind: 'timeout', victims: cycle, after: asked++ === 0 ? 30 : 1 }),
      onCycle: () => ({ kind: 'idle' }),
      onStall: () => ({ kind: 'halt' }),
    };
    const low: Op[] = [lock(0), run(7), { op: 'lock', mutex: 1, timeout: 5, orElse: 4 }, unlock(1), unlock(0)];
    const { sink } = runOf(abba(low, [...HIGH, sleep(100), lock(0), unlock(0)]), { deadlock: both });
    expect(sink.of('mutexFailed')).toEqual(['17 mutexFailed low m1 ETIMEDOUT']);
    expect(sink.of('taskExit')).toEqual(['18 taskExit low', '118 taskExit high']);
  });
});
