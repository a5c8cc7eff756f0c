import { integer, time } from './exact.js';
import type { Time } from './task-model.js';

/** -below < lag < above: neither end is reached. */
export interface LagBounds {
  readonly below: Time;
  readonly above: Time;
}

/**
 * Bounds of a client's lag, the service it is owed less the service it has had, under EEVDF: -r < lag < max(r, q), where r is its longest
 * request and q the quantum, in which the CPU is given out. They hold in a steady system (clients join, leave and change weight at
 * zero lag only) and are the best possible. `slack` widens both ends: for the kernel's fair class, which only approximates EEVDF,
 * one slice plus one tick.
 *
 * I. Stoica, H. Abdel-Wahab, K. Jeffay and others, RTSS 1996; `oracles.md` 3.6. Request and quantum at least 1, slack at least 0 (A001).
 */
export function lagBounds(request: Time, quantum: Time, slack: Time = 0): LagBounds {
  const r = integer(request, 1, 'request');
  const q = integer(quantum, 1, 'quantum');
  const s = integer(slack, 0, 'slack');
  return { below: time(r + s, 'lag'), above: time((r > q ? r : q) + s, 'lag') };
}

/**
 * How long after virtual time reaches its deadline a request may still be finished under EEVDF: the quantum, plus `slack` as for
 * `lagBounds`. `oracles.md` 3.6; A001 for numbers out of range.
 */
export function requestLatenessBound(quantum: Time, slack: Time = 0): Time {
  return time(integer(quantum, 1, 'quantum') + integer(slack, 0, 'slack'), 'lateness');
}
