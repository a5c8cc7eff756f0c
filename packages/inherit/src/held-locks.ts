import type { Mutex, Task } from '@proxysched/core';

const NONE: readonly Mutex[] = [];

/** Which locks a task owns, in the order in which it got them. */
export class HeldLocks {
  private readonly byTask = new Map<Task, Mutex[]>();

  of(p: Task): readonly Mutex[] {
    return this.byTask.get(p) ?? NONE;
  }

  add(m: Mutex, p: Task): void {
    const held = this.byTask.get(p);
    if (held === undefined) this.byTask.set(p, [m]);
    else held.push(m);
  }

  remove(m: Mutex, p: Task): void {
    const held = this.byTask.get(p);
    const at = held?.lastIndexOf(m) ?? -1;
    if (at >= 0) held!.splice(at, 1);
  }
}
