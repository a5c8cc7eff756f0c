import { mulDivFloor } from './arith.js';
import type { Nanos, Weight } from './types.js';

/**
 * Per-entity load tracking (`pelt-and-balance.md` 1): how much an entity or a queue was there lately, as geometric averages
 * over periods of 1024 "µs" of 1024 ns each, that halve in 32 periods (y^32 = 1/2).
 *
 * With u_0 the contribution of the period in progress and u_i that of the i-th before it, a sum is Σ u_i · y^i. A contribution
 * of 1024 in every period makes it 1024 / (1 − y) = `LOAD_AVG_MAX`, so an average is the sum over what it could be at most:
 * all full periods, and as much of the one in progress as has passed.
 *
 * Everything is an integer below 2^53: a queue's load_sum is Σ weights · 47742 at most, its runnable_sum tasks · 47742 · 1024.
 */

/** `LOAD_AVG_MAX`: the sum of a signal that was always on, with the kernel's truncations. */
export const LOAD_AVG_MAX = 47742;

/** `PELT_MIN_DIVIDER`: what a sum could be at most when a period has just begun. */
export const PELT_MIN_DIVIDER = LOAD_AVG_MAX - 1024;

const PERIOD = 1024;
/** Periods after which nothing is left: 2^-63. */
const FORGOTTEN = 32 * 63;

/** y^n · 2^32. Data: the first stands for 1 and is not quite. */
// prettier-ignore
const DECAY: readonly number[] = [
  0xffffffff, 0xfa83b2da, 0xf5257d14, 0xefe4b99a, 0xeac0c6e6, 0xe5b906e6, 0xe0ccdeeb, 0xdbfbb796,
  0xd744fcc9, 0xd2a81d91, 0xce248c14, 0xc9b9bd85, 0xc5672a10, 0xc12c4cc9, 0xbd08a39e, 0xb8fbaf46,
  0xb504f333, 0xb123f581, 0xad583ee9, 0xa9a15ab4, 0xa5fed6a9, 0xa2704302, 0x9ef5325f, 0x9b8d39b9,
  0x9837f050, 0x94f4efa8, 0x91c3d373, 0x8ea4398a, 0x8b95c1e3, 0x88980e80, 0x85aac367, 0x82cd8698,
];

/**
 * value · y^periods (`decay_load`).
 *
 * value · m / 2^32 has up to 85 bits. With value = a·2^20 + b it is (a·m + b·m / 2^20) / 2^12, and inner floors do not change
 * the outer one: below 2^41 both products stay below 2^53.
 */
export function decayLoad(value: number, periods: number): number {
  if (periods > FORGOTTEN) return 0;
  const m = DECAY[periods % 32]!;
  let x = value;
  for (let halvings = Math.floor(periods / 32); halvings > 0 && x > 0; halvings--) x = Math.floor(x / 2);
  if (x < 2 ** 21) return Math.floor((x * m) / 2 ** 32);
  if (x >= 2 ** 41) return mulDivFloor(x, m, 2 ** 32);
  const a = Math.floor(x / 2 ** 20);
  const b = x - a * 2 ** 20;
  return Math.floor((a * m + Math.floor((b * m) / 2 ** 20)) / 2 ** 12);
}

/** `last_update_time` of an entity that is attached to no queue. */
export const DETACHED: Nanos = -1;

/** `struct sched_avg`. */
export class SchedAvg {
  /** Advances in steps of 1024 ns. */
  lastUpdate: Nanos;
  /** How much of the period in progress is accounted for, 0 … 1023 µs. */
  periodContrib = 0;
  loadSum = 0;
  runnableSum = 0;
  utilSum = 0;
  /** Weight and the share of time it was queued. */
  loadAvg = 0;
  /** 1024 for each that was always able to run, or running. */
  runnableAvg = 0;
  /** 1024 for always running. */
  utilAvg = 0;

  constructor(lastUpdate: Nanos) {
    this.lastUpdate = lastUpdate;
  }

  /** `get_pelt_divider`: what a sum of 1 could be at most. */
  get divider(): number {
    return PELT_MIN_DIVIDER + this.periodContrib;
  }
}

/**
 * Brings the sums to `now`: since the last update there was `load`, of it `runnable` able to run, and it was `running`
 * (`___update_load_sum`). True: a period ended, so the averages move.
 */
export function updateSums(avg: SchedAvg, now: Nanos, load: Weight, runnable: number, running: boolean): boolean {
  const delta = now - avg.lastUpdate;
  if (delta < 0) {
    avg.lastUpdate = now;
    return false;
  }
  const us = Math.floor(delta / 1024);
  if (us === 0) return false;
  avg.lastUpdate += us * 1024;
  return accumulate(avg, us, load, load === 0 ? 0 : runnable, load !== 0 && running);
}

/** `accumulate_sum`: the end of the old period, full ones between, the start of a new one. */
function accumulate(avg: SchedAvg, us: number, load: Weight, runnable: number, running: boolean): boolean {
  const since = us + avg.periodContrib;
  const periods = Math.floor(since / PERIOD);
  let contrib = us;
  if (periods > 0) {
    avg.loadSum = decayLoad(avg.loadSum, periods);
    avg.runnableSum = decayLoad(avg.runnableSum, periods);
    avg.utilSum = decayLoad(avg.utilSum, periods);
    const rest = since % PERIOD;
    if (load !== 0) {
      const old = decayLoad(PERIOD - avg.periodContrib, periods);
      const full = LOAD_AVG_MAX - decayLoad(LOAD_AVG_MAX, periods) - PERIOD;
      contrib = old + full + rest;
    }
    avg.periodContrib = rest;
  } else {
    avg.periodContrib = since;
  }
  if (load !== 0) avg.loadSum += load * contrib;
  if (runnable !== 0) avg.runnableSum += runnable * contrib * 1024;
  if (running) avg.utilSum += contrib * 1024;
  return periods > 0;
}

/** Averages from sums; `weight` scales the load of an entity, a queue's is scaled already (`___update_load_avg`). */
export function updateAverages(avg: SchedAvg, weight: Weight): void {
  const { divider } = avg;
  avg.loadAvg = mulDivFloor(weight, avg.loadSum, divider);
  avg.runnableAvg = Math.floor(avg.runnableSum / divider);
  avg.utilAvg = Math.floor(avg.utilSum / divider);
}

// --- moving a contribution --------------------------------------------------------------------------------------------------

/**
 * Adds to an average of a queue and to its sum, or takes away: neither falls below zero, and the sum not below what the average
 * needs. For both are rounded on their own, and what is taken away is not exactly what was added.
 */
export function shiftLoad(avg: SchedAvg, load: number, sum: number): void {
  avg.loadAvg = Math.max(0, avg.loadAvg + load);
  avg.loadSum = Math.max(0, avg.loadSum + sum, avg.loadAvg * PELT_MIN_DIVIDER);
}

export function shiftUtil(avg: SchedAvg, util: number, sum: number): void {
  avg.utilAvg = Math.max(0, avg.utilAvg + util);
  avg.utilSum = Math.max(0, avg.utilSum + sum, avg.utilAvg * PELT_MIN_DIVIDER);
}

export function shiftRunnable(avg: SchedAvg, runnable: number, sum: number): void {
  avg.runnableAvg = Math.max(0, avg.runnableAvg + runnable);
  avg.runnableSum = Math.max(0, avg.runnableSum + sum, avg.runnableAvg * PELT_MIN_DIVIDER);
}
