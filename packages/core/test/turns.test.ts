/** CPUs of an emulator take turns: who executes when, by the rules of `turns.ts`, worked out by hand. */
import type { Op, TraceSink } from '../src/index.js';
import { fifo, lock, run, runOf, scenarioOf, sleep, unlock, type TestScenario } from '../src/test-kit/index.js';

const of = (t: TestScenario, ...names: (keyof TraceSink)[]): string[] => runOf(scenarioOf({ cpus: 4, ...t })).sink.of(...names);
const ends = (t: TestScenario): string[] => of(t, 'taskExit').map(line => line.replace(' taskExit', ''));

const on = (cpu: number, ...ops: Op[]) => ({ cpus: [cpu], ops });
/** Begins at 1000 on an idle CPU, and with that ends the first round. */
const later = { cpus: [2], start: 1000, ops: [run(1)] };
const turns = { turns: { beat: null } };

test('without it all run at once', () => {
  expect(ends({ tasks: { a: on(0, run(100)), b: on(1, run(100)), later } })).toEqual(['100 a', '100 b', '1001 later']);
});

test('a CPU that has nothing to do leaves its turn to the next', () => {
  expect(ends({ tasks: { a: on(0, run(100)), b: on(1, run(100)), later }, machine: turns })).toEqual(['100 a', '200 b', '1001 later']);
});

test('a turn is the time to the next timer over the CPUs there are; work goes by the clock, and its end is seen in a turn', () => {
  // Timers have fired at 0, so that each CPU begins a round: CPU 0 until 250, CPU 1 until 250 + 750/4 = 437, CPU 0 until 437 + 563/4 = 577.
  const to = (a: number, b: number): string[] => ends({ tasks: { a: on(0, run(a)), b: on(1, run(b)), later }, machine: turns });
  expect(to(240, 240)).toEqual(['240 a', '480 b', '1001 later']); // `b` begins when `a` is done, not at 250
  expect(to(600, 150)).toEqual(['400 b', '600 a', '1001 later']);
  expect(to(600, 240)).toEqual(['578 b', '600 a', '1001 later']);
  // Nobody has been told to leave since: CPU 1 has 140 as well, until 717, and CPU 0 is in its turn again at 740.
  expect(to(740, 600)).toEqual(['740 a', '850 b', '1001 later']);
});

test('a timer that nobody listens to ends rounds as well', () => {
  // CPU 0 until 400/4 = 100, CPU 1 until 100 + 300/4 = 175; then 225/4 = 56 each.
  const machine = { turns: { beat: { first: 400, every: 1000 } } };
  expect(ends({ tasks: { a: on(0, run(101)), b: on(1, run(80)), later }, machine })).toEqual(['176 a', '180 b', '1001 later']);
});

test('a timer that fires after a turn and not after a round costs the next CPU its turn', () => {
  const busy = { policy: fifo(1), ops: [run(9000)] };
  const all = Object.fromEntries([0, 1, 2, 3].map(cpu => [`t${cpu}`, { ...busy, cpus: [cpu] }]));
  const served = (start: number): string | undefined => {
    const due = { cpus: [2], policy: fifo(2), start, ops: [run(1)] };
    const after = { cpus: [0], policy: fifo(1), start: 2000, ops: [run(1)] };
    const wakes = of({ tasks: { ...all, due, after }, machine: turns }, 'schedWaking');
    return wakes.find(line => / due/.test(line))?.split(' ')[0];
  };
  // CPU 2 sets the timer at 500 and leaves: CPU 3 until 625, CPU 0 718, CPU 1 788, 2 858, 3 928, then 18 each. The round is over with CPU 3, at 1000:
  // CPU 0 until 1250, CPU 1 until 1437.
  expect(served(1000)).toBe('1437');
  // Until 625, 719, 790, 861, 932, then 17 each: CPU 0 has the last 3, CPU 1 takes what interrupts it, and CPU 2 is next.
  expect(served(1003)).toBe('1003');
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

test('a spinner pauses when it sees that the owner has let go, and tries a turn later', () => {
  const holds = on(0, lock(0), run(300), unlock(0), run(600));
  const spins = on(1, run(5), lock(0), run(10), unlock(0));
  // It asks at 255. CPU 0 until 255 + 745/4 = 441 lets go at 300; the spinner sees that at 441, CPU 0 goes on until 441 + 559/4 = 580.
  const seen = of({ tasks: { holds, spins, later }, options: { 'mutex.spin': 'on' }, machine: turns }, 'mutexAcquired');
  expect(seen).toEqual(['0 mutexAcquired holds m0', '581 mutexAcquired spins m0']);
});

test('of two spinners the first has the lock, and the second does not keep the CPU from its owner', () => {
  const holds = on(0, lock(0), run(300), unlock(0), run(600));
  const spins = (cpu: number) => on(cpu, run(5), lock(0), run(100), unlock(0), run(100));
  const first = spins(1);
  const second = spins(2);
  const seen = of(
    { tasks: { holds, first, second, later }, options: { 'mutex.spin': 'on' }, machine: turns },
    'mutexAcquired',
    'mutexReleased',
  );
  expect(seen.map(line => line.replace(/^\d+ /, ''))).toEqual([
    'mutexAcquired holds m0',
    expect.stringMatching(/mutexReleased.*holds/),
    'mutexAcquired first m0',
    expect.stringMatching(/mutexReleased.*first/),
    'mutexAcquired second m0',
    expect.stringMatching(/mutexReleased.*second/),
  ]);
});

test('who is switched out before its first look has not worked while its CPU stood still', () => {
  const low = { cpus: [1], policy: fifo(1), ops: [run(2000)] };
  const high = { cpus: [1], policy: fifo(2), start: 1000, ops: [run(10)] };
  const hog = on(0, run(9000));
  const { machine } = runOf(scenarioOf({ cpus: 4, tasks: { hog, low, high, later: { ...later, start: 9000 } }, machine: turns }));
  // `low` was on the CPU for more than it worked.
  expect(machine.tasks[1]!.exec.ran).toBeGreaterThan(2000 + 100);
});
