import { SHORT_NAMES } from '@proxysched/deadlock';
import { linux } from '@proxysched/preset-linux';
import { suggest } from '@proxysched/workload';
import type { Arrangement } from './arrangement.js';
import type { ArrangementOptions } from './choose-arrangement.js';
import { twoDeadlockPolicies, twoGenerations, unknownSide } from './errors.js';
import { GENERATION_NAMES, generationFor, isGeneration, parseGeneration } from './generation.js';
import type { Io } from './io.js';
import { loadModules } from './load-module.js';
import type { LoadedWorkload } from './load-workload.js';

/**
 * One side of a comparison: a generation, a deadlock policy with a short name, a module, or several of them joined by `+`. The name of a class of the preset
 * stands for the preset as it is. What the side leaves open is as `run` would have it.
 */
export async function parseSide(side: string, options: ArrangementOptions, workload: LoadedWorkload, io: Io): Promise<Arrangement> {
  const base = generationFor(options.proxy, workload);
  const ofPreset = linux(base).map(m => m.name);
  let generation: typeof base | undefined;
  let deadlock: string | undefined;
  const paths = [...options.module];
  for (const part of side.split('+')) {
    if (isGeneration(part)) {
      if (generation !== undefined) throw twoGenerations(side);
      generation = parseGeneration(part);
    } else if (/[\\/]|\.[cm]?[jt]s$/.test(part)) {
      paths.push(part);
    } else if (Object.hasOwn(SHORT_NAMES, part)) {
      if (deadlock !== undefined) throw twoDeadlockPolicies(side);
      deadlock = part;
    } else if (!ofPreset.includes(part)) {
      const known = [...GENERATION_NAMES, ...ofPreset, ...Object.keys(SHORT_NAMES)];
      throw unknownSide(part, known, suggest(part, [...known].reverse()));
    }
  }
  return { label: side, generation: generation ?? base, plugins: await loadModules(paths, io), deadlock: deadlock ?? options.deadlock };
}
