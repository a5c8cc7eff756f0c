/** A run in the form of the recordings, as far as agreement reads it. Times in microseconds. */
export interface RecordedRun {
  readonly duration_us: number;
  readonly events: readonly RecordedEvent[];
}

/** `switch`: t, cpu, previous, its state, next. `op`: t, cpu, task, index, op, phase, extra. Others are not read. */
export type RecordedEvent = readonly [kind: string, t: number, cpu: number, ...rest: (string | number)[]];

/** Count, mean and maximum, in microseconds, rounded as the recordings' own figures are. */
export type Figures = readonly [count: number, mean: number, max: number];

/** What three runs of the same kernel came to, per task. */
export interface Repeats {
  readonly overlap_low: number;
  readonly overlap_mid: number;
  readonly share_error_high: number;
  readonly tasks: Readonly<
    Record<
      string,
      {
        readonly share: readonly number[];
        readonly lock_waits?: readonly (Figures | null)[];
        readonly responses?: readonly (Figures | null)[];
      }
    >
  >;
}

/** A recording: a workload, what a kernel did with it, and how far that kernel is from itself. */
export interface Recording extends RecordedRun {
  readonly id: string;
  readonly about?: string;
  readonly machine?: unknown;
  readonly cgroups?: unknown;
  readonly tasks: readonly { readonly name: string; readonly start_us: number; readonly ops: readonly (readonly [string, number])[] }[];
  readonly repeats?: Repeats;
}
