import type { Nanos } from '@proxysched/core';
import { MAX_NANOS } from './limits.js';

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 };
/** As JSON Schema wants it. */
export const DURATION_PATTERN = /^\d+(\.\d+)?\s?(ns|us|µs|μs|ms|s)$/;

export type ParsedDuration = { readonly ok: true; readonly ns: Nanos } | { readonly ok: false; readonly why: string };

/** `250us`, `1.5 s`, `10ms` as nanoseconds, exactly. */
export function parseDuration(text: string): ParsedDuration {
  const match = /^\s*([+-]?)(\d+)(?:\.(\d+))?\s*(\p{L}*)\s*$/u.exec(text);
  if (match === null) return no(`"${text.slice(0, 40)}" is no time; write a number with its unit: "10ms", "250us", "1.5s"`);
  const [, sign = '', whole = '', fraction = '', unit = ''] = match;
  if (unit === '')
    return no(`${text.trim()} has no unit; write "${text.trim()}ms", "${text.trim()}us", "${text.trim()}s" or "${text.trim()}ns"`);
  const scale = Object.hasOwn(UNITS, unit) ? UNITS[unit]! : undefined;
  if (scale === undefined) return no(`"${unit.slice(0, 20)}" is no unit of time; there are ns, us, ms and s`);
  if (sign === '-') return no(`${text.trim()} is negative; time only goes forward`);
  const places = String(scale).length - 1;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > places) return no(`${text.trim()} is finer than a nanosecond, the unit of simulated time`);
  const ns = whole.length > 16 ? Infinity : Number(whole) * scale + Number(digits.padEnd(places, '0'));
  if (ns > MAX_NANOS) return no(`${text.trim()} is longer than simulated time (104 days)`);
  return { ok: true, ns };
}

/** A time as people write it, in the largest unit that keeps it whole. */
export function formatDuration(ns: Nanos): string {
  if (ns === 0) return '0ms';
  for (const [unit, scale] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const)
    if (ns % scale === 0) return `${ns / scale}${unit}`;
  return `${ns}ns`;
}

const no = (why: string): ParsedDuration => ({ ok: false, why });
