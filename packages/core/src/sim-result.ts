import type { StallEvidence } from './deadlock-policy.js';
import type { Task } from './task.js';
import type { Nanos } from './types.js';

/** How a run ended. A deadlock or a stall is a result, never an error. */
export type SimResult =
  /** `finished`: nothing will ever happen again. `timeLimit`: `scenario.until`. */
  | { readonly outcome: 'finished' | 'timeLimit'; readonly at: Nanos; readonly events: number }
  /** `cycle`: tasks that wait for each other in a circle, each for the next; or, with `falseAlarm`, those that a policy took for one. */
  | {
      readonly outcome: 'deadlock';
      readonly at: Nanos;
      readonly events: number;
      readonly cycle: readonly Task[];
      readonly falseAlarm: boolean;
    }
  | { readonly outcome: 'stalled'; readonly at: Nanos; readonly events: number; readonly evidence: StallEvidence };
