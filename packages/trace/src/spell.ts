import type { Nanos } from '@proxysched/core';
import type { Peak } from './metrics.js';

/** Something that is the case from time to time: how often, how long all together, and the longest (with its end). */
export class Spell {
  count = 0;
  total: Nanos = 0;
  longest: Peak = { value: 0, at: -1 };
  private since: Nanos = -1;

  /** From `now` on it is the case, or is not. */
  set(on: boolean, now: Nanos): void {
    if (!on) return this.end(now);
    if (this.since >= 0) return;
    this.since = now;
    this.count++;
  }

  end(now: Nanos): void {
    if (this.since < 0) return;
    const length = now - this.since;
    this.since = -1;
    this.total += length;
    if (length > this.longest.value) this.longest = { value: length, at: now };
  }
}
