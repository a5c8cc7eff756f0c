import type { Scenario } from '@proxysched/core';
import { readWorkload, type Diagnostic, type Expectation, type Place, type WorkloadSource } from '@proxysched/workload';
import { invalidWorkload } from './errors.js';
import { GENERATION_NAMES } from './generation.js';
import type { Io } from './io.js';
import { parseUntil } from './parse-until.js';
import { readText, workloadFile } from './read-text.js';
import type { Talk } from './talk.js';

/** Larger files are refused unread; stated in `docs/cli.md`. */
const LIMIT = 16 * 1024 * 1024;

/** Options that change what is read, as the command line gives them. */
export interface WorkloadOptions {
  readonly cpus?: number;
  readonly seed?: number;
  readonly until?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly duplicates?: 'all' | 'last';
  readonly suspend?: 'auto' | 'by-string' | 'own-name';
}

export interface LoadedWorkload {
  /** As the user gave it; of a folder, the scenario in it. */
  readonly file: string;
  readonly scenario: Scenario;
  /** What the file asks for. */
  readonly proxy: string | undefined;
  readonly source: WorkloadSource;
  readonly text: string;
  /** Per task, per operation: where the text says it. */
  readonly places: readonly (readonly Place[])[];
  /** What the file says must hold of its run. */
  readonly expectations: readonly Expectation[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a workload and tells what there is to say about it. Throws when it cannot run. */
export async function loadWorkload(named: string, options: WorkloadOptions, io: Io, talk: Talk): Promise<LoadedWorkload> {
  const file = workloadFile(named, io);
  const { cpus, seed, until, set: overrides, duplicates, suspend } = options;
  const untilNs = until === undefined ? undefined : parseUntil(until);
  const text = await readText(file, LIMIT, io);
  const read = readWorkload(text, {
    file: file === '-' ? 'standard input' : file,
    overrides,
    generations: GENERATION_NAMES,
    ...(cpus === undefined ? {} : { cpus }),
    ...(seed === undefined ? {} : { seed }),
    ...(untilNs === undefined ? {} : { until: untilNs }),
    ...(duplicates === undefined ? {} : { duplicates }),
    ...(suspend === undefined ? {} : { suspend }),
  });
  talk.findings(read.diagnostics, text);
  if (!read.ok) throw invalidWorkload(file, read.diagnostics.filter(d => d.severity === 'error').length);
  const { scenario, proxy, source, places, expectations, diagnostics } = read;
  return { file, scenario, proxy, source, text, places, expectations, diagnostics };
}
