import type { Nanos } from './types.js';

/** What a task asks of the scheduler (`sched_setattr`), told apart by `kind`. */
export type Policy =
  /** The fair class. `nice` −20 … 19; `slice` a custom request, 0.1 … 100 ms, absent = the class's base slice. */
  | { readonly kind: 'normal' | 'batch' | 'idle'; readonly nice: number; readonly slice?: Nanos }
  /** The real-time class. `prio` is the user's view: 1 … 99, larger is more urgent. */
  | { readonly kind: 'fifo' | 'rr'; readonly prio: number }
  /**
   * The deadline class: `runtime` in every `period`, within `deadline` of each release; runtime ≤ deadline ≤ period. `reclaim`: it may
   * use what others leave (GRUB). `overrun`: the trace says when its budget ends under it, as `SIGXCPU` would.
   */
  | {
      readonly kind: 'deadline';
      readonly runtime: Nanos;
      readonly deadline: Nanos;
      readonly period: Nanos;
      readonly reclaim?: boolean;
      readonly overrun?: boolean;
    }
  /** A class that is not Linux's: `class` is its `SchedClass.name`, `params` are its own. */
  | { readonly kind: 'custom'; readonly class: string; readonly params: Readonly<Record<string, number | string | boolean>> };

export type PolicyKind = Policy['kind'];

export type FairPolicy = Extract<Policy, { readonly kind: 'normal' | 'batch' | 'idle' }>;

/** What is to be different about a fair policy; the rest stays. `slice` 0: no longer one of its own. */
export type PolicyChange = Partial<FairPolicy>;

/** `policy` with the change; one that is not of the fair class stays as it is, since none of this means anything there. */
export function changedPolicy(policy: Policy, change: PolicyChange): Policy {
  if (policy.kind !== 'normal' && policy.kind !== 'batch' && policy.kind !== 'idle') return policy;
  const { kind, nice, slice = 0 } = { ...policy, ...change };
  return slice === 0 ? { kind, nice } : { kind, nice, slice };
}

/** The policy of the idle tasks, and of whoever says nothing: `SCHED_OTHER`, nice 0. */
export const DEFAULT_POLICY: Policy = { kind: 'normal', nice: 0 };

/** The kernel's internal priority number: deadline −1, real time 98 … 0, fair 100 … 139; what traces print. */
export function kernelPrio(policy: Policy): number {
  switch (policy.kind) {
    case 'deadline':
      return -1;
    case 'fifo':
    case 'rr':
      return 99 - policy.prio;
    case 'normal':
    case 'batch':
    case 'idle':
      return 120 + policy.nice;
    case 'custom':
      return 120;
  }
}

/** A policy as people say it: `FIFO 30`, `nice -5`, `DL 3/10 ms`. */
export function policyName(policy: Policy): string {
  switch (policy.kind) {
    case 'deadline':
      return policy.deadline === policy.period
        ? `DL ${ms(policy.runtime)}/${ms(policy.period)} ms`
        : `DL ${ms(policy.runtime)}/${ms(policy.deadline)}/${ms(policy.period)} ms`;
    case 'fifo':
      return `FIFO ${policy.prio}`;
    case 'rr':
      return `RR ${policy.prio}`;
    case 'normal':
      return `nice ${policy.nice}`;
    case 'batch':
      return `batch ${policy.nice}`;
    case 'idle':
      return 'idle';
    case 'custom':
      return policy.class;
  }
}

function ms(ns: Nanos): string {
  return String(Number((ns / 1e6).toFixed(3)));
}
