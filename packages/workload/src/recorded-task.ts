/**
 * A task of a recording: what it asks of the scheduler and what it does, in the recording's own terms (microseconds). Spelt
 * out, so that who uses this package need not have the library that reads the file.
 */
export interface RecordedTask {
  name: string;
  policy: 'fair' | 'batch' | 'idle' | 'fifo' | 'rr' | 'dl';
  nice: number;
  /** 0: the default slice. */
  slice_us: number;
  /** 1 … 99, larger is more urgent. */
  prio?: number | undefined;
  runtime_us?: number | undefined;
  deadline_us?: number | undefined;
  period_us?: number | undefined;
  /** Allowed; empty: all. */
  cpus: number[];
  start_us: number;
  /** −1: for ever. */
  loops: number;
  cgroup?: string | undefined;
  ops: [op: string, value: number][];
}
