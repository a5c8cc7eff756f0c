import { changedPolicy, type FairPolicy, type OptionValue, type PolicyChange } from '@proxysched/core';
import type { Workload } from './sequence.js';

/** The kernel of a workload as `fair.version` names it. */
export function versionOf(w: Pick<Workload, 'kernel'>): string {
  return w.kernel.split('.').slice(0, 2).join('.');
}

/** Features whose dial has another name, or none because the model has nothing that they could change. */
const DIALS: Readonly<Record<string, string | null>> = {
  BASE_SLICE: 'fair.sliceFloor',
  ALT_PERIOD: null,
  PARANOID_AVG: null,
  HRTICK: null,
};

/** The dials of a workload: what it states, in our names. Times are those in force, so nothing is scaled again. */
export function dialsOf(w: Workload): Record<string, OptionValue> {
  const dials: Record<string, OptionValue> = {
    'fair.version': versionOf(w),
    'fair.tunableScaling': 'none',
    'fair.loadTracking': w.pelt ? 'on' : 'auto',
    'fair.cpuCapacity': w.cpu_capacity,
  };
  const times = {
    'fair.slice': w.base_slice_ns,
    'fair.baseSlice': w.normalized_base_slice_ns,
    'fair.latency': w.sched_latency_ns,
    'fair.minGranularity': w.min_granularity_ns,
    'fair.wakeupGranularity': w.wakeup_granularity_ns,
    'fair.idleMinGranularity': w.idle_min_granularity_ns,
  };
  for (const [name, ns] of Object.entries(times)) if (ns !== undefined) dials[name] = ns;
  for (const [feature, on] of Object.entries(w.features)) {
    const dial = feature in DIALS ? DIALS[feature]! : `fair.${feature.toLowerCase().replace(/_(.)/g, (_, c: string) => c.toUpperCase())}`;
    if (dial !== null) dials[dial] = on !== 0;
  }
  return dials;
}

const KINDS: Readonly<Record<string, FairPolicy['kind']>> = { SCHED_NORMAL: 'normal', SCHED_BATCH: 'batch', SCHED_IDLE: 'idle' };
const KIND_BY_NUMBER: Readonly<Record<number, FairPolicy['kind']>> = { 0: 'normal', 3: 'batch', 5: 'idle' };

/** The policy a task starts with. Classic CFS knows no custom slices. */
export function policyOf(w: Workload, t: Workload['tasks'][number]): FairPolicy {
  const slice = versionOf(w) === '6.1' ? 0 : (t.slice_ns ?? 0);
  return changedPolicy({ kind: KINDS[t.policy]!, nice: t.nice }, { slice }) as FairPolicy;
}

/** What an operation or event of this kind changes about a policy; `null`: it is of no such kind. In classic CFS a slice is nothing, but asked for. */
export function changeOf(w: Workload, kind: string, value: number): PolicyChange | null {
  switch (kind) {
    case 'nice':
      return { nice: value };
    case 'slice':
      return { slice: versionOf(w) === '6.1' ? 0 : value };
    case 'policy':
      return value in KIND_BY_NUMBER ? { kind: KIND_BY_NUMBER[value]! } : null;
    default:
      return null;
  }
}
