import type { CheckReport } from '@proxysched/core';
import type { RootDomain } from './admission.js';
import type { CpuDeadlines } from './cpudl.js';
import type { DlEntity } from './dl-entity.js';
import type { DlRunQueue } from './dl-run-queue.js';

/**
 * D1: the tree is in order and holds who is queued and not throttled. D2: budgets within what was granted, and a timer for each that
 * waits. D3: bandwidths of this CPU and of the domain are the sums they should be. D4: the search for CPUs knows the earliest.
 */
export function checkDeadlines(
  queue: DlRunQueue,
  everyone: readonly DlEntity[],
  cpudl: CpuDeadlines,
  domain: RootDomain,
  report: CheckReport,
): void {
  const { cpu, idle } = queue.rq;
  let prev: DlEntity | null = null;
  let seen = 0;
  for (const e of queue.tree) {
    const name = String(e.owner);
    if (prev !== null && prev.deadline > e.deadline) report.fail('D1', `${name} stands behind a later deadline on CPU ${cpu}`);
    if (!e.inTree || e.throttled || e.cpu !== cpu || (e.owner !== idle && !e.queued))
      report.fail('D1', `${name} may not be in the tree of CPU ${cpu}`);
    prev = e;
    seen++;
  }
  let [thisBw, runningBw] = [0, 0];
  for (const e of everyone) {
    if (e.cpu !== cpu) continue;
    if (e.inTree) seen--;
    thisBw += e.dlBw;
    if (e.active) runningBw += e.dlBw;
    const name = String(e.owner);
    if (e.runtime > e.granted) report.fail('D2', `${name} has ${e.runtime} ns of a budget of ${e.granted}`);
    if (e.throttled !== e.timer.at >= 0) report.fail('D2', `${name}: throttled ${e.throttled}, its timer says ${e.timer.at}`);
    if (e.nonContending !== e.inactiveTimer.at >= 0) report.fail('D3', `${name}: its 0-lag timer says ${e.inactiveTimer.at}`);
    if ((e.inTree || e.queued || e.nonContending) && !e.active) report.fail('D3', `${name} is in use and does not count`);
  }
  if (seen !== 0) report.fail('D1', `CPU ${cpu}: tree and reservations differ by ${seen}`);
  if (thisBw !== queue.thisBw || runningBw !== queue.runningBw)
    report.fail('D3', `CPU ${cpu}: bandwidth ${queue.runningBw} of ${queue.thisBw}, counted ${runningBw} of ${thisBw}`);
  const total = everyone.reduce((sum, e) => sum + e.dlBw, 0);
  if (total !== domain.total) report.fail('D3', `the domain has given ${domain.total}, counted ${total}`);
  const first = queue.tree.first();
  if (cpudl.free.has(cpu) !== (first === null) || (first !== null && cpudl.earliest(cpu) !== first.deadline))
    report.fail('D4', `CPU ${cpu}: its earliest deadline is not what the search for CPUs knows`);
}
