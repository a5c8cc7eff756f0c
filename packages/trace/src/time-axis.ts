import type { Nanos } from '@proxysched/core';
import { decimalsFor, fixed } from './format.js';

/** The one unit of a picture, and where its axis has ticks. */
export interface TimeAxis {
  readonly unit: 'ns' | 'µs' | 'ms' | 's';
  /** ns per unit. */
  readonly perUnit: Nanos;
  /** ns between ticks: 1, 2 or 5 times a power of ten. */
  readonly step: Nanos;
  readonly ticks: readonly Nanos[];
}

/** Ticks from `from` to `until` ns, at least `gap` px apart at `scale` px per ns. */
export function timeAxis(from: Nanos, until: Nanos, scale: number, gap: number): TimeAxis {
  const range = Math.max(1, until - from);
  const [unit, perUnit] =
    range > 10_000_000_000
      ? (['s', 1_000_000_000] as const)
      : range > 1_000_000
        ? (['ms', 1_000_000] as const)
        : range > 1000
          ? (['µs', 1000] as const)
          : (['ns', 1] as const);
  let step = 1;
  for (let decade = 1; step * scale < gap; decade *= 10) {
    for (const digit of [1, 2, 5]) {
      step = digit * decade;
      if (step * scale >= gap) break;
    }
  }
  const ticks: Nanos[] = [];
  for (let t = Math.ceil(from / step) * step; t <= until; t += step) ticks.push(t);
  return { unit, perUnit, step, ticks };
}

/** Label of a tick: as many decimals as the step needs. */
export function tickLabel(axis: TimeAxis, t: Nanos): string {
  let decimals = 0;
  while (decimals < 6 && (axis.step * 10 ** decimals) % axis.perUnit !== 0) decimals++;
  return fixed(t, axis.perUnit, decimals);
}

/** A duration without its unit: one decimal unless it needs more (at most three). */
export function durationNumber(axis: TimeAxis, ns: Nanos): string {
  return fixed(ns, axis.perUnit, axis.unit === 'ns' ? 0 : decimalsFor([ns], axis.perUnit));
}

/** A duration in the axis's unit: `6.0 ms`. */
export function durationText(axis: TimeAxis, ns: Nanos): string {
  return `${durationNumber(axis, ns)} ${axis.unit}`;
}
