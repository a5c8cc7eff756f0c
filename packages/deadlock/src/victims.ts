import { kernelPrio, type Task } from '@proxysched/core';

/** Which members of a cycle an action is done to; the cycle is never empty. In it each waits for the next, the last for the first. */
export type VictimChoice = (cycle: readonly Task[], seed: number) => readonly Task[];

/** Choices by the name they have on the command line. Ties go to the higher pid, so that the order is total. */
export const VICTIMS = {
  /** Everybody in it. */
  all: cycle => cycle,
  /** Who came last into being. */
  youngest: cycle => [best(cycle, p => p.pid)],
  /** Who came first. */
  oldest: cycle => [best(cycle, p => 0 - p.pid)],
  /** The least urgent. */
  lowest: cycle => [best(cycle, p => kernelPrio(p.sched.policy))],
  /** Who has least to give back. */
  fewestLocks: cycle => [best(cycle, p => -p.exec.held)],
  /** Who blocked last, and so closed it. */
  closer: cycle => [best(cycle, p => p.blockNr)],
  /** Whose lock is held by the task at which the walk noticed (`proxy-execution.md` 16.2b, the reaction of Hui Su). */
  checkpoint: cycle => cycle.slice(-1),
  /** Anybody: drawn from a seed, the members and what they have executed, so that the same run draws the same. */
  random: (cycle, seed) => [cycle[draw(cycle, seed) % cycle.length]!],
} as const satisfies Readonly<Record<string, VictimChoice>>;

export type VictimName = keyof typeof VICTIMS;

/** @param seed of `random`; the others take no notice. */
export function chooseVictims(name: VictimName, cycle: readonly Task[], seed = 1): readonly Task[] {
  return (VICTIMS[name] as VictimChoice)(cycle, seed);
}

function best(cycle: readonly Task[], key: (p: Task) => number): Task {
  return cycle.reduce((a, b) => ((key(b) - key(a) || b.pid - a.pid) > 0 ? b : a));
}

/** A policy keeps nothing between two cycles, so the draw is a hash (FNV-1a by words, finished as MurmurHash3 does). */
function draw(cycle: readonly Task[], seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (const { pid, exec } of cycle) for (const word of [pid, exec.ran % 0x1_0000_0000]) h = Math.imul(h ^ word, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
