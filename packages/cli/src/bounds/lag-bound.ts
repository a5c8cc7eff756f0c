import { lagBounds } from '@proxysched/analysis';
import type { Policy, TaskSpec } from '@proxysched/core';
import type { Answer, Facts } from './bounds-of.js';

/**
 * Lag under EEVDF (`oracles.md` 3.6). The kernel's class only approximates it: a slice and a tick of slack. Both ends are the
 * same here, since requests are no shorter than the quantum. That nobody sleeps or leaves is seen in the run.
 */
export function lagOf(task: TaskSpec, { scenario, options }: Facts): Answer {
  const { machine, tasks } = scenario;
  if (machine.cpus > 1) return { none: `shares on ${machine.cpus} CPUs depend on the balancing` };
  const slices = tasks.flatMap(t => (isShared(t.policy) ? [sliceOf(t.policy, options)] : []));
  const tick = machine.hz === null ? 0 : Math.ceil(1e9 / machine.hz);
  const longest = Math.max(...slices);
  const { above } = lagBounds(sliceOf(task.policy as Shared, options), Math.max(1, tick), longest + tick);
  return { quantity: 'lag', bound: above, theorem: 'EEVDF, with a slice and a tick of slack' };
}

type Shared = Extract<Policy, { kind: 'normal' | 'batch' | 'idle' }>;

export const isShared = (policy: Policy): policy is Shared => policy.kind === 'normal' || policy.kind === 'batch' || policy.kind === 'idle';

function sliceOf({ slice }: Shared, options: Facts['options']): number {
  const effective = Number(options['fair.slice'] ?? 0);
  return slice ?? (effective > 0 ? effective : Number(options['fair.baseSlice'] ?? 700_000));
}
