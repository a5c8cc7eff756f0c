import { AnalysisError } from '@proxysched/analysis';
import type { OptionValue, Scenario, TaskSpec } from '@proxysched/core';
import { edfBounds, tardinessOf } from './edf-bounds.js';
import { fixedPriorityBounds } from './fixed-priority-bounds.js';
import { lagOf } from './lag-bound.js';
import type { TaskBound } from './task-bound.js';

/** What the run is made of, as far as theorems ask. */
export interface Facts {
  readonly scenario: Scenario;
  /** Dials in force. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** `ProxyResolver.name`. */
  readonly resolver: string;
}

/** How a task is scheduled, in the terms of theory. */
export type Family = 'fixedPriority' | 'edf' | 'fair' | 'other';

export function familyOf({ policy }: TaskSpec): Family {
  switch (policy.kind) {
    case 'fifo':
    case 'rr':
      return 'fixedPriority';
    case 'deadline':
      return 'edf';
    case 'normal':
      return 'fair';
    case 'custom':
      return RESEARCH[policy.class] ?? 'other';
    case 'batch':
    case 'idle':
      return 'other';
  }
}

/** The research classes (`run --class`). */
const RESEARCH: Readonly<Record<string, Family>> = { pfp: 'fixedPriority', gfp: 'fixedPriority', pedf: 'edf', gedf: 'edf' };

/** Per task of the scenario, in its order: the bound that applies, or why none does. */
export function boundsOf(facts: Facts): TaskBound[] {
  const { tasks } = facts.scenario;
  const reason = machineReason(facts.scenario);
  if (reason !== null) return tasks.map(({ comm }) => ({ task: comm, none: reason }));
  return tasks.map(task => {
    try {
      return { task: task.comm, ...boundOf(task, facts) };
    } catch (error) {
      // Outside what a theorem covers: nested sections, times beyond exact integers.
      if (error instanceof AnalysisError) return { task: task.comm, none: error.message };
      throw error;
    }
  });
}

/** A bound without its task. */
export type Bounded = {
  readonly quantity: 'response' | 'tardiness' | 'lag';
  readonly bound: Extract<TaskBound, { bound: unknown }>['bound'];
  readonly theorem: string;
};
export type Answer = Bounded | { readonly none: string };

function boundOf(task: TaskSpec, facts: Facts): Answer {
  const { cpus } = facts.scenario.machine;
  if (task.template === true) return { none: 'a template is no task' };
  switch (familyOf(task)) {
    case 'fixedPriority':
      return cpus === 1 ? fixedPriorityBounds(task, facts) : { none: `fixed priorities on ${cpus} CPUs: no theorem here` };
    case 'edf':
      return cpus === 1 ? edfBounds(task, facts) : tardinessOf(task, facts);
    case 'fair':
      return lagOf(task, facts);
    case 'other':
      return { none: `no theorem here for ${task.policy.kind === 'custom' ? `class ${task.policy.class}` : task.policy.kind}` };
  }
}

function machineReason({ machine, tasks, groups }: Scenario): string | null {
  const cost = Object.entries(machine.costs).find(([, ns]) => ns > 0);
  if (cost !== undefined) return `the machine spends time on itself (${cost[0]}); theory has no overheads`;
  const changing = tasks.find(({ program }) => program.ops.some(op => ['setPolicy', 'setAffinity', 'setGroup', 'fork'].includes(op.op)));
  if (changing !== undefined) return `${changing.comm} changes the set while it runs`;
  return groups.length > 1 ? 'there are groups' : null;
}
