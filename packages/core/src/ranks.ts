/** Order of what is due at one instant: (time, rank, order of arming). `architecture.md` 4. */

/** An execution context finishes an operation: work done at t counts before anything that happens at t. */
export const RANK_OP = 0;
/** A task in flight lands on its queue, so that it can be picked at t. */
export const RANK_ARRIVE = 1;
/** Sleepers wake after those already running have finished. */
export const RANK_WAKE = 2;
/** Budgets replenish before policing, so that no one is throttled and freed at t. */
export const RANK_SUPPLY = 3;
/** Slice ends, runtime limits, ticks, on up-to-date accounts. */
export const RANK_POLICE = 4;
/** Periodic balancing looks at a settled machine. */
export const RANK_BALANCE = 5;
/** The end of the run sees everything at t. */
export const RANK_END = 6;
