import type { Kernel, Mutex, Task } from '@proxysched/core';

/**
 * Order between two contexts as inheritance sees it, negative when `a` is more urgent: by class, then by the class's own order.
 * Classes that inherit nothing (fair) are one level each, whatever the nice value (`locking.md` 4).
 */
export function urgency(kernel: Kernel, a: Task, b: Task): number {
  const { cls } = a.sched;
  if (cls !== b.sched.cls) return kernel.rank(cls) - kernel.rank(b.sched.cls);
  return cls.inherit === undefined ? 0 : (cls.compare?.(a, b) ?? 0);
}

/** In front of whom `p` stands in the line of `m`: behind all that are at least as urgent. O(those behind it). */
export function placeByUrgency(kernel: Kernel, m: Mutex, p: Task): Task | null {
  let next: Task | null = null;
  for (let q = m.lastWaiter; q !== null && urgency(kernel, p, q) < 0; q = q.waitPrev) next = q;
  return next;
}
