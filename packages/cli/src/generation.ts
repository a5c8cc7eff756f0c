import { GENERATIONS, RESOLVERS, type ResolverName } from '@proxysched/preset-linux';
import { suggest } from '@proxysched/workload';
import { fileWantsGeneration, unknownGeneration } from './errors.js';
import type { LoadedWorkload } from './load-workload.js';

/** What runs when neither the command line nor the file says. */
const DEFAULT_GENERATION: ResolverName = '7.3';

/** What `--proxy` takes: generations of proxy execution, and the protocols beside them. */
export const GENERATION_NAMES = Object.keys(RESOLVERS) as readonly ResolverName[];

/** Of names equally near the newest is meant: 7.2 and 7.4 are 7.3 to us. */
const NEWEST_FIRST = [...Object.keys(GENERATIONS).reverse(), ...GENERATION_NAMES];

export function isGeneration(name: string): name is ResolverName {
  return Object.hasOwn(RESOLVERS, name);
}

export function parseGeneration(name: string): ResolverName {
  if (isGeneration(name)) return name;
  throw unknownGeneration(name, GENERATION_NAMES, suggest(name, NEWEST_FIRST));
}

/** The command line before the file, the file before the default. */
export function generationFor(said: string | undefined, { file, proxy }: LoadedWorkload): ResolverName {
  if (said !== undefined) return parseGeneration(said);
  if (proxy === undefined) return DEFAULT_GENERATION;
  if (!isGeneration(proxy)) throw fileWantsGeneration(file, proxy, GENERATION_NAMES, suggest(proxy, NEWEST_FIRST));
  return proxy;
}
