import { readOptions, type MachineSpec, type Nanos, type OptionList, type OptionValue } from '@proxysched/core';
import { sliceFactor } from './eevdf.js';
import { fairOptions } from './features.js';

/** The dials that only classic CFS has (`fair.version` 6.1; `fair-eevdf.md` 19). It shares `nextBuddy`, `wakeupPreemption`, `tunableScaling`. */
export const cfsOptions = {
  'fair.latency': { default: 6_000_000, about: '6.1: period in which everybody runs once while there are few, ns on one CPU.' },
  'fair.minGranularity': {
    default: 750_000,
    about: '6.1: shortest turn, ns on one CPU; with more tasks than fit into the latency, the period grows by it.',
  },
  'fair.wakeupGranularity': { default: 1_000_000, about: '6.1: how far a wakee must be behind to preempt, ns on one CPU.' },
  'fair.idleMinGranularity': { default: 750_000, about: '6.1: shortest turn of SCHED_IDLE beside others, ns; never scaled.' },
  'fair.gentleFairSleepers': { default: true, about: '6.1: a sleeper is credited half a latency instead of a whole one.' },
  'fair.startDebit': { default: true, about: '6.1: a new task starts one slice behind.' },
  'fair.lastBuddy': { default: true, about: '6.1: with many tasks, prefer to go back to the one that was preempted by a wakee.' },
  'fair.sliceFloor': {
    default: true,
    about: '6.1: no slice is shorter than the minimal granularity (the kernel calls this `BASE_SLICE`).',
  },
} as const satisfies OptionList;

/** What classic CFS is told before a run, as plain fields; times in force, ns. */
export interface CfsRules {
  readonly latency: Nanos;
  readonly minGranularity: Nanos;
  readonly wakeupGranularity: Nanos;
  readonly idleMinGranularity: Nanos;
  /** Tasks that fit into one latency. */
  readonly nrLatency: number;
  readonly gentleFairSleepers: boolean;
  readonly startDebit: boolean;
  readonly nextBuddy: boolean;
  readonly lastBuddy: boolean;
  readonly wakeupPreemption: boolean;
  readonly sliceFloor: boolean;
}

/** Options and machine to rules. */
export function makeCfsRules(given: Readonly<Record<string, OptionValue>>, machine: Pick<MachineSpec, 'cpus'>): CfsRules {
  const shared = readOptions(fairOptions, given);
  const o = readOptions(cfsOptions, given);
  const factor = sliceFactor(shared['fair.tunableScaling'], machine.cpus);
  return {
    latency: o['fair.latency'] * factor,
    minGranularity: o['fair.minGranularity'] * factor,
    wakeupGranularity: o['fair.wakeupGranularity'] * factor,
    idleMinGranularity: o['fair.idleMinGranularity'],
    nrLatency: Math.ceil(o['fair.latency'] / o['fair.minGranularity']),
    gentleFairSleepers: o['fair.gentleFairSleepers'],
    startDebit: o['fair.startDebit'],
    nextBuddy: shared['fair.nextBuddy'],
    lastBuddy: o['fair.lastBuddy'],
    wakeupPreemption: shared['fair.wakeupPreemption'],
    sliceFloor: o['fair.sliceFloor'],
  };
}
