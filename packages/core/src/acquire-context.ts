import { contextMisused } from './errors.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { Task } from './task.js';

/**
 * The context in which a task takes several wait/wound mutexes (`locking.md` 3): its age, and what it holds. A task has one,
 * from `wbegin` to `wend` as often as it likes; it keeps its stamp over every back-off in between.
 */
export class AcquireContext {
  /** Between `wbegin` and `wend`. */
  active = false;
  /** Age: smaller is older, and wins. */
  stamp = 0;
  /** Told to give way (wound-wait): heeded at the next request that has to wait. */
  wounded = false;
  /** Locks held. */
  acquired = 0;
  /** The lock taken last of those held; the others follow by `Mutex.older`. */
  newest: Mutex | null = null;
  /** The lock over which it had to back off, to be taken first of all next time. */
  contended: Mutex | null = null;

  constructor(readonly task: Task) {}

  /** Is this context younger than `other`? Then it gives way. */
  youngerThan(other: AcquireContext): boolean {
    return this.stamp > other.stamp;
  }

  add(m: Mutex): void {
    m.context = this;
    m.older = this.newest;
    this.newest = m;
    this.acquired++;
  }

  remove(m: Mutex): void {
    m.context = null;
    this.acquired--;
    if (this.newest === m) {
      this.newest = m.older;
    } else {
      let newer = this.newest!;
      while (newer.older !== m) newer = newer.older!;
      newer.older = m.older;
    }
    m.older = null;
  }
}

/** Begins and ends contexts, and deals out their ages. */
export class AcquireContexts {
  private stamps = 0;

  constructor(private readonly m: Machine) {}

  begin(p: Task): void {
    const context = (p.exec.context ??= new AcquireContext(p));
    if (context.active) throw contextMisused(this.m.where(p), 'begins a context of wait/wound locks inside another');
    context.active = true;
    context.wounded = false;
    context.contended = null;
    context.stamp = ++this.stamps;
  }

  end(p: Task): void {
    const { context } = p.exec;
    if (context === null || !context.active)
      throw contextMisused(this.m.where(p), 'ends a context of wait/wound locks that it has not begun');
    if (context.newest !== null)
      throw contextMisused(this.m.where(p), `ends a context of wait/wound locks in which it holds "${context.newest.name}"`);
    context.active = false;
  }
}
