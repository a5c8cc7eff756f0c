import type { Task } from '@proxysched/core';

/** Who has to run so that `p` gets on: the end of its chain of waits, itself if it waits for nothing any more; `null`: a cycle. */
export function chainEnd(p: Task): Task | null {
  let t = p;
  // Brent's test: a member met again at a checkpoint that moves ever further on.
  let checkpoint = p;
  let next = 2;
  for (let steps = 1; ; steps++) {
    const owner: Task | null = t.isBlocked && t.state === 'blocked' ? (t.blockedOn?.owner ?? null) : null;
    if (owner === null || owner === t) return t;
    t = owner;
    if (t === checkpoint) return null;
    if (steps === next) {
      checkpoint = t;
      next *= 2;
    }
  }
}
