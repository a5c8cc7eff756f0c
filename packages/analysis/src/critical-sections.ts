import { unbalancedLocks } from './errors.js';
import { integer, time } from './exact.js';
import type { Time } from './task-model.js';

/** One stretch of a job between taking a lock and giving it back. */
export interface Section {
  readonly lock: string;
  /** Longest execution in it, sections within included; at least 0. */
  readonly length: Time;
  /** The innermost lock already held when this one was taken. */
  readonly outer?: string;
}

/** What a job does, in order; other steps are left out by the caller. */
export type Op = { readonly run: Time } | { readonly lock: string } | { readonly unlock: string };

/** A job as the bounds need it. */
export interface JobShape {
  /** Execution of the whole job. */
  readonly wcet: Time;
  /** In the order in which they end. */
  readonly sections: readonly Section[];
}

/**
 * The sections of a job, from its steps. Locks need not be given back in reverse order; a lock is not taken twice at a time.
 * A005 if locks do not pair up, A001 if a time is out of range.
 */
export function criticalSections(ops: readonly Op[]): JobShape {
  const open: { readonly lock: string; readonly since: bigint; readonly outer: string | undefined }[] = [];
  const sections: Section[] = [];
  let now = 0n;
  for (const op of ops) {
    if ('run' in op) now += integer(op.run, 0, 'run');
    else if ('lock' in op) {
      if (open.some(({ lock }) => lock === op.lock)) throw unbalancedLocks(`"${op.lock}" is taken while it is held`);
      open.push({ lock: op.lock, since: now, outer: open.at(-1)?.lock });
    } else {
      const at = open.findIndex(({ lock }) => lock === op.unlock);
      if (at < 0) throw unbalancedLocks(`"${op.unlock}" is given back but not held`);
      const { lock, since, outer } = open.splice(at, 1)[0]!;
      const length = time(now - since, 'section');
      sections.push(outer === undefined ? { lock, length } : { lock, length, outer });
    }
  }
  if (open.length > 0) throw unbalancedLocks(`"${open[0]!.lock}" is held at the end`);
  return { wcet: time(now, 'wcet'), sections };
}
