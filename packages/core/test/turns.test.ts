/** CPUs of an emulator take turns: who executes when, by the rules of `turns.ts`, worked out by hand. */
import type { Op, TraceSink } from '../src/index.js';
import { fifo, lock, run, runOf, scenarioOf, sleep, unlock, type TestScenario } from '../src/test-kit/index.js';

const of = (t: TestScenario, ...names: (keyof TraceSink)[]): string[] => runOf(scenarioOf({ cpus: 3, ...t })).sink.of(...names);
const ends = (t: TestScenario): string[] => of(t, 'taskExit').map(line => line.replace(' taskExit', ''));

const on = (cpu: number, ...ops: Op[]) => ({ cpus: [cpu], ops });
/** Begins at 1000 on an idle CPU, and with that ends the first round. */
const later = { cpus: [2], start: 1000, ops: [run(1)] };
const turns = { turns: 4 };

test('without it all run at once', () => {
  expect(ends({ tasks: { a: on(0, run(100)), b: on(1, run(100)), later } })).toEqual(['100 a', '100 b', '1001 later']);
});

test('a CPU that has nothing to do leaves its turn to the next', () => {
  expect(ends({ tasks: { a: on(0, run(100)), b: on(1, run(100)), later }, machine: turns })).toEqual(['100 a', '200 b', '1001 later']);
});

test('a turn is the time to the next interrupt over the CPUs there are; work goes by the clock, and its end is seen in a turn', () => {
  // A quarter of 1000 each, then a quarter of the 500 that are left: CPU 0 until 250, CPU 1 until 500, CPU 0 until 625, CPU 1 until 750.
  const to = (a: number, b: number): string[] => ends({ tasks: { a: on(0, run(a)), b: on(1, run(b)), later }, machine: turns });
  expect(to(240, 240)).toEqual(['240 a', '480 b', '1001 later']); // `b` begins when `a` is done, not at 250
  expect(to(600, 240)).toEqual(['490 b', '600 a', '1001 later']);
  expect(to(600, 300)).toEqual(['600 a', '601 b', '1001 later']);
  expect(to(700, 300)).toEqual(['626 b', '700 a', '1001 later']);
});

test('an interrupt of a CPU that stands still waits for its turn', () => {
  const due = { cpus: [1], policy: fifo(2), start: 1000, ops: [run(1)] };
  const after = { cpus: [2], start: 2000, ops: [run(1)] };
  // At 1000 a round of 1000 begins, with CPU 0.
  const wakes = of({ tasks: { a: on(0, run(5000)), due, after }, machine: turns }, 'schedWaking');
  expect(wakes.filter(line => / due/.test(line))).toEqual([expect.stringMatching(/^1250 /)]);
});

test('who sets the timer that is the next to fire ends its turn', () => {
  // No slices, which have timers too.
  const tasks = {
    a: { ...on(0, run(10), sleep(100)), policy: fifo(1) },
    c: { ...on(0, run(400)), policy: fifo(1) },
    b: on(1, run(400)),
    later,
  };
  // CPU 0 sets it at 10 and has `c` to go on with, but it is the turn of CPU 1.
  const switches = of({ tasks, machine: turns }, 'schedSwitch');
  expect(switches.filter(line => / 1 /.test(line))[0]).toMatch(/^10 .* -> b/);
});

test('who spins gives its turn away', () => {
  const holds = on(0, lock(0), run(300), unlock(0), run(50));
  const spins = on(1, run(5), lock(0), run(10), unlock(0));
  // CPU 0 until 250; CPU 1 asks at 255 and spins, CPU 0 lets go at 300 and is done at 350: then the spinner sees it.
  const seen = of({ tasks: { holds, spins, later }, options: { 'mutex.spin': 'on' }, machine: turns }, 'mutexAcquired', 'taskExit');
  expect(seen.slice(0, 4)).toEqual(['0 mutexAcquired holds m0', '350 taskExit holds', '351 mutexAcquired spins m0', '361 taskExit spins']);
});

test('who is switched out before its first look has not worked while its CPU stood still', () => {
  const low = { cpus: [1], policy: fifo(1), ops: [run(2000)] };
  const high = { cpus: [1], policy: fifo(2), start: 1000, ops: [run(10)] };
  const hog = on(0, run(9000));
  const { machine } = runOf(scenarioOf({ cpus: 3, tasks: { hog, low, high, later: { ...later, start: 9000 } }, machine: turns }));
  // `low` was on the CPU for more than it worked.
  expect(machine.tasks[1]!.exec.ran).toBeGreaterThan(2000 + 100);
});
