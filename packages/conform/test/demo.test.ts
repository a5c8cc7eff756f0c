/** The priority inversion demo: the effect of proxy execution on waits is the kernel's in size, and what is not within a factor of three is counted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('nearly all figures are met, all means and medians are', () => {
  const apart = rows.filter(r => r.apart !== '').map(r => `${r.permutation}/${r.cpus}/${r.proxy} ${r.task}: ${r.apart}`);
  console.log(apart.join('\n'));
  // One as the model is now (`docs/fidelity.md` says which); a change to it moves each percentile that hangs on a handful of waits.
  expect(result.failed).toBeLessThanOrEqual(4);
  expect(apart.filter(line => line.startsWith('load-contention-throttled') && line.includes('foreground'))).toEqual([]);
  expect(apart.filter(line => /mean|p50|p90/.test(line))).toEqual([]);
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

test('a repetition counts, where neither proxy execution nor weights can make a difference', () => {
  const { runs, ...file } = JSON.parse(text) as { duration_us: number; runs: { permutation: string; cpus: number; waits: object }[] };
  const failed = (permutation: string, cpus: number): number => {
    const [on, off] = runs.filter(r => r.permutation === permutation && r.cpus === cpus);
    const far = { n: 1000, mean_us: 9e6, p50_us: 9e6, p99_us: 9e6, p999_us: 9e6, max_us: 9e6, histogram_ns: [[9e9, 1000]] };
    const waits = Object.fromEntries(Object.keys(off!.waits).map(task => [task, far]));
    return conformFile(FILE, JSON.stringify({ ...file, duration_us: 200_000, runs: [on, { ...off, waits }] })).failed;
  };
  expect(failed('alone', 2)).toBe(0);
  expect(failed('load-contention', 2)).toBeGreaterThan(5);
});
