import type { Costs, Op } from '@proxysched/core';
import * as errors from './errors.js';
import { checkFlow } from './flow-check.js';
import type { Report } from './report.js';
import type { Span } from './source.js';

/** Says, at their places, what `checkFlow` finds in one task's program. */
export function reportFlow(
  program: {
    readonly task: string;
    readonly ops: readonly Op[];
    readonly places: readonly Span[];
    readonly mutexes: readonly string[];
    readonly fallback: Span;
    readonly costs?: Costs;
    /** Which mutexes a context takes, and may ask for twice. */
    readonly waitWound?: (mutex: number) => boolean;
  },
  report: Report,
): void {
  const { task, ops, places, mutexes, fallback } = program;
  const at = (pc: number): Span => places[pc] ?? fallback;
  for (const f of checkFlow(ops, program.costs, program.waitWound)) {
    const mutex = 'mutex' in f ? mutexes[f.mutex]! : '';
    if (f.kind === 'unlock') report.add(errors.unlockWithoutLock(task, mutex), at(f.pc));
    else if (f.kind === 'wait') report.add(errors.waitWithoutMutex(task, mutex, false), at(f.pc));
    else if (f.kind === 'relock') report.add(errors.relockStatic(task, mutex, at(f.taken), f.taken >= f.pc), at(f.pc));
    else if (f.kind === 'heldAtEnd') report.add(errors.heldAtEnd(task, mutex), at(f.taken));
    else report.add(errors.noTimePassesStatic(task), at(f.to));
  }
}
