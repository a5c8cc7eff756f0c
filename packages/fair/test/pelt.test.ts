import fc from 'fast-check';
import {
  DETACHED,
  LOAD_AVG_MAX,
  SchedAvg,
  decayLoad,
  shiftLoad,
  shiftRunnable,
  shiftUtil,
  updateAverages,
  updateSums,
} from '@proxysched/core';
import { nextUtilEst } from '../src/util-est.js';
import { golden } from './fake-kernel.js';

interface Signal {
  readonly name: string;
  readonly avg_weight: string;
  readonly t0: string;
  readonly steps: readonly (readonly (string | number)[])[];
}

test('unit-pelt-decay: every value after every number of periods', () => {
  const { cases } = golden<{ cases: [string, number, string][] }>('unit-pelt-decay');
  for (const [value, periods, decayed] of cases)
    expect([value, periods, String(decayLoad(Number(value), periods))]).toEqual([value, periods, decayed]);
  process.stdout.write(`unit-pelt-decay: ${cases.length} values compared\n`);
});

test('unit-pelt-signal: sums and averages after every step', () => {
  let compared = 0;
  for (const signal of golden<{ cases: Signal[] }>('unit-pelt-signal').cases) {
    const avg = new SchedAvg(Number(signal.t0));
    let now = Number(signal.t0);
    signal.steps.forEach(([delta, load, runnable, running, ...expected], step) => {
      now += Number(delta);
      const crossed = updateSums(avg, now, Number(load), Number(runnable), running === 1);
      if (crossed) updateAverages(avg, Number(signal.avg_weight));
      const { lastUpdate, periodContrib, loadSum, runnableSum, utilSum, loadAvg, runnableAvg, utilAvg } = avg;
      const got = [Number(crossed), lastUpdate, periodContrib, loadSum, runnableSum, utilSum, loadAvg, runnableAvg, utilAvg];
      expect([signal.name, step, ...got]).toEqual([signal.name, step, ...expected.map(Number)]);
      compared += got.length;
    });
  }
  process.stdout.write(`unit-pelt-signal: ${compared} values compared\n`);
});

test('unit-util-est-6.12: the estimate after each activation', () => {
  const { cases, cpu_capacity } = golden<{ cases: [number, number, number, number, number, number][]; cpu_capacity: number }>(
    'unit-util-est-6.12',
  );
  for (const [first, before, util, runnable, changed, after] of cases) {
    const skipped = changed === 0 && first === 0;
    expect(skipped ? before : (nextUtilEst(before, util, runnable, cpu_capacity) ?? before)).toBe(after);
  }
});

/** `decay_load` as it is written down, in BigInt. */
function byTheBook(value: number, periods: number): number {
  const y = [0xffffffffn, 0xfa83b2dan][periods % 32]!;
  return Number(((BigInt(value) >> BigInt(Math.floor(periods / 32))) * y) >> 32n);
}

test('the split product is the whole product, whatever the size', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 2 ** 22 }), fc.maxSafeNat());
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, 1), (x, halvings, rest) => {
      expect(decayLoad(x, 32 * halvings + rest)).toBe(byTheBook(x, 32 * halvings + rest));
    }),
  );
});

test('always running ends at 1024, whatever the instants of the updates', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 400, maxLength: 500 }), steps => {
      const avg = new SchedAvg(0);
      let now = 0;
      for (const step of [...steps, 400 * 1024 * 1024, 1024 * 1024]) {
        now += step;
        if (updateSums(avg, now, 1, 1, true)) updateAverages(avg, 1024);
      }
      expect([avg.utilAvg, avg.runnableAvg, avg.loadAvg].every(x => x >= 1022 && x <= 1024)).toBe(true);
      expect(avg.loadSum).toBeLessThanOrEqual(LOAD_AVG_MAX);
    }),
    { numRuns: 20 },
  );
});

test('what is taken away leaves no average without its sum, and nothing negative', () => {
  const avg = new SchedAvg(DETACHED);
  shiftLoad(avg, 100, 100 * 47000);
  shiftUtil(avg, 100, 100 * 47000);
  shiftRunnable(avg, 100, 100 * 47000);
  for (const shift of [shiftLoad, shiftUtil, shiftRunnable]) shift(avg, -40, -100 * 47000);
  expect([avg.loadAvg, avg.utilAvg, avg.runnableAvg]).toEqual([60, 60, 60]);
  expect([avg.loadSum, avg.utilSum, avg.runnableSum]).toEqual([60 * 46718, 60 * 46718, 60 * 46718]);
  for (const shift of [shiftLoad, shiftUtil, shiftRunnable]) shift(avg, -100, -1);
  expect([avg.loadAvg, avg.utilAvg, avg.runnableAvg]).toEqual([0, 0, 0]);
});
