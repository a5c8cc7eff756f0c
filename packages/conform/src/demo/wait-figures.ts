import type { Samples } from '@proxysched/trace';
import type { RecordedWaits } from './demo-file.js';

/** What is compared of a task's waits, us. */
export const JUDGED = ['mean', 'p50', 'p90', 'p99', 'p99.9'] as const;
export type Judged = (typeof JUDGED)[number];

export interface WaitFigures {
  readonly count: number;
  readonly max: number;
  readonly of: Readonly<Record<Judged, number>>;
}

/** Parts of the samples, and the whole, of each percentile. */
const PERCENTILES = [
  ['p50', 50, 100],
  ['p90', 90, 100],
  ['p99', 99, 100],
  ['p99.9', 999, 1000],
] as const;

export function simulatedFigures(samples: Samples | undefined): WaitFigures {
  const us = (ns: number): number => ns / 1000;
  const quantile = (parts: number, whole: number): number => us(samples?.quantile(parts, whole) ?? 0);
  const count = samples?.count ?? 0;
  const percentiles = Object.fromEntries(PERCENTILES.map(([name, parts, whole]) => [name, quantile(parts, whole)]));
  return {
    count,
    max: us(samples?.max ?? 0),
    of: { mean: us((samples?.total ?? 0) / Math.max(1, count)), ...percentiles } as WaitFigures['of'],
  };
}

/** Each figure the median of those of some runs. */
export function medianFigures(runs: readonly WaitFigures[]): WaitFigures {
  const median = (of: (figures: WaitFigures) => number): number => runs.map(of).sort((a, b) => a - b)[runs.length >> 1]!;
  return {
    count: median(f => f.count),
    max: median(f => f.max),
    of: Object.fromEntries(JUDGED.map(name => [name, median(f => f.of[name])])) as WaitFigures['of'],
  };
}

/** The 90th percentile is not among the recorded figures; it is the lower bound of its bucket, as those that are. */
export function recordedFigures({ n, mean_us, p50_us, p99_us, p999_us, max_us, histogram_ns }: RecordedWaits): WaitFigures {
  let seen = 0;
  const bucket = histogram_ns.find(([, count]) => (seen += count) >= Math.ceil((90 * n) / 100));
  return { count: n, max: max_us, of: { mean: mean_us, p50: p50_us, p90: (bucket?.[0] ?? 0) / 1000, p99: p99_us, 'p99.9': p999_us } };
}

/** Below this a percentile is the largest sample, and says nothing that could come again. */
export function isMaximum(name: Judged, count: number): boolean {
  const percentile = PERCENTILES.find(([p]) => p === name);
  return percentile !== undefined && Math.ceil((percentile[1] * count) / percentile[2]) >= count;
}
