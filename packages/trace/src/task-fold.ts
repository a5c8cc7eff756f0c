import type { Nanos } from '@proxysched/core';
import { Samples } from './samples.js';

/** Running figures of one task. */
export class TaskFold {
  readonly response = new Samples();
  readonly lockWait = new Samples();
  readonly cpuWait = new Samples();
  readonly lockHold = new Samples();
  readonly parked = new Samples();
  readonly ioWait = new Samples();
  misses = 0;
  late: Nanos = 0;
  lateAt: Nanos = -1;
  deadline: Nanos = -1;
  waitSince: Nanos = -1;
  readySince: Nanos = -1;
  parkedSince: Nanos = -1;
  ioSince: Nanos = -1;
  donatedTo: Nanos = 0;
  donatedBy: Nanos = 0;
  executed: Nanos = 0;
  charged: Nanos = 0;
  inverted: Nanos = 0;
  outranked: Nanos = 0;
  outside: Nanos = 0;
  migrations = 0;
  proxyMigrations = 0;
  wastedMoves = 0;
  /** It has been proxy-migrated, and nobody has run in its name since. */
  unused = false;
  spinsSince: Nanos = -1;
  spinsOn = -1;
  spun: Nanos = 0;
  steals = 0;
  backOffs = 0;
  lockFailures = 0;
  lastMutex = -1;
  lastOwner = 0;
  /** Locks it holds and since when; few at a time. */
  private readonly holds: number[] = [];
  private readonly since: Nanos[] = [];

  took(mutex: number, now: Nanos): void {
    this.holds.push(mutex);
    this.since.push(now);
  }

  /** Since when it has held `mutex`, which it lets go; −1: it did not. */
  letGo(mutex: number): Nanos {
    const i = this.holds.lastIndexOf(mutex);
    if (i < 0) return -1;
    const since = this.since[i]!;
    const last = this.holds.length - 1;
    this.holds[i] = this.holds[last]!;
    this.since[i] = this.since[last]!;
    this.holds.length = this.since.length = last;
    return since;
  }

  /** A lock it holds, −1: none. */
  get anyHeld(): number {
    return this.holds.at(-1) ?? -1;
  }
}
