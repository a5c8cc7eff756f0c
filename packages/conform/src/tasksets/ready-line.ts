import type { LockRules, Mutex, Task } from '@proxysched/core';
import { kernelPrio } from '@proxysched/core';
import { LOCK_RULES, provide, type SimModule } from '@proxysched/kit';

export const READY_LINE = 'ready-line';

/**
 * The wake rule of the published schedules with locks: no hand-over; who is blocked becomes ready when the lock is free and
 * asks again when it runs. On one CPU the most important waiter comes to run first, so that it alone need be woken.
 */
class ReadyLine implements LockRules {
  readonly kind = READY_LINE;

  place(m: Mutex, p: Task): Task | null {
    for (const other of m.waiters()) if (kernelPrio(p.sched.policy) < kernelPrio(other.sched.policy)) return other;
    return null;
  }

  nextOwner(): null {
    return null;
  }
}

export const readyLine: SimModule = {
  name: READY_LINE,
  register: c => provide(c, LOCK_RULES, { value: new ReadyLine() }),
};
