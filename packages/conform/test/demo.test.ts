/** The priority inversion demo: the effect of proxy execution on waits is the kernel's in size, and what is not within a factor of three is counted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoFile, DemoRun } from '../src/demo/demo-file.js';
import { runDemo } from '../src/demo/run-demo.js';
import { simulatedFigures } from '../src/demo/wait-figures.js';
import { conformFile } from '../src/index.js';

const FILE = 'priority-inversion-demo.json';
const text = readFileSync(join(import.meta.dirname, '..', 'data', 'demo', FILE), 'utf8');
const result = conformFile(FILE, text);
type Row = Record<'permutation' | 'proxy' | 'task' | 'of' | 'apart', string> & Record<'cpus' | 'mean' | 'p50', number>;
const rows = result.details as readonly unknown[] as readonly Row[];

const find = (permutation: string, cpus: number, proxy: string, of: string, task = 'foreground'): Row =>
  rows.find(r => r.permutation === permutation && r.cpus === cpus && r.proxy === proxy && r.of === of && r.task === task)!;

test('every run is compared, figure by figure', () => {
  // How many waits there are decides which percentiles are the largest sample, and not compared.
  expect(result).toMatchObject({ kind: 'demo', metrics: { mean: 44, p50: 44, p90: 44, 'median unchanged': 6 } });
  expect(result.compared).toBeGreaterThan(215);
  expect(rows).toHaveLength(88);
});

test('nearly all means and percentiles are within a factor of three', () => {
  const apart = rows.filter(r => r.apart !== '').map(r => `${r.permutation}/${r.cpus}/${r.proxy} ${r.task}: ${r.apart}`);
  console.log(apart.join('\n'));
  // 15 as recorded, 18 to 24 when tasks start some microseconds later (`docs/fidelity.md` says which and why): which it is, is chance.
  expect(result.failed).toBeLessThanOrEqual(24);
  expect(apart.filter(line => /p50|median/.test(line))).toEqual([]);
});

// 890 to 28 us on four CPUs, 361 to 10 us on two, in the recordings.
test.each([2, 4])('with load, contention and weights proxy execution shortens the mean wait more than tenfold, on %d CPUs', cpus => {
  const mean = (proxy: string, of: string): number => find('load-contention-throttled', cpus, proxy, of).mean;
  for (const proxy of ['on', 'off']) {
    expect(mean(proxy, 'model')).toBeGreaterThan(mean(proxy, 'kernel') / 3);
    expect(mean(proxy, 'model')).toBeLessThan(mean(proxy, 'kernel') * 3);
  }
  expect(mean('off', 'model')).toBeGreaterThan(10 * mean('on', 'model'));
});

// One run is one draw. Here starts are moved by less than half a millisecond, which the recording would not notice.
test.each([2, 4])('and that is no luck: so it is on average over starts, on %d CPUs', cpus => {
  const file = JSON.parse(text) as DemoFile;
  const average = (proxy: boolean): number => {
    const run = file.runs.find(r => r.permutation === 'load-contention-throttled' && r.cpus === cpus && r.proxy_exec === proxy)!;
    const means = [1, 2, 3, 4].map(draw => {
      const tasks = run.tasks.map((task, i) => ({ ...task, start_us: (task.start_us ?? 0) + ((draw * (37 + 53 * i)) % 401) }));
      return simulatedFigures(runDemo(FILE, file, { ...run, tasks }).waits.get('foreground')).of.mean;
    });
    console.log(cpus, proxy, means.map(Math.round).join(' '));
    return means.reduce((sum, mean) => sum + mean) / means.length;
  };
  const [on, off] = [average(true), average(false)];
  for (const [proxy, ours] of [
    ['on', on],
    ['off', off],
  ] as const) {
    const kernel = find('load-contention-throttled', cpus, proxy, 'kernel').mean;
    expect(ours).toBeGreaterThan(kernel / 3);
    expect(ours).toBeLessThan(kernel * 3);
  }
  expect(off).toBeGreaterThan(10 * on);
});

// Two tasks that only spin for each other settle into a cycle with the turns of the emulator: the lengths of their sections decide who
// waits how long, not proxy execution, and nothing in the model disturbs the cycle, as something does in the recordings.
test('waits without load hang on a microsecond of work, by as much as recordings differ', () => {
  const file = { ...(JSON.parse(text) as DemoFile), duration_us: 500_000 };
  const run = file.runs.find(r => r.permutation === 'contention' && r.cpus === 2 && r.proxy_exec)!;
  const means = [
    [10, 5],
    [10, 6],
    [11, 5],
    [11, 4],
    [9, 5],
  ].map(([inside, outside]) => {
    const ops = [
      ['qlock', 0],
      ['run', inside],
      ['qunlock', 0],
      ['run', outside],
    ] as unknown as DemoRun['tasks'][number]['ops'];
    return simulatedFigures(runDemo(FILE, file, { ...run, tasks: run.tasks.map(task => ({ ...task, ops })) }).waits.get('foreground')).of
      .mean;
  });
  console.log(means.map(Math.round).join(' '));
  const recorded = rows.filter(r => /^contention/.test(r.permutation) && r.of === 'kernel').map(r => r.mean);
  expect(Math.min(...means)).toBeLessThan(2 * Math.min(...recorded));
  expect(Math.max(...means)).toBeGreaterThan(Math.max(...recorded) / 2);
});

test('without contention medians are the cost of a lock, on or off', () => {
  for (const permutation of ['alone', 'load', 'load-throttled'])
    for (const cpus of [2, 4]) for (const proxy of ['on', 'off']) expect(find(permutation, cpus, proxy, 'model').p50).toBe(0.42);
});

test('a file that is not what it promises says where', () => {
  const broken = JSON.parse(text) as { runs: { waits: Record<string, { mean_us?: number }> }[] };
  delete broken.runs[1]!.waits['foreground']!.mean_us;
  expect(conformFile(FILE, JSON.stringify(broken)).invalid).toMatch(/runs\[1\]\.waits\.foreground\.mean_us is to be a number/);
  expect(conformFile(FILE, text.replace('"policy": "fair"', '"policy": "unfair"')).invalid).toMatch(/unfair|policy/);
});

test('a wait that is ten times as long is noticed', () => {
  const other = JSON.parse(text) as { runs: { waits: Record<string, { mean_us: number }> }[] };
  other.runs = other.runs.slice(0, 1);
  other.runs[0]!.waits['foreground']!.mean_us = 50;
  expect(conformFile(FILE, JSON.stringify(other))).toMatchObject({
    ok: false,
    failed: 1,
    first: expect.stringContaining('mean 50 us') as string,
  });
});
