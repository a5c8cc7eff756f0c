import { kernelPrio } from '@proxysched/core';
import type { TaskInfo } from './row-sink.js';

/**
 * Order of urgency between tasks: the class first, then what the policy says by itself (real-time priority, nice; `idle`
 * after every nice). Deadline tasks are equals here: their order changes with every job. Negative: `a` is more urgent.
 */
export function compareUrgency(a: TaskInfo, b: TaskInfo): number {
  return a.rank !== b.rank ? a.rank - b.rank : level(a) - level(b);
}

function level(p: TaskInfo): number {
  // One below nice 19 (139).
  return p.policy.kind === 'idle' ? 140 : kernelPrio(p.policy);
}

/** The same order as a number that needs no other task; smaller is more urgent. */
export function urgencyOf(p: TaskInfo): number {
  return p.rank * PER_CLASS + level(p);
}

/** More than there are levels in a class; kernel priorities begin at −1. */
const PER_CLASS = 256;

/** Of the idle task and of tasks nobody knows. */
export const LEAST_URGENT = 2 ** 31 - 1;

/** Urgency by pid as dense numbers, 0 the most urgent; the idle task (pid 0) and unknown ones come last. */
export function urgencyLevels(tasks: readonly (TaskInfo | undefined)[]): Int32Array {
  const known = tasks.filter(p => p !== undefined).sort((a, b) => compareUrgency(a, b) || a.pid - b.pid);
  const levels = new Int32Array(Math.max(1, tasks.length)).fill(known.length);
  let current = 0;
  known.forEach((p, i) => {
    if (i > 0 && compareUrgency(known[i - 1]!, p) !== 0) current++;
    levels[p.pid] = current;
  });
  return levels;
}

/** Tasks as people list them: urgent first; fair tasks, and equals, by pid, which is their order of appearance. */
export function urgentFirst(tasks: readonly TaskInfo[]): TaskInfo[] {
  const fixed = (p: TaskInfo): number => (p.policy.kind === 'fifo' || p.policy.kind === 'rr' ? level(p) : 0);
  return [...tasks].sort((a, b) => a.rank - b.rank || fixed(a) - fixed(b) || a.pid - b.pid);
}
