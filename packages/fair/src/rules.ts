import type { OptionValue } from '@proxysched/core';
import { readOptions, type MachineSpec, type Nanos } from '@proxysched/core';
import { sliceFactor, tickNsec } from './eevdf.js';
import { fairOptions } from './features.js';
import type { GroupShares } from './group-shares.js';
import { linux612 } from './linux-6.12.js';
import { linux72 } from './linux-7.2.js';
import { linux73 } from './linux-7.3.js';
import type { Version } from './version.js';

const VERSIONS: Readonly<Record<string, Version>> = { '7.3': linux73, '7.2': linux72, '6.12': linux612 };

/** Everything the class is told before a run, as plain fields for the hot paths. */
export interface Rules {
  readonly version: Version;
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
  readonly groupShares: GroupShares;
  /** Load averages are kept: something reads them. */
  readonly loadTracking: boolean;
  readonly utilEst: boolean;
  /** Capacity of a whole CPU, 1024 = full. */
  readonly cpuCapacity: number;
  readonly cpus: number;
}

/** Options and machine to rules. `grouped`: there are groups beside the root. */
export function makeRules(given: Readonly<Record<string, OptionValue>>, machine: Pick<MachineSpec, 'cpus' | 'hz'>, grouped = false): Rules {
  const o = readOptions(fairOptions, given);
  const normalizedSlice = o['fair.baseSlice'];
  const computed = normalizedSlice * sliceFactor(o['fair.tunableScaling'], machine.cpus);
  return {
    version: VERSIONS[o['fair.version']]!,
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
    groupShares: o['fair.groupShares'] as GroupShares,
    loadTracking: o['fair.loadTracking'] === 'on' || (o['fair.loadTracking'] === 'auto' && (grouped || machine.cpus > 1)),
    utilEst: o['fair.utilEst'],
    cpuCapacity: o['fair.cpuCapacity'],
    cpus: machine.cpus,
  };
}
