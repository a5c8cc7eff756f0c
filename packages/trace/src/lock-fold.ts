import type { Nanos } from '@proxysched/core';
import { RELEASES } from './events.js';
import type { LockMetrics } from './metrics.js';
import { Samples, waitsOf } from './samples.js';

/** Running figures of one lock. */
export class LockFold {
  readonly wait = new Samples();
  readonly hold = new Samples();
  readonly releases = new Float64Array(RELEASES.length);
  taken = 0;
  failed = 0;
  spun: Nanos = 0;
  steals = 0;

  metrics(id: number, name: string): LockMetrics {
    const { taken, failed, spun, steals } = this;
    return {
      id,
      name,
      taken,
      failed,
      wait: waitsOf(this.wait),
      hold: waitsOf(this.hold),
      spun,
      steals,
      releases: byName(RELEASES, this.releases),
    };
  }
}

/** Counts by number as counts by name. */
export function byName<K extends string>(names: readonly K[], counts: ArrayLike<number>): Readonly<Record<K, number>> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i]!])) as Record<K, number>;
}
