import { floorDiv, type MachineSpec, type Nanos, type Weight } from '@proxysched/core';
import { NICE_0_LOAD } from './weights.js';

/**
 * Earliest eligible virtual deadline first, as Linux computes it.
 *
 * **Time.** Entity i has weight w_i. Each is owed the share w_i / W of the CPU, W = Σ w_i. Its virtual runtime v_i grows by
 * service · w_0 / w_i (w_0 the weight of nice 0), so equal treatment means equal growth. The ideal schedule would have given
 * everybody the same v; call it V. The lag, service owed, is
 *
 *     lag_i = w_i · (V − v_i)
 *
 * Nothing is owed to all together, Σ lag_i = 0, which fixes V: it is the weighted mean
 *
 *     V = Σ w_i·v_i / W
 *
 * Linux (and we) use ⌊V⌋. With a reference v0 near all v_i the numerator stays small: V = v0 + ⌊Σ w_i·(v_i − v0) / W⌋, and
 * since the floor of a mean does not depend on its origin, v0 is not observable.
 *
 * **Eligible** is who is owed something or nothing: lag_i ≥ 0, that is v_i ≤ V. As v_i is an integer, v_i ≤ V and
 * v_i ≤ ⌊V⌋ say the same; so one division per decision replaces one product per candidate.
 *
 * **Deadline.** An entity asks for slices of r ns; a request made at v_i is due at d_i = v_i + r · w_0 / w_i. Among the
 * eligible the earliest d runs. Shorter requests are served sooner, not more.
 *
 * **Placement.** Who joins with lag l (stored as vlag = V − v, before joining) pulls V towards itself. With W the weight
 * queued before, putting it at v = V − l' makes the mean afterwards
 *
 *     V' = (W·V + w·(V − l')) / (W + w) = V − w·l' / (W + w)
 *
 * and its lag there V' − v = l' · W / (W + w). To have l again, l' = l · (W + w) / W = l + l·w / W.
 *
 * **Lag limit.** Lag is clamped on leaving to what one request (and one tick of lateness) can cause.
 *
 * Ranges. v_i − v0: who passes its deadline moves v0 to V, so it is a slice and a tick, in virtual time; times w_i this is
 * wall time · 2^20: 3e12 for 2.8 ms, 1e14 for the largest slice of 100 ms. Those of the tree sum to minus that of the
 * running one. All of that is below 2^53 = 9e15. Two things are not: an entity alone for seconds without a tick, and a heavy
 * one joining light ones, since l·w / W may be 30000 times l (nice −20 beside SCHED_IDLE). There, and only there, the same
 * value is computed by BigInt, and v0 is chosen so that what is stored is small again.
 */

/** Request of a task, ns: no shorter, no longer. */
export const MIN_SLICE: Nanos = 100_000;
export const MAX_SLICE: Nanos = 100_000_000;

/** `zero_vruntime` of a new queue: the kernel's −2^20, there so that wrapping shows at once. */
export const FIRST_VRUNTIME = -1_048_576;

/** Without a tick the limits that mention one take that of `HZ` 250, the usual configuration. */
const TICK_WITHOUT_HZ: Nanos = 4_000_000;

/** `TICK_NSEC`: length of a tick, ns. */
export function tickNsec(hz: MachineSpec['hz']): Nanos {
  return hz === null ? TICK_WITHOUT_HZ : Math.floor((1_000_000_000 + Math.floor(hz / 2)) / hz);
}

/** By how much the normalised base slice grows on `cpus` CPUs (`fair-eevdf.md` 7). */
export function sliceFactor(scaling: string, cpus: number): number {
  const n = Math.min(cpus, 8);
  if (scaling === 'none') return 1;
  return scaling === 'linear' ? n : 32 - Math.clz32(n);
}

/** Wall time to virtual time, ns. `inverse`: the reciprocal of the weight, where a version multiplies with that. */
export type CalcDelta = (delta: Nanos, weight: Weight, inverse: number) => number;

/** 7.x: ⌊delta · 2^20 / weight⌋, `weight` scaled. The kernel's product has 64 bits and wraps after 4.9 hours. */
export function calcDeltaFair(delta: Nanos, weight: Weight): number {
  if (weight === NICE_0_LOAD) return delta;
  const product = delta * NICE_0_LOAD;
  if (Number.isSafeInteger(product)) return floorDiv(product, weight);
  return Number(BigInt.asUintN(64, BigInt(delta) * BigInt(NICE_0_LOAD)) / BigInt(weight));
}
