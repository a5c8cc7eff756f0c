import { deadlineBeyondPeriod, notInRange, tooLarge } from './errors.js';
import type { Time } from './task-model.js';

/**
 * The border between `number`, which callers have, and `bigint`, in which everything is decided: no range to watch, no rounding.
 * Not exported from the package.
 */

/** A checked task; what was left out has its default. */
export interface ExactTask {
  readonly c: bigint;
  readonly t: bigint;
  readonly d: bigint;
  readonly b: bigint;
  readonly j: bigint;
}

interface AnyTask {
  readonly wcet: Time;
  readonly period: Time;
  readonly deadline?: Time;
  readonly blocking?: Time;
  readonly jitter?: Time;
}

/** `value` as it is, if it is a safe integer of at least `least`; otherwise A001. */
export function integer(value: number, least: number, what: string): bigint {
  if (!Number.isSafeInteger(value) || value < least) throw notInRange(what, least, value);
  return BigInt(value);
}

export function exact(task: AnyTask): ExactTask {
  const t = integer(task.period, 1, 'period');
  return {
    c: integer(task.wcet, 1, 'wcet'),
    t,
    d: task.deadline === undefined ? t : integer(task.deadline, 1, 'deadline'),
    b: integer(task.blocking ?? 0, 0, 'blocking'),
    j: integer(task.jitter ?? 0, 0, 'jitter'),
  };
}

/** The same, for theorems that stand on D <= T; otherwise A003. */
export function constrained(task: AnyTask, test: string): ExactTask {
  const e = exact(task);
  if (e.d > e.t) throw deadlineBeyondPeriod(test, Number(e.d), Number(e.t));
  return e;
}

/** Back to `number`; A002 if it does not fit. */
export function time(value: bigint, what: string): Time {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw tooLarge(what, value);
  return Number(value);
}

/** Smallest integer >= a / b, for a >= 0, b > 0. */
export const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

export const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Greatest common divisor of two numbers >= 0. */
export function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}

/** Time after which a synchronous pattern repeats; 1 for no tasks. */
export function hyperperiod(tasks: readonly ExactTask[]): bigint {
  return tasks.reduce((h, { t }) => (h / gcd(h, t)) * t, 1n);
}

/** Order of numbers for `sort`. */
export const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
