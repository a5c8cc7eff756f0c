/** Waits that end before the lock is had: by a signal, or because their time is over. */
import type { Op } from '../src/index.js';
import { lock, run, runOf, scenarioOf, sleep, unlock, type TestTask } from '../src/test-kit/index.js';

const kill = (task: number): Op => ({ op: 'kill', task });
const pinned = (cpu: number, start: number, ...ops: Op[]): TestTask => ({ cpu, cpus: [cpu], start, ops });
/** Asks, works for 5 with the lock and for 1 without it. */
const attempt = (how: object): Op[] => [{ ...lock(0), ...how, orElse: 4 } as Op, run(5), unlock(0), { op: 'exit' }, run(1)];

const play = (tasks: Record<string, TestTask>, spin = 'off') => runOf(scenarioOf({ cpus: 3, tasks, options: { 'mutex.spin': spin } }));

test('a signal ends an interruptible wait, and the program goes on elsewhere', () => {
  const { sink, task } = play({
    owner: pinned(0, 0, lock(0), run(100), unlock(0)),
    waiter: pinned(1, 10, ...attempt({ interruptible: true })),
    other: pinned(2, 30, kill(1)),
  });
  expect(sink.of('mutexFailed', 'taskExit')).toEqual([
    '30 taskExit other',
    '30 mutexFailed waiter m0 EINTR',
    '31 taskExit waiter',
    '100 taskExit owner',
  ]);
  expect(task('waiter').exec).toMatchObject({ ran: 1, signalPending: false });
});

test('other waits do not notice it; it stays for the next that does', () => {
  const second: Op = { op: 'lock', mutex: 1, interruptible: true, orElse: 6 };
  const { sink } = play({
    owner: pinned(0, 0, lock(0), run(100), unlock(0)),
    waiter: pinned(1, 10, lock(0), run(5), unlock(0), second, run(5), unlock(1), run(1)),
    other: pinned(2, 0, lock(1), run(30), kill(1), run(300), unlock(1)),
  });
  expect(sink.of('mutexFailed')).toEqual(['105 mutexFailed waiter m1 EINTR']);
  expect(sink.of('taskExit')).toContain('106 taskExit waiter');
});

test('who has the lock at once is not interrupted', () => {
  const { sink } = play({
    waiter: pinned(1, 10, ...attempt({ interruptible: true })),
    other: pinned(2, 5, kill(0)),
  });
  expect(sink.of('mutexFailed', 'mutexAcquired')).toEqual(['10 mutexAcquired waiter m0']);
});

test('a wait ends when its time is over, and not when the lock comes first', () => {
  const after = (timeout: number): readonly string[] =>
    play({
      owner: pinned(0, 0, lock(0), run(50), unlock(0)),
      waiter: pinned(1, 10, ...attempt({ timeout })),
    })
      .sink.of('mutexFailed', 'mutexAcquired')
      .slice(1);
  expect(after(30)).toEqual(['40 mutexFailed waiter m0 ETIMEDOUT']);
  expect(after(60)).toEqual(['50 mutexAcquired waiter m0 waited']);
  // A clock that was set for a wait does not disturb the sleep after it.
  const { sink } = play({
    owner: pinned(0, 0, lock(0), run(50), unlock(0)),
    waiter: pinned(1, 10, ...attempt({ timeout: 60 }).slice(0, 3), sleep(100)),
  });
  expect(sink.of('taskExit')).toContain('155 taskExit waiter');
});

test('who waits for nobody in particular gives up as well: the others move up, and the hand-off is theirs', () => {
  const { sink } = play({
    owner: pinned(0, 0, lock(0), run(50), unlock(0)),
    waiter: pinned(1, 10, ...attempt({ timeout: 20 })),
    next: pinned(2, 20, lock(0), run(5), unlock(0)),
  });
  expect(sink.of('mutexFailed', 'mutexAcquired').slice(1)).toEqual([
    '30 mutexFailed waiter m0 ETIMEDOUT',
    '50 mutexAcquired next m0 waited',
  ]);
});

test('who spins looks at the clock when it would have to wait', () => {
  const { sink } = play(
    { owner: pinned(0, 0, lock(0), run(50), sleep(50), unlock(0)), waiter: pinned(1, 10, ...attempt({ timeout: 20 })) },
    'on',
  );
  expect(sink.of('mutexSpin', 'mutexFailed')).toEqual([
    '10 mutexSpin waiter m0 on',
    '50 mutexSpin waiter m0 off',
    '50 mutexFailed waiter m0 ETIMEDOUT',
  ]);
});

test.each(['off', 'on'])('who will not wait has it at once or not at all, spinning %s', spin => {
  const { sink, task } = play(
    {
      owner: pinned(0, 0, lock(0), run(50), unlock(0)),
      early: pinned(1, 10, ...attempt({ noWait: true })),
      late: pinned(2, 60, ...attempt({ noWait: true })),
    },
    spin,
  );
  expect(sink.of('mutexFailed', 'mutexAcquired')).toEqual([
    '0 mutexAcquired owner m0',
    '10 mutexFailed early m0 EBUSY',
    '60 mutexAcquired late m0',
  ]);
  expect([task('early').exec.ran, task('late').exec.ran]).toEqual([1, 5]);
});

test('nor does it have once more what it holds', () => {
  const { sink, result } = play({ a: pinned(0, 0, lock(0), { ...lock(0), noWait: true, orElse: 2 } as Op, unlock(0)) });
  expect(sink.of('mutexFailed')).toEqual(['0 mutexFailed a m0 EBUSY']);
  expect(result.outcome).toBe('finished');
});
