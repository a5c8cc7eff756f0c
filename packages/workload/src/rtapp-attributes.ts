import type { Policy } from '@proxysched/core';
import * as errors from './errors.js';
import type { Report } from './report.js';
import type { RtKind } from './rtapp-grammar.js';
import type { RtAttributes } from './rtapp-workload.js';
import type { Span } from './source.js';

/** The scheduling attributes of an rt-app thread as they stand: what a phase does not name is unchanged. Times in us. */
export interface RtState {
  readonly kind: RtKind;
  readonly priority: number;
  readonly runtime: number;
  readonly period: number;
  readonly deadline: number;
}

const NOTHING: RtState = { kind: 'normal', priority: 0, runtime: 0, period: 0, deadline: 0 };
const SLICE_MIN = 100;
const SLICE_MAX = 100_000;

/** The state a task starts in. */
export function taskState(attributes: RtAttributes, defaultPolicy: RtKind): RtState {
  return nextState({ ...NOTHING, kind: defaultPolicy, priority: defaultPriority(defaultPolicy) }, attributes);
}

/** The state after a phase's attributes. A new kind of policy brings its default priority, as the old number means something else. */
export function nextState(state: RtState, attributes: RtAttributes): RtState {
  const kind = attributes.policy ?? state.kind;
  const priority = attributes.priority ?? (isRt(kind) === isRt(state.kind) && kind !== 'deadline' ? state.priority : defaultPriority(kind));
  if (attributes.runtime === undefined && attributes.period === undefined && attributes.deadline === undefined)
    return { ...state, kind, priority };
  const runtime = attributes.runtime ?? 0;
  const period = attributes.period || runtime;
  return { kind, priority, runtime, period, deadline: attributes.deadline || period };
}

/** Whether a phase says anything about policy, so that it has to be applied when the phase begins. */
export function setsPolicy(a: RtAttributes): boolean {
  return [a.policy, a.priority, a.runtime, a.period, a.deadline].some(value => value !== undefined);
}

/** The model's policy; ranges are checked here, at the place of the attribute that is off. */
export function policyOf(state: RtState, attributes: RtAttributes, fallback: Span, report: Report): Policy {
  const at = (key: string): Span => attributes.at[key] ?? attributes.at['policy'] ?? fallback;
  const { kind, priority, runtime, period, deadline } = state;
  switch (kind) {
    case 'normal':
    case 'batch':
    case 'idle': {
      if (priority < -20 || priority > 19) report.add(errors.prioOutOfRange(priority, kind, -20, 19), at('priority'));
      if (runtime === 0 || kind === 'idle') return { kind, nice: priority };
      const slice = Math.min(Math.max(runtime, SLICE_MIN), SLICE_MAX);
      if (slice !== runtime) report.add(errors.sliceClamped(runtime, slice), at('dl-runtime'));
      return { kind, nice: priority, slice: slice * 1000 };
    }
    case 'fifo':
    case 'rr':
      if (priority < 1 || priority > 99) report.add(errors.prioOutOfRange(priority, kind, 1, 99), at('priority'));
      return { kind, prio: priority };
    case 'deadline':
      if (runtime <= 0) report.add(errors.deadlineParams('no runtime'), at('dl-runtime'));
      else if (runtime > deadline)
        report.add(errors.deadlineParams(`runtime ${runtime} us is longer than deadline ${deadline} us`), at('dl-runtime'));
      else if (deadline > period)
        report.add(errors.deadlineParams(`deadline ${deadline} us is longer than period ${period} us`), at('dl-deadline'));
      return { kind, runtime: runtime * 1000, deadline: deadline * 1000, period: period * 1000 };
  }
}

export const isFair = (kind: RtKind): boolean => kind === 'normal' || kind === 'batch' || kind === 'idle';
const isRt = (kind: RtKind): boolean => kind === 'fifo' || kind === 'rr';
const defaultPriority = (kind: RtKind): number => (isRt(kind) ? 10 : 0);
