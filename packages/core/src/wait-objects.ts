import type { Nanos } from './types.js';
import type { Task } from './task.js';

/** What tasks wait on that has no owner, so nobody to run for it: first come, first woken. */

export class Condition {
  readonly waiters: Task[] = [];
  constructor(readonly name: string) {}
}

/** Whoever completes the count wakes the others. */
export class Barrier {
  readonly waiters: Task[] = [];
  constructor(
    readonly name: string,
    readonly count: number,
  ) {}
}

export class Semaphore {
  readonly waiters: Task[] = [];
  constructor(
    readonly name: string,
    public value: number,
  ) {}
}

/** Periodic releases, shared by all who name it (rt-app's timers, `formats.md` 2.6). */
export class ReleaseTimer {
  /** −1: nobody has used it yet; the first user's start is the origin. */
  next: Nanos = -1;
  constructor(readonly name: string) {}
}
