import type { SchedEntity, Task } from '@proxysched/core';
import type { RankedHeap } from './ranked-heap.js';

/** Where a task stands among the others: the smaller the key, the more urgent; equals in order of arrival. */
export class Ranked implements SchedEntity {
  /** What it is ranked by: its own key, or a more urgent one that it inherits. */
  key = 0;
  /** Inherited key, `NO_KEY`: none. */
  inherited: number = NO_KEY;
  /** Order of arrival, the tie-break. */
  seq = 0;
  /** On a queue. A class with one heap per CPU need not ask. */
  queued = false;
  /** The heap it is in and its place there. Written by heaps. */
  heap: RankedHeap | null = null;
  slot = -1;

  constructor(readonly owner: Task) {}
}

/** Behind everyone who has a key. */
export const NO_KEY = Number.MAX_SAFE_INTEGER;

export const ranked = (p: Task): Ranked => p.sched.entity as Ranked;
