import { kernelPrio, type Task } from '@proxysched/core';

/** Which members of a cycle an action is done to; the cycle is never empty. */
export type VictimChoice = (cycle: readonly Task[]) => readonly Task[];

/** Choices by the name they have on the command line. Ties go to the higher pid, so that the order is total. */
export const VICTIMS = {
  /** Everybody in it. */
  all: cycle => cycle,
  /** Who came last into being. */
  youngest: cycle => [best(cycle, p => p.pid)],
  /** The least urgent. */
  lowest: cycle => [best(cycle, p => kernelPrio(p.sched.policy))],
  /** Who has least to give back. */
  fewestLocks: cycle => [best(cycle, p => -p.exec.held)],
  /** The first in the order of pids. */
  first: cycle => [best(cycle, p => 0 - p.pid)],
} as const satisfies Readonly<Record<string, VictimChoice>>;

export type VictimName = keyof typeof VICTIMS;

function best(cycle: readonly Task[], key: (p: Task) => number): Task {
  return cycle.reduce((a, b) => ((key(b) - key(a) || b.pid - a.pid) > 0 ? b : a));
}
