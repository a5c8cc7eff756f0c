/** The reader/writer semaphore: who is inside with whom, in which order, who may slip in and until when (`locking.md` 5). */
import type { Op } from '../src/index.js';
import { fifo, lock, nice, readLock, run, runOf, scenarioOf, unlock, type TestTask } from '../src/test-kit/index.js';

const MS = 1_000_000;
const on = (cpu: number, start: number, ops: Op[], policy = nice(0)): TestTask => ({ cpu, cpus: [cpu], start, ops, policy });
const reads = (ns: number): Op[] => [readLock(0), run(ns), unlock(0)];
const writes = (ns: number): Op[] => [lock(0), run(ns), unlock(0)];

function play(tasks: Record<string, TestTask>, { cpus = 6, spin = 'off' } = {}) {
  const scenario = scenarioOf({ cpus, tasks, options: { 'mutex.spin': spin } });
  return runOf({ ...scenario, mutexes: [{ name: 's', kind: 'rwsem' }] });
}
const taken = (sink: { of(...names: string[]): readonly string[] }): string[] =>
  sink.of('mutexAcquired').map(line => line.replace(' mutexAcquired', '').replace(' s', ''));

test('readers are inside together, a writer alone', () => {
  const { sink } = play({ a: on(0, 0, reads(50)), b: on(1, 10, reads(50)), w: on(2, 20, writes(10)), c: on(3, 65, reads(5)) });
  expect(taken(sink)).toEqual(['0 a', '10 b', '60 w waited', '70 c waited']);
});

test('phase-fair: behind a writer a newcomer waits, and then all readers go in at once, wherever they stand', () => {
  const { sink } = play({
    w: on(0, 0, writes(50)),
    r1: on(1, 10, reads(20)),
    w2: on(2, 20, writes(10)),
    r2: on(3, 30, reads(30)),
    late: on(4, 55, reads(5)),
  });
  expect(taken(sink)).toEqual(['0 w', '50 r1 waited', '50 r2 waited', '80 w2 waited', '90 late waited']);
});

test('at most 256 readers at once; the rest when those are out', () => {
  const tasks: Record<string, TestTask> = { w: on(0, 0, writes(50)) };
  for (let i = 0; i < 260; i++) tasks[`r${i}`] = on(1 + i, 1, reads(10));
  const { sink } = play(tasks, { cpus: 261 });
  const at = (t: number): number => sink.of('mutexAcquired').filter(line => line.startsWith(`${t} `)).length;
  expect([at(50), at(60)]).toEqual([256, 4]);
});

describe('hand-off', () => {
  // `thief` takes it again and again before the woken writer has run: it shares its CPU with somebody more urgent.
  const greedy = (rounds: number, ns: number): Op[] => Array.from({ length: rounds }, () => writes(ns)).flat();

  test('a writer of the fair class is overtaken for 4 ms, and then no more', () => {
    const { sink } = play({ thief: on(0, 0, greedy(12, MS), fifo(1)), writer: on(1, 1, writes(10)) });
    const times = taken(sink).map(line => [line.split(' ')[1], Math.round(Number(line.split(' ')[0]) / MS)]);
    expect(times.find(([who]) => who === 'writer')).toEqual(['writer', 6]);
  });

  test('a real-time writer is overtaken once', () => {
    const { sink } = play({ thief: on(0, 0, greedy(12, MS), fifo(1)), writer: on(1, 1, writes(10), fifo(1)) });
    expect(taken(sink).slice(0, 3)).toEqual(['0 thief', '1000000 thief stolen', '2000000 writer waited']);
  });
});

test('a writer spins for a running writer; a reader sleeps', () => {
  const { sink } = play({ w: on(0, 0, writes(50)), w2: on(1, 10, writes(5)), r: on(2, 20, reads(5)) }, { spin: 'on' });
  expect(sink.of('mutexSpin', 'mutexBlocked').slice(0, 2)).toEqual(['10 mutexSpin w2 s on', '20 mutexBlocked r s']);
});

test('a writer that gives up lets the readers behind it in', () => {
  const attempt: Op = { op: 'lock', mutex: 0, timeout: 20, orElse: 3 };
  const { sink } = play({ r: on(0, 0, reads(50)), w: on(1, 10, [attempt, run(1), unlock(0)]), r2: on(2, 20, reads(5)) });
  expect(taken(sink)).toEqual(['0 r', '30 r2 waited']);
});

test('nobody lets go what it does not hold, takes it twice, or ends with it', () => {
  expect(() => play({ a: on(0, 0, reads(10)), b: on(1, 5, [unlock(0)]) })).toThrow(/P001|unlock of "s"/);
  expect(() => play({ a: on(0, 0, [readLock(0), readLock(0)]) })).toThrow(/holds already/);
  expect(() => play({ a: on(0, 0, [readLock(0)]) })).toThrow(/ends while holding "s"/);
});
