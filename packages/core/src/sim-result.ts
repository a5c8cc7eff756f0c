import type { StallEvidence } from './deadlock-policy.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/** How a run ended. A deadlock or a stall is a result, never an error. */
export type SimResult =
  /** `finished`: nothing will ever happen again. `timeLimit`: `scenario.until`. */
  | { readonly outcome: 'finished' | 'timeLimit'; readonly at: Nanos; readonly events: number }
  | { readonly outcome: 'deadlock'; readonly at: Nanos; readonly events: number; readonly cycle: readonly Task[] }
  | { readonly outcome: 'stalled'; readonly at: Nanos; readonly events: number; readonly evidence: StallEvidence };
