import type { OptionValue } from '@proxysched/core';
import { readOptions, type MachineSpec, type Nanos } from '@proxysched/core';
import { calcDeltaFair, sliceFactor, tickNsec, type CalcDelta } from './eevdf.js';
import { fairOptions } from './features.js';
import { calcDeltaFixedPoint } from './fixed-point.js';

/** What differs between kernels, as far as it is local. The rest is `wakeup-preemption.ts`. */
export interface VersionRules {
  readonly calcDelta: CalcDelta;
  /** Sums for V use the table's weights (at least 2) instead of the scaled ones. */
  readonly scaledDownSums: boolean;
  /** What limits lag: the own slice twice or a tick, or the largest slice queued and a tick. */
  readonly lagLimit: 'own' | 'largest';
  /** How l' = l·(W + w)/W is divided: at once or as l + l·w/W. */
  readonly inflate: 'whole' | 'part';
  /** Protection: until the deadline moves; until a shortest slice is used; until it would stop being eligible. */
  readonly protection: 'deadline' | 'slice' | 'parity';
  /** A buddy is looked for before anything else, not only when protection counts. */
  readonly buddyFirst: boolean;
  /** A delayed entity remembers its lag, which then never falls below that. */
  readonly delayedKeepsLag: boolean;
  /** A change of weight rescales a relative deadline too, and not the lag alone. */
  readonly rescaleDeadline: boolean;
  readonly wakeup: '7.3' | '7.2' | '6.12';
}

const V7_2: VersionRules = {
  calcDelta: calcDeltaFair,
  scaledDownSums: false,
  lagLimit: 'largest',
  inflate: 'whole',
  protection: 'slice',
  buddyFirst: false,
  delayedKeepsLag: true,
  rescaleDeadline: true,
  wakeup: '7.2',
};

const V7_3: VersionRules = { ...V7_2, inflate: 'part', protection: 'parity', wakeup: '7.3' };

const V6_12: VersionRules = {
  calcDelta: calcDeltaFixedPoint,
  scaledDownSums: true,
  lagLimit: 'own',
  inflate: 'whole',
  protection: 'deadline',
  buddyFirst: true,
  delayedKeepsLag: false,
  rescaleDeadline: false,
  wakeup: '6.12',
};

/** Everything the class is told before a run, as plain fields for the hot paths. */
export interface Rules extends VersionRules {
  readonly placeLag: boolean;
  readonly placeDeadlineInitial: boolean;
  readonly placeRelDeadline: boolean;
  readonly runToParity: boolean;
  readonly preemptShort: boolean;
  readonly nextBuddy: boolean;
  readonly pickBuddy: boolean;
  readonly delayDequeue: boolean;
  readonly delayZero: boolean;
  readonly wakeupPreemption: boolean;
  /** Base slice as configured and as in force, ns. */
  readonly normalizedSlice: Nanos;
  readonly baseSlice: Nanos;
  readonly tickNsec: Nanos;
}

/** Options and machine to rules. */
export function makeRules(given: Readonly<Record<string, OptionValue>>, machine: Pick<MachineSpec, 'cpus' | 'hz'>): Rules {
  const o = readOptions(fairOptions, given);
  const version = o['fair.version'];
  const normalizedSlice = o['fair.baseSlice'];
  const computed = normalizedSlice * sliceFactor(o['fair.tunableScaling'], machine.cpus);
  return {
    ...(version === '6.12' ? V6_12 : version === '7.2' ? V7_2 : V7_3),
    placeLag: o['fair.placeLag'],
    placeDeadlineInitial: o['fair.placeDeadlineInitial'],
    placeRelDeadline: o['fair.placeRelDeadline'],
    runToParity: o['fair.runToParity'],
    preemptShort: o['fair.preemptShort'],
    nextBuddy: o['fair.nextBuddy'],
    pickBuddy: o['fair.pickBuddy'],
    delayDequeue: o['fair.delayDequeue'],
    delayZero: o['fair.delayZero'],
    wakeupPreemption: o['fair.wakeupPreemption'],
    normalizedSlice,
    baseSlice: o['fair.slice'] === 0 ? computed : o['fair.slice'],
    tickNsec: tickNsec(machine.hz),
  };
}
