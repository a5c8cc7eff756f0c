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

test('nearly all means and percentiles are within a factor of three', () => {
  const apart = rows.filter(r => r.apart !== '').map(r => `${r.permutation}/${r.cpus}/${r.proxy} ${r.task}: ${r.apart}`);
  console.log(apart.join('\n'));
  // 22 of 223 at the time of writing (`docs/fidelity.md` says which and why); rare waits move from one side of a percentile to the other.
  expect(result.failed).toBeLessThanOrEqual(28);
  expect(apart.filter(line => /p50|median/.test(line))).toEqual([]);
});

// 890 to 28 us on four CPUs, 361 to 10 us on two, in the recordings.
test.each([2, 4])('with load, contention and weights proxy execution shortens the mean wait more than tenfold, on %d CPUs', cpus => {
  const mean = (proxy: string, of: string): number => find('load-contention-throttled', cpus, proxy, of).mean;
  // Where the balancer leaves three spinners on one CPU and one beside the foreground it is shorter than recorded, on two CPUs more than threefold.
  for (const proxy of ['on', 'off']) {
    expect(mean(proxy, 'model')).toBeGreaterThan(mean(proxy, 'kernel') / 6);
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
