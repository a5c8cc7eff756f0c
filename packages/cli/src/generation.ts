import { GENERATIONS, type GenerationName } from '@proxysched/preset-linux';
import { suggest } from '@proxysched/workload';
import { fileWantsGeneration, laterGeneration, unknownGeneration } from './errors.js';
import type { LoadedWorkload } from './load-workload.js';

/** What runs when neither the command line nor the file says. */
const DEFAULT_GENERATION: GenerationName = '7.3';

export const GENERATION_NAMES = Object.keys(GENERATIONS) as readonly GenerationName[];

/** Names that people will try, of generations that are still to come. */
const LATER: readonly string[] = ['7.1', '7.2', 'full'];

export function isGeneration(name: string): name is GenerationName {
  return Object.hasOwn(GENERATIONS, name);
}

export function isLater(name: string): boolean {
  return LATER.includes(name);
}

export function parseGeneration(name: string): GenerationName {
  if (isGeneration(name)) return name;
  if (isLater(name)) throw laterGeneration(name, GENERATION_NAMES);
  throw unknownGeneration(name, GENERATION_NAMES, suggest(name, GENERATION_NAMES));
}

/** The command line before the file, the file before the default. */
export function generationFor(said: string | undefined, { file, proxy }: LoadedWorkload): GenerationName {
  if (said !== undefined) return parseGeneration(said);
  if (proxy === undefined) return DEFAULT_GENERATION;
  if (!isGeneration(proxy)) throw fileWantsGeneration(file, proxy, GENERATION_NAMES, suggest(proxy, GENERATION_NAMES));
  return proxy;
}
