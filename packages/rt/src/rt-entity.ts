import type { SchedEntity, Task } from '@proxysched/core';

/** What the real-time class keeps about a task: its place, which is links of a list, and what is left of its slice. */
export class RtEntity implements SchedEntity {
  /** List it stands in, by kernel priority 0 … 98; −1: not queued. */
  list = -1;
  prev: RtEntity | null = null;
  next: RtEntity | null = null;
  /** Where it stood when it was taken out for a change, to be put back there; −1: nowhere. */
  savedList = -1;
  savedNext: RtEntity | null = null;
  /** It was charged since the last tick that was counted against it. */
  ran = false;

  constructor(
    readonly owner: Task,
    /** Left of the round-robin slice: ns with exact timers, else ticks. Survives preemption, sleep and changes of priority. */
    public sliceLeft: number,
  ) {}
}

export function rtEntity(p: Task): RtEntity {
  return p.sched.entity as RtEntity;
}
