/** The shape of the published demo: what proxy execution does to the foreground's waits, on several machines and under both fair classes. */
import { DEMO_PERMUTATIONS, PUBLISHED, runInversionDemo, type DemoFigures } from '../src/index.js';

const MS = 1_000_000;
const run = (name: string, cpus: number, fair: string, generation: 'off' | '7.3'): DemoFigures =>
  runInversionDemo(
    DEMO_PERMUTATIONS.find(p => p.name === name)!,
    { cpus, fair, generation, length: 2000 * MS },
  );
const both = (name: string, cpus: number, fair: string) => ({ off: run(name, cpus, fair, 'off'), on: run(name, cpus, fair, '7.3') });

test('every permutation has its published shape', () => {
  expect(Object.keys(PUBLISHED)).toEqual(DEMO_PERMUTATIONS.map(p => p.name));
});

// 82 to 149 ms without, 6 to 8 ms with it. Under CFS a turn of both spinners of a CPU is 20 ms, and a wait may meet two (`docs/fidelity.md`).
test.each([
  [4, '7.3', 30, 2],
  [8, '7.3', 30, 2],
  [16, '7.3', 30, 2],
  [4, '6.1', 30, 2],
  [8, '6.1', 30, 1.9],
  [16, '6.1', 45, 2],
])(
  'load, contention, throttled on %d CPUs, fair class of %s: rare waits of 80 ms and more go, and the mean with them',
  (cpus, fair, most, times) => {
    const { off, on } = both('load-contention-throttled', cpus, fair);
    expect(off.max).toBeGreaterThan(80 * MS);
    expect(on.max).toBeLessThan(most * MS);
    expect(on.mean).toBeLessThan(off.mean / times);
    // The foreground gets on faster: 1.3 to 1.8 times as many renames in the published runs.
    expect(on.count).toBeGreaterThan(1.3 * off.count);
  },
);

test.each([
  [8, '7.3'],
  [16, '7.3'],
  [8, '6.1'],
  [16, '6.1'],
])('load, contention on %d CPUs, fair class of %s: nobody is carried to and fro between CPUs', (cpus, fair) => {
  const { off, on } = both('load-contention', cpus, fair);
  expect(on.count).toBeGreaterThan(off.count);
  expect(on.mean).toBeLessThan(off.mean);
  expect(on.max).toBeLessThan(35 * MS);
});

test('without contention nothing changes', () => {
  for (const name of ['alone', 'load', 'load-throttled']) {
    const { off, on } = both(name, 4, '7.3');
    expect({ ...on, generation: 'off' }).toEqual(off);
  }
});

test('contention alone makes no difference in the median, and none above a turn of the CPU', () => {
  const { off, on } = both('contention', 4, '7.3');
  expect(on.p50).toBe(off.p50);
  expect(Math.abs(on.mean - off.mean)).toBeLessThan(off.mean / 10);
});

test.each(['7.3', '6.1'])('without load the weights do nothing, under %s', fair => {
  expect(run('contention-throttled', 4, fair, '7.3').max).toBeLessThan(MS);
});
