import type { Nanos, OptionValue } from '@proxysched/core';

/** What names a run, beside its result: printed in every header, so that whoever has the output can make it again. */
export interface RunInfo {
  /** Scenario or file, as the user gave it. */
  readonly workload: string;
  readonly cpus: number;
  /** What `--proxy` named, a generation of proxy execution or a protocol: `off`, `v4`, `6.17`, `7.3`, `full`… */
  readonly proxy: string;
  /** A protocol for locks in place of proxy execution: `pi`, `pip`, `bwi`… */
  readonly protocol?: string;
  /** With a research class, its rule for waiting for locks: `fifo`, `prio`, `pip`, `proxy`. */
  readonly locks?: string;
  readonly seed: number;
  /** The run's time limit, ns. */
  readonly until: Nanos;
  /** Scheduling classes, highest first. */
  readonly classes: readonly string[];
  /** Dials in force. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Version of the packages. */
  readonly version: string;
}
