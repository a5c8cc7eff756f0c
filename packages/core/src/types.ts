/**
 * Quantities and identities. Ids are branded because ids are what gets confused; quantities are plain numbers because a
 * brand would be shed at every plus.
 */

/** Integer nanoseconds, 0 … 2^53 − 1 (104 days). Instants and durations alike. */
export type Nanos = number;

/** Load weight on the kernel's scale of 1024 = nice 0 ("unscaled"). */
export type Weight = number;

export type CpuId = number & { readonly __id: 'cpu' };
export type Pid = number & { readonly __id: 'pid' };

/** "Never": the instant no timer is armed for, and the slice that does not end. */
export const NEVER = Infinity;
