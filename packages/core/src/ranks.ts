/**
 * Order of what is due at one instant: (time, rank, order of arming). `architecture.md` 4. A machine may have another
 * (`MachineSpec.order`).
 */

/** A pick that was asked for takes place: nothing that its CPU would do at t counts before it. */
export const RANK_PASS = -1;
/** An execution context finishes an operation: work done at t counts before anything that happens at t. */
export const RANK_OP = 0;
/** A task in flight lands on its queue, so that it can be picked at t. */
export const RANK_ARRIVE = 1;
/** Sleepers wake after those already running have finished. */
export const RANK_WAKE = 2;
/** Somebody outside the machine acts on what tasks have done by themselves. */
export const RANK_OUTSIDE = 3;
/** Budgets replenish before policing, so that no one is throttled and freed at t. */
export const RANK_SUPPLY = 4;
/** Slice ends, runtime limits, ticks, on up-to-date accounts. */
export const RANK_POLICE = 5;
/** Periodic balancing looks at a settled machine. */
export const RANK_BALANCE = 6;
/** The end of the run sees everything at t. */
export const RANK_END = 7;

/** The causes by name, as data says them. */
export const RANKS = {
  op: RANK_OP,
  arrive: RANK_ARRIVE,
  wake: RANK_WAKE,
  outside: RANK_OUTSIDE,
  supply: RANK_SUPPLY,
  police: RANK_POLICE,
  balance: RANK_BALANCE,
  end: RANK_END,
} as const;

export type Cause = keyof typeof RANKS;
