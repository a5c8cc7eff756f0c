import type { Kernel, LockRules, Mutex, Task } from '@proxysched/core';
import { NO_KEY, ranked } from './ranked.js';

/** A class whose contexts can be ranked anew: the four of this package. */
interface Reranking {
  rerank(rq: Kernel['rqs'][number], p: Task): void;
}

/**
 * Handed over to the most important waiter, with inheritance: an owner ranks as the most important of those who wait for it,
 * over any number of locks, wherever it is; at a release as those who still do. Within one class: keys are compared as they are.
 */
export class PriorityInheritance implements LockRules {
  readonly kind = 'pip';

  constructor(private readonly kernel: Pick<Kernel, 'mutexes' | 'rqs'>) {}

  /** `p` begins to wait: whoever it waits for is raised, and whoever that one waits for; a cycle ends where nobody is. */
  place(m: Mutex, p: Task): null {
    const { key } = ranked(p);
    for (let o = m.owner; o !== null && ranked(o).key > key; o = o.waitsIn === null ? null : o.waitsIn.owner) this.inherit(o, key);
    return null;
  }

  nextOwner(m: Mutex, releaser: Task): Task | null {
    const next = mostImportant(m, null);
    this.inherit(releaser, this.inherited(releaser, m));
    if (next !== null) this.inherit(next, Math.min(this.inherited(next, m), keyOf(mostImportant(m, next))));
    return next;
  }

  /** The most urgent key among those who wait for `p`, leaving one lock out. */
  private inherited(p: Task, without: Mutex): number {
    let key = NO_KEY;
    for (const m of this.kernel.mutexes) if (m !== without && m.owner === p) key = Math.min(key, keyOf(mostImportant(m, null)));
    return key;
  }

  private inherit(p: Task, key: number): void {
    const e = ranked(p);
    if (e.inherited === key) return;
    e.inherited = key;
    if (p.onRq === 'queued') (p.sched.cls as unknown as Reranking).rerank(this.kernel.rqs[p.cpu]!, p);
    else e.key = Math.min(e.key, key);
  }
}

/** Equals in order of arrival. */
function mostImportant(m: Mutex, but: Task | null): Task | null {
  let best: Task | null = null;
  for (let p = m.firstWaiter; p !== null; p = p.waitNext) if (p !== but && (best === null || ranked(p).key < ranked(best).key)) best = p;
  return best;
}

const keyOf = (p: Task | null): number => (p === null ? NO_KEY : ranked(p).key);
