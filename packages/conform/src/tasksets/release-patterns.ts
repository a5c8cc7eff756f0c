import type { Nanos } from '@proxysched/core';
import type { TasksetTask } from './taskset-file.js';
import type { TimeScale } from './time-scale.js';

/** Offsets of one task that are tried, at most. */
const ENOUGH = 16;

/**
 * Releases other than all at once: each task in turn later than the others, which are released together. Under EDF the worst
 * case is among these (`oracles.md` 3.2).
 */
export function* releasePatterns(tasks: readonly TasksetTask[], scale: TimeScale): Generator<Readonly<Record<string, Nanos>>> {
  for (const { name, T } of tasks) {
    if (T === undefined) continue;
    const step = Math.max(1, Math.ceil((T - 1) / ENOUGH));
    for (let offset = step; offset < T; offset += step) yield { [name]: scale.ns(offset) };
  }
}
