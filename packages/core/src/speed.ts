import { mulDivFloor } from './arith.js';

/**
 * A CPU of capacity c gets c/1024 of a nanosecond's work done in a nanosecond. Work is counted in whole ns of the biggest CPU: an end is
 * rounded up to whole ns of time, and an interruption loses less than one ns of work.
 */

/** Work done in `ns` on a CPU of `capacity`. */
export function workIn(ns: number, capacity: number): number {
  return capacity === 1024 ? ns : mulDivFloor(ns, capacity, 1024);
}

/** The least time in which a CPU of `capacity` does `work`. */
export function timeFor(work: number, capacity: number): number {
  if (capacity === 1024) return work;
  const time = mulDivFloor(work, 1024, capacity);
  return workIn(time, capacity) < work ? time + 1 : time;
}
