import type { Scenario } from '@proxysched/core';
import type { Expectation } from './expectation.js';
import type { Span } from './source.js';

/** What every reader makes: the model's input, and for each operation of each task where the text says it. */
export interface Compiled {
  readonly scenario: Scenario;
  readonly places: readonly (readonly Span[])[];
  /** What the text says of its own run; absent: nothing. */
  readonly expectations?: readonly Expectation[];
}
