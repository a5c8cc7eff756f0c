import { RANKS, type Cause } from './ranks.js';

/**
 * What is due at one instant, in groups from first to last. Within a group it goes by owner (CPU by CPU, task by task in the scenario's
 * order), and for one owner in the order in which the group names the causes. Causes that are not named come after all groups, by rank.
 *
 * `[['op', 'police'], ['wake']]`: CPU by CPU the end of an operation and the tick, then the wake-ups, task by task.
 */
export type InstantOrder = readonly (readonly Cause[])[];

/** More than there are CPUs or tasks. */
const OWNERS = 2 ** 24;
/** More than there are causes. */
const PLACES = 16;

/** Sort key of a timer, by its rank and its owner: computed when the timer is made, so that any order costs what the default does. */
export type KeyOf = (rank: number, owner: number) => number;

/** The default is the table of `ranks.ts`; within a rank the order of arming decides. */
export function keyOf(order: InstantOrder | undefined): KeyOf {
  if (order === undefined) return rank => rank;
  const places = new Map<number, (owner: number) => number>();
  order.forEach((causes, group) => {
    causes.forEach((cause, place) => places.set(RANKS[cause], owner => (group * OWNERS + owner) * PLACES + place));
  });
  const rest = order.length * OWNERS * PLACES;
  return (rank, owner) => places.get(rank)?.(owner) ?? rest + rank;
}
