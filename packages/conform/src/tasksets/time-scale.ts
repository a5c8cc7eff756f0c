import type { Nanos } from '@proxysched/core';

const UNITS: Readonly<Record<string, Nanos>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** Between the time unit of a file and nanoseconds. */
export class TimeScale {
  readonly unit: Nanos;

  /**
   * @param name as the file says.
   * @param ticks whether something is policed once per unit, by a tick of a whole number in a second.
   */
  constructor(name: string, ticks: boolean) {
    // The deadline class drops ten bits of every factor of its tests, as the kernel does: a power of two keeps them exact.
    this.unit = UNITS[name.trim()] ?? (ticks ? 1e6 : 2 ** 20);
  }

  /** To whole nanoseconds. */
  ns(time: number): Nanos {
    return Math.round(time * this.unit);
  }

  /** Back, to a hundred-thousandth of a unit: what the kernel's fixed point loses is below. */
  time(ns: Nanos): number {
    return Math.round((ns / this.unit) * 1e5) / 1e5;
  }
}
