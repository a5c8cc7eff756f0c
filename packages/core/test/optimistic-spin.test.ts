/** Who spins, for how long, and what comes of it (`locking.md` 2 "Spinning", `proxy-execution.md` 24 "Lock"). */
import type { Op } from '../src/index.js';
import { fifo, lock, run, runOf, scenarioOf, sleep, unlock, type TestTask } from '../src/test-kit/index.js';

const ON = { 'mutex.spin': 'on' };
const on = (cpu: number, start: number, ...ops: Op[]): TestTask => ({ cpu, cpus: [cpu], start, ops, policy: fifo(1) });
const section = (ns: number): Op[] => [lock(0), run(ns), unlock(0)];

function story(tasks: Record<string, TestTask>, { cpus = 2, options = ON as Record<string, string>, machine = {} } = {}) {
  const built = runOf(scenarioOf({ cpus, tasks, options, machine, until: 1000 }));
  return { ...built, locks: built.sink.of('mutexSpin', 'mutexBlocked', 'mutexAcquired', 'mutexReleased') };
}

test('a waiter burns its own CPU while the owner runs elsewhere, and has the lock the moment it is free', () => {
  const { locks, task } = story({ owner: on(0, 0, ...section(50)), waiter: on(1, 10, ...section(5)) });
  expect(locks).toEqual([
    '0 mutexAcquired owner m0',
    '10 mutexSpin waiter m0 on',
    '50 mutexReleased owner m0',
    '50 mutexSpin waiter m0 off',
    '50 mutexAcquired waiter m0',
    '55 mutexReleased waiter m0',
  ]);
  expect(task('waiter').exec).toMatchObject({ ran: 45, spun: 40 });
});

test('on one CPU nobody spins: the owner is not on it', () => {
  const { locks } = story({ owner: on(0, 0, ...section(50)), waiter: { ...on(0, 10, ...section(5)), policy: fifo(2) } }, { cpus: 1 });
  expect(locks.filter(line => line.includes('Spin'))).toEqual([]);
});

test('when the owner goes to sleep the spinner does too, and is woken as any waiter', () => {
  const { locks } = story({ owner: on(0, 0, lock(0), run(20), sleep(30), unlock(0)), waiter: on(1, 10, ...section(5)) });
  expect(locks.slice(1)).toEqual([
    '10 mutexSpin waiter m0 on',
    '20 mutexSpin waiter m0 off',
    '20 mutexBlocked waiter m0',
    '50 mutexReleased owner m0',
    '50 mutexAcquired waiter m0 waited',
    '55 mutexReleased waiter m0',
  ]);
});

describe('several', () => {
  const three = { x: on(1, 13, ...section(5)), y: on(2, 12, ...section(5)), z: on(3, 14, ...section(5)) };

  test('take turns in the order in which they came', () => {
    const { locks } = story({ owner: on(0, 0, ...section(50)), ...three }, { cpus: 4 });
    expect(locks.filter(line => line.includes('Acquired')).slice(1)).toEqual([
      '50 mutexAcquired y m0',
      '55 mutexAcquired x m0',
      '60 mutexAcquired z m0',
    ]);
  });

  test('leave together when the owner does, the head first, and stand in line as they stood before', () => {
    const { locks } = story({ owner: on(0, 0, lock(0), run(20), sleep(30), unlock(0)), ...three }, { cpus: 4 });
    expect(locks.filter(line => line.includes('Blocked'))).toEqual([
      '20 mutexBlocked y m0',
      '20 mutexBlocked x m0',
      '20 mutexBlocked z m0',
    ]);
  });

  test('behind a head that has to leave the next one is head', () => {
    const urgent = { ...on(2, 30, run(100)), policy: fifo(9) };
    const { locks } = story({ owner: on(0, 0, ...section(50)), ...three, urgent }, { cpus: 4 });
    expect(locks.filter(line => line.includes(' y '))[1]).toBe('30 mutexSpin y m0 off');
    expect(locks.filter(line => line.includes('Acquired'))[1]).toBe('50 mutexAcquired x m0');
  });
});

test('a spinner whose CPU is wanted makes way at once, and waits in line when it runs again', () => {
  const { locks, sink } = story({
    owner: on(0, 0, ...section(100)),
    waiter: on(1, 10, ...section(5)),
    urgent: { ...on(1, 30, run(20)), policy: fifo(9) },
  });
  expect(sink.of('schedSwitch')).toContain('30 schedSwitch 1 waiter -> urgent for urgent preempted');
  expect(locks.slice(1, 4)).toEqual(['10 mutexSpin waiter m0 on', '30 mutexSpin waiter m0 off', '50 mutexBlocked waiter m0']);
});

test('the first waiter, robbed once, spins beside the queue and is handed the lock before the head of the queue', () => {
  const { locks } = story(
    {
      owner: on(0, 0, lock(0), run(10), sleep(10), unlock(0), ...section(30), ...section(30)),
      first: on(1, 12, ...section(5)),
      late: on(2, 30, ...section(5)),
    },
    { cpus: 3 },
  );
  expect(locks.slice(1)).toEqual([
    '12 mutexBlocked first m0',
    '20 mutexReleased owner m0',
    '20 mutexAcquired owner m0 stolen',
    '20 mutexSpin first m0 on',
    '30 mutexSpin late m0 on',
    '50 mutexReleased owner m0 to first',
    '50 mutexSpin owner m0 on',
    '50 mutexSpin first m0 off',
    '50 mutexAcquired first m0 waited',
    '55 mutexReleased first m0',
    '55 mutexSpin late m0 off',
    '55 mutexAcquired late m0',
    '60 mutexReleased late m0',
    '60 mutexSpin owner m0 off',
    '60 mutexAcquired owner m0',
    '90 mutexReleased owner m0',
  ]);
});

test('nobody spins for somebody who spins for him: the cycle is seen at once', () => {
  const crossed = (a: number, b: number): Op[] => [lock(a), run(10), lock(b), run(1), unlock(b), unlock(a)];
  const { result, locks } = story({ p: on(0, 0, ...crossed(0, 1)), q: on(1, 1, ...crossed(1, 0)) });
  expect(locks.slice(2)).toEqual(['10 mutexSpin p m1 on', '11 mutexBlocked q m0', '11 mutexSpin p m1 off', '11 mutexBlocked p m1']);
  expect(result).toMatchObject({ outcome: 'deadlock', at: 11 });
});

test('without being asked: with a tick, and not where timers are exact', () => {
  const tasks = { owner: on(0, 0, ...section(50)), waiter: on(1, 10, ...section(5)) };
  const spins = (options: Record<string, string>, hz: number | null): boolean =>
    story(tasks, { options, machine: { hz } }).locks.some(line => line.includes('Spin'));
  expect([spins({}, null), spins({}, 1000), spins({ 'mutex.spin': 'off' }, 1000), spins(ON, null)]).toEqual([false, true, false, true]);
});
