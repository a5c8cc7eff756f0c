import { Samples } from '../src/samples.js';

test('quantiles are exact up to 16,384 samples', () => {
  const samples = new Samples();
  for (let i = 16_384; i > 0; i--) samples.add(i, i);
  expect([samples.quantile(1, 2), samples.quantile(99, 100), samples.quantile(1, 1)]).toEqual([8192, 16_221, 16_384]);
  expect(samples.maxAt).toBe(16_384);
});

test('beyond that they are too large by a thousandth at most, and counts, sums and maxima stay exact', () => {
  const samples = new Samples();
  const n = 200_000;
  for (let i = n; i > 0; i--) samples.add(1000 * i, i);
  expect([samples.count, samples.total, samples.max, samples.maxAt]).toEqual([n, (1000 * n * (n + 1)) / 2, 1000 * n, n]);
  for (const [parts, whole] of [
    [1, 1000],
    [1, 2],
    [9, 10],
    [99, 100],
    [1, 1],
  ] as const) {
    const exact = Math.ceil((parts * n) / whole) * 1000;
    const found = samples.quantile(parts, whole);
    expect(found).toBeGreaterThanOrEqual(exact);
    expect(found).toBeLessThanOrEqual(exact * 1.001);
  }
});

test('small values and zeros keep their steps of one', () => {
  const samples = new Samples();
  for (let i = 0; i < 70_000; i++) samples.add(i % 7, i);
  expect([samples.quantile(1, 7), samples.quantile(2, 7), samples.quantile(99, 100)]).toEqual([0, 1, 6]);
});

test('none at all', () => {
  expect([new Samples().quantile(99, 100), new Samples().maxAt]).toEqual([0, -1]);
});
