import type { OptionValue, Scenario } from '@proxysched/core';
import { boundsOf } from './bounds-of.js';
import { BoundsSink } from './bounds-sink.js';
import { checkBound, type CheckedBound, type TaskBound } from './task-bound.js';

/** The theory of a scenario, held against a run that `sink` listens to. */
export interface BoundsWatch {
  readonly sink: BoundsSink;
  /** After the run. `options`: the dials that were in force. */
  check(options: Readonly<Record<string, OptionValue>>): CheckedBound[];
}

export function watchBounds(scenario: Scenario): BoundsWatch {
  const sink = new BoundsSink();
  return {
    sink,
    check: options => boundsOf({ scenario, options, resolver: sink.resolver }).map(bound => checked(bound, sink)),
  };
}

function checked(bound: TaskBound, sink: BoundsSink): CheckedBound {
  const nothing = { value: 0, at: -1 };
  if ('none' in bound) return checkBound(bound, nothing);
  if (bound.quantity === 'lag' && sink.unsteady !== null) return checkBound({ task: bound.task, none: sink.unsteady }, nothing);
  return checkBound(bound, sink.extreme(bound.quantity, bound.task));
}
