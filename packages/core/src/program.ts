import type { Policy, PolicyChange } from './policy.js';
import type { Nanos } from './types.js';

/**
 * Behaviour as data: what a task does, one operation after another. Programs can be stored, compared, shrunk and imported;
 * indices name the scenario's mutexes, conditions and so on. `src` is the operation's place in the source it was compiled
 * from (a recording's op index, for instance) and means nothing to the model.
 */
export type Op = { readonly src?: number } & OpKind;

type OpKind =
  /** Work: takes `ns` of execution, whoever is charged for it. */
  | { readonly op: 'run'; readonly ns: Nanos }
  /** Busy until `ns` of wall time have passed since the operation began; time spent preempted counts. */
  | { readonly op: 'runFor'; readonly ns: Nanos }
  | { readonly op: 'sleep'; readonly ns: Nanos }
  /**
   * Wait for the next release of a timer: `next += period`; sleeps until `next`, or goes straight on when that is past
   * ('relative' then forgets the miss: `next = now`). The job that ends here was released by the previous one.
   */
  | { readonly op: 'timer'; readonly timer: number; readonly period: Nanos; readonly mode: 'absolute' | 'relative' }
  /**
   * Takes a mutex, or a reader/writer semaphore (`shared`: to read). When it cannot be had the program goes on at `orElse`, if there is one: a wait/wound mutex says back off;
   * a signal comes and the wait is `interruptible`; it has waited for `timeout`; or it would have to wait, and asked for `noWait`.
   */
  | {
      readonly op: 'lock';
      readonly mutex: number;
      readonly shared?: true;
      /** Waiting for it counts as waiting for I/O (`mutex_lock_io`). */
      readonly io?: true;
      readonly orElse?: number;
      readonly interruptible?: true;
      readonly timeout?: Nanos;
      /** Only if it can be had at once (trylock): neither spins nor waits, and is never told to back off. */
      readonly noWait?: true;
      /** Ask for a refusal (`EDEADLK`) where the wait would close a cycle; rules of locks that know of cycles heed it. */
      readonly detect?: true;
    }
  | { readonly op: 'unlock'; readonly mutex: number }
  /** Begin the context in which the wait/wound mutexes up to `wend` are taken: it gets its age here. */
  | { readonly op: 'wbegin' }
  /** The context ends; nothing is held in it any more. */
  | { readonly op: 'wend' }
  /**
   * Back off: release what the context holds, newest first, and go to `to`, as old as before, with the loops up to the end
   * of the context not yet begun. `slow`: wait for the contended mutex first.
   */
  | { readonly op: 'wbackoff'; readonly to: number; readonly slow: boolean }
  /** Send a signal to task number `task` of the scenario, if it has not ended. */
  | { readonly op: 'kill'; readonly task: number }
  /** Release `mutex` and sleep on the condition, in one step. Compilers add the `lock` that takes the mutex back. */
  | { readonly op: 'wait'; readonly cond: number; readonly mutex: number }
  | { readonly op: 'signal'; readonly cond: number }
  | { readonly op: 'broadcast'; readonly cond: number }
  | { readonly op: 'barrier'; readonly barrier: number }
  | { readonly op: 'semPost'; readonly sem: number }
  | { readonly op: 'semWait'; readonly sem: number }
  | { readonly op: 'yield' }
  | { readonly op: 'setPolicy'; readonly policy: Policy }
  /** `nice(2)` and the like: one property of a fair policy, whatever the others have become. */
  | { readonly op: 'changePolicy'; readonly change: PolicyChange }
  | { readonly op: 'setAffinity'; readonly cpus: readonly number[] }
  | { readonly op: 'setGroup'; readonly group: number }
  /** Start a new task from `scenario.tasks[task]`. */
  | { readonly op: 'fork'; readonly task: number }
  /** Go to operation `to`, `times` times (−1: for ever), then fall through and forget the count. */
  | { readonly op: 'jump'; readonly to: number; readonly times: number }
  | { readonly op: 'exit' };

/** Running off the end is an `exit`. */
export interface Program {
  readonly ops: readonly Op[];
}
