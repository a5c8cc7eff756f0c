import type { Nanos } from '@proxysched/core';

/** Folders that are tested shorter than the others, for all that happens in them. Their README says so. */
const SHORT: Readonly<Record<string, Nanos>> = {
  // 24 threads around 2046 mutexes each: ten thousand events in a simulated millisecond.
  'ww-selftest-stress-all': 40_000_000,
};

/**
 * How far the scenario of `folder` is run in tests that run every one, ns; in full by whoever asks (`proxysched run`). What it expects holds
 * of both.
 */
export function testedTime(folder: string, until: Nanos, longest: Nanos): Nanos {
  return Math.min(until, longest, SHORT[folder] ?? Infinity);
}
