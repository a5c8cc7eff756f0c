import type { Nanos } from '@proxysched/core';

/** Durations with the instant of the largest. All are kept (8 bytes each), so quantiles are exact. */
export class Samples {
  count = 0;
  total: Nanos = 0;
  max: Nanos = 0;
  /** When the largest ended, ns; −1 without samples. */
  maxAt: Nanos = -1;
  private values = new Float64Array(4);
  private sorted = true;

  add(value: Nanos, at: Nanos): void {
    if (this.count === this.values.length) {
      const more = new Float64Array(2 * this.count);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.count++] = value;
    this.sorted = false;
    this.total += value;
    if (this.maxAt < 0 || value > this.max) {
      this.max = value;
      this.maxAt = at;
    }
  }

  /** Smallest sample that `parts` of `whole` samples do not exceed (nearest rank); 0 without samples. */
  quantile(parts: number, whole: number): Nanos {
    if (this.count === 0) return 0;
    if (!this.sorted) {
      this.values.subarray(0, this.count).sort();
      this.sorted = true;
    }
    return this.values[Math.max(0, Math.ceil((parts * this.count) / whole) - 1)]!;
  }
}
