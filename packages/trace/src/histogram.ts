/** So many things had this value. */
export interface Bar {
  readonly value: number;
  readonly count: number;
}

/** Counts small whole numbers, one by one. */
export class Histogram {
  private readonly counts: number[] = [];

  /** One more of `value` (≥ 0). */
  add(value: number): void {
    while (this.counts.length <= value) this.counts.push(0);
    this.counts[value]!++;
  }

  /** Of values that occurred, ascending. `zeros`: so many more had the value 0. */
  bars(zeros = 0): readonly Bar[] {
    const bars = this.counts.flatMap((count, value) => (count > 0 && value > 0 ? [{ value, count }] : []));
    const none = (this.counts[0] ?? 0) + zeros;
    return none > 0 ? [{ value: 0, count: none }, ...bars] : bars;
  }
}
