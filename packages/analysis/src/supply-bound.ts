import { integer, max, time } from './exact.js';
import type { Time } from './task-model.js';

/** A periodic server: up to `budget` in every `period`. */
export interface Server {
  readonly budget: Time;
  readonly period: Time;
}

/**
 * The least a server that keeps its promise supplies in any interval of length `window` while there is work: nothing for up to
 * 2 (P - Q), then Q in every P. Budget 0 to period, window at least 0; A001 otherwise.
 *
 * I. Shin, I. Lee, RTSS 2003; `oracles.md` 3.5.
 */
export function supplyBound(server: Server, window: Time): Time {
  const p = integer(server.period, 1, 'period');
  const q = integer(server.budget, 0, 'budget');
  integer(server.period - server.budget, 0, 'period beyond budget');
  const late = p - q;
  const rest = integer(window, 0, 'window') - late;
  if (rest <= 0n) return 0;
  return time((rest / p) * q + max(0n, (rest % p) - late), 'supply');
}
