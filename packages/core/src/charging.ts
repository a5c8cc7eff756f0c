import type { RunQueue } from './run-queue.js';
import type { Task } from './task.js';

/**
 * Who pays while a task runs in another's name (`proxy-execution.md` 13). `split`: the donor is charged, the runner has executed.
 * `donor`: both are the donor's. `runner`: both are the runner's, as if there were no proxying.
 */
export type ChargeRule = 'split' | 'donor' | 'runner';

/** Whose scheduling context is charged for the time that passes on `rq`. */
export function payer(rq: RunQueue, rule: ChargeRule): Task {
  return rule === 'runner' && rq.curr !== rq.idle ? rq.curr : rq.donor;
}

/** Whose executed time grows by it; the work that gets done is that of `rq.curr` in any case. */
export function executor(rq: RunQueue, rule: ChargeRule): Task {
  return rule === 'donor' && rq.curr !== rq.idle ? rq.donor : rq.curr;
}
