import type { Arrangement } from './arrangement.js';
import { generationFor } from './generation.js';
import type { Io } from './io.js';
import { loadModules } from './load-module.js';
import type { LoadedWorkload } from './load-workload.js';

/** Options that say what a workload runs on. */
export interface ArrangementOptions {
  readonly proxy?: string;
  readonly module: readonly string[];
  readonly deadlock?: string;
}

export async function chooseArrangement(options: ArrangementOptions, workload: LoadedWorkload, io: Io): Promise<Arrangement> {
  const generation = generationFor(options.proxy, workload);
  const plugins = await loadModules(options.module, io);
  return { label: [generation, ...options.module].join('+'), generation, plugins, deadlock: options.deadlock };
}
