import type { Nanos } from '@proxysched/core';
import type { Waits } from './metrics.js';

/** So many are kept one by one. */
const EXACT = 1 << 14;
/** Steps in which an octave of larger values is counted: a step is a thousandth. */
const STEPS = 1024;

/**
 * Durations with the instant of the largest. The first 16,384 are kept, so that quantiles are exact; if there are more, all are
 * counted in steps of a thousandth, and quantiles are too large by so much at most. So memory is bounded however long a run is.
 */
export class Samples {
  count = 0;
  total: Nanos = 0;
  max: Nanos = 0;
  /** When the largest ended, ns; −1 without samples. */
  maxAt: Nanos = -1;
  private values = new Float64Array(4);
  private sorted = true;
  private steps: StepCounts | null = null;

  add(value: Nanos, at: Nanos): void {
    if (this.steps !== null) this.steps.add(value);
    else this.keep(value);
    this.count++;
    this.total += value;
    if (this.maxAt < 0 || value > this.max) {
      this.max = value;
      this.maxAt = at;
    }
  }

  /** Smallest sample that `parts` of `whole` samples do not exceed (nearest rank); 0 without samples. */
  quantile(parts: number, whole: number): Nanos {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil((parts * this.count) / whole));
    if (this.steps !== null) return Math.min(this.max, this.steps.atRank(rank));
    if (!this.sorted) {
      this.values.subarray(0, this.count).sort();
      this.sorted = true;
    }
    return this.values[rank - 1]!;
  }

  private keep(value: Nanos): void {
    if (this.count === EXACT) {
      this.steps = new StepCounts();
      for (const v of this.values) this.steps.add(v);
      this.values = new Float64Array(0);
      return this.steps.add(value);
    }
    if (this.count === this.values.length) {
      const more = new Float64Array(2 * this.count);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.count] = value;
    this.sorted = false;
  }
}

/** How many values lie in each step: single numbers up to 1023, then 1024 steps for each doubling. */
class StepCounts {
  private readonly octaves: (Uint32Array | undefined)[] = [];

  add(value: number): void {
    let octave = 0;
    let step = value;
    while (step >= 2 * STEPS) {
      step = Math.floor(step / 2);
      octave++;
    }
    // Below 1024 only in the lowest octave, which so has twice the steps.
    const low = octave === 0 ? 0 : STEPS;
    const counts = (this.octaves[octave] ??= new Uint32Array(2 * STEPS - low));
    counts[step - low]!++;
  }

  /** Largest value of the step in which the sample of this rank lies, the smallest sample having rank 1. */
  atRank(rank: number): number {
    let below = 0;
    for (const [octave, counts] of this.octaves.entries()) {
      if (counts === undefined) continue;
      const low = octave === 0 ? 0 : STEPS;
      for (let step = low; step < 2 * STEPS; step++) {
        below += counts[step - low]!;
        if (below >= rank) return (step + 1) * 2 ** octave - 1;
      }
    }
    return 0;
  }
}

/** What is told of them. */
export function waitsOf(samples: Samples): Waits {
  const { count, total, max, maxAt } = samples;
  const [median, p90, p99] = [samples.quantile(1, 2), samples.quantile(9, 10), samples.quantile(99, 100)];
  return { count, total, max: { value: max, at: maxAt }, median, p90, p99 };
}
