import type { CheckReport, RunQueue } from '@proxysched/core';
import type { CfsRq } from './cfs-rq.js';
import type { FairEntity } from './fair-entity.js';

/** The invariants of `fair-eevdf.md` 21 that can be seen from one queue at rest. O(n). */
export function checkLevel(rq: RunQueue, level: CfsRq, report: CheckReport): void {
  const fail = (code: string, what: string): void => report.fail(code, `CPU ${rq.cpu}: ${what}`);
  const q = level.timeline;
  if (level.hNrRunnable > level.hNrQueued || level.hNrRunnable < 0)
    fail('F111', `${level.name}: ${level.hNrRunnable} of ${level.hNrQueued} tasks are runnable`);
  // On a flat timeline groups only count.
  if (level.above !== null && level.above.timeline === q) return;
  const queued: FairEntity[] = [...q.tree];
  if (q.curr !== null && q.curr.onRq) queued.push(q.curr);

  if (q.nrQueued !== queued.length) fail('F101', `nr_queued ${q.nrQueued}, but ${queued.length} entities are queued`);
  const delayed = queued.filter(e => e.delayed);
  if (q.nrDelayed !== delayed.length) fail('F102', `${q.nrDelayed} delayed entities counted, ${delayed.length} found`);
  if (!q.sumsHold()) fail('F103', 'the sums for V differ from what the tree holds');

  const v = q.virtualTime();
  const lag = queued.reduce((sum, e) => sum + BigInt(e.sumWeight) * BigInt(v - e.vruntime), 0n);
  if (queued.length > 0 && (lag > 0n || lag <= -BigInt(q.totalWeight()))) fail('F104', `lags sum to ${lag}, V is no floored mean`);

  for (const e of queued) {
    if (e.relDeadline) fail('F105', `${e.name} is queued with a relative deadline`);
    if (e.task === null) continue;
    if (e.delayed !== e.owner.schedDelayed) fail('F106', `${String(e.owner)}: sched_delayed differs between entity and task`);
    if (e.delayed && rq.curr === e.owner) fail('F107', `${String(e.owner)} runs although its dequeue is delayed`);
  }

  const pick = q.pick(false);
  if (pick === null && queued.length > 0) fail('F108', 'nobody is picked from a queue that is not empty');
  if (pick !== null && queued.length > 1 && pick.vruntime > v) fail('F109', `the pick ${pick.name} is not eligible`);
}
