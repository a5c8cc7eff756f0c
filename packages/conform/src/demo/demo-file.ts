import { badFile } from '../errors.js';
import type { Recording } from '../recorded-run.js';

/** How long a task waited for the lock, recorded: us, and the histogram of it (lower bound in ns, count; eight buckets per power of two). */
export interface RecordedWaits {
  readonly n: number;
  readonly mean_us: number;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly p999_us: number;
  readonly max_us: number;
  readonly histogram_ns: readonly (readonly [from: number, count: number])[];
}

/** One run: a permutation on so many CPUs, with proxy execution or without. */
export interface DemoRun {
  readonly permutation: string;
  readonly cpus: number;
  readonly proxy_exec: boolean;
  readonly tasks: Recording['tasks'];
  /** By the name of the task. */
  readonly waits: Readonly<Record<string, RecordedWaits>>;
}

/** The priority inversion demo on a real kernel: its permutations, and how long tasks waited for the lock. */
export interface DemoFile {
  readonly kernel: string;
  readonly duration_us: number;
  readonly cgroups: readonly { readonly name: string; readonly weight: number }[];
  readonly runs: readonly DemoRun[];
}

export function isDemo(json: unknown): boolean {
  return typeof json === 'object' && json !== null && ['kernel', 'duration_us', 'cgroups', 'runs'].every(key => Object.hasOwn(json, key));
}

const WAITS = ['n', 'mean_us', 'p50_us', 'p99_us', 'p999_us', 'max_us'] as const;

/** Throws `ConformError` (C002) where a run has not what is compared; its workload is read by `readWorkload`, which says the rest. */
export function readDemo(path: string, json: unknown): DemoFile {
  const file = json as DemoFile;
  const runs: readonly Partial<DemoRun>[] = Array.isArray(file.runs) ? file.runs : [];
  if (runs.length === 0) throw badFile(path, '"runs" is to be a list of at least one run');
  for (const [i, { permutation, cpus, proxy_exec, waits }] of runs.entries()) {
    const at = `runs[${i}]`;
    if (typeof permutation !== 'string') throw badFile(path, `${at}.permutation is to be a name`);
    if (cpus === undefined || !Number.isInteger(cpus) || cpus < 1) throw badFile(path, `${at}.cpus is to be a whole number of at least 1`);
    if (typeof proxy_exec !== 'boolean') throw badFile(path, `${at}.proxy_exec is to be true or false`);
    if (typeof waits !== 'object') throw badFile(path, `${at}.waits is to be an object, a task's waits by its name`);
    for (const [task, figures] of Object.entries(waits as Record<string, Partial<RecordedWaits>>)) {
      const missing = WAITS.find(key => typeof figures[key] !== 'number');
      if (missing !== undefined) throw badFile(path, `${at}.waits.${task}.${missing} is to be a number`);
      if (!Array.isArray(figures.histogram_ns)) throw badFile(path, `${at}.waits.${task}.histogram_ns is to be a list of [ns, count]`);
    }
  }
  return file;
}
