import type { Task } from '@proxysched/core';
import { commOf, mutexName, renderSummary } from '@proxysched/trace';
import { figureTable } from './figure-table.js';
import { wantsColor, type Io } from './io.js';
import type { FinishedRun } from './simulate.js';

/** A run as a table for people. `reproduce`: the command that makes it again, where there is one. `details`: everything. */
export function summary(run: FinishedRun, reproduce: string | undefined, io: Io, details = false): string {
  const { metrics, info, digest } = run;
  const color = wantsColor(io.stdout, io.env);
  return (
    renderSummary(metrics, info, { digest, color, details, ...(reproduce === undefined ? {} : { reproduce }) }) +
    figureTable(run) +
    cycleLines(run)
  );
}

/** Members of a cycle that are listed. */
const MOST = 16;

/** Comms for a sentence: all of them, or the first and how many more. */
function listed(tasks: readonly { readonly comm: string }[]): string {
  const rest = tasks.length - MOST;
  const shown = tasks.slice(0, MOST).map(p => p.comm);
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

/** What was taken for a deadlock and is none: references in a circle that somebody has been woken from, or waits that come to an end. */
function falseAlarmLine(cycle: readonly Task[]): string {
  if (cycle.length === 0) return ' false alarm: a deadlock was reported, and nobody waits for a lock\n';
  const refersOn = (p: Task, i: number): boolean => p.blockedOn?.owner === cycle[(i + 1) % cycle.length];
  const awake = cycle.filter(p => !p.isBlocked);
  if (cycle.every(refersOn) && awake.length > 0)
    return ` false alarm: the walk turns in a circle of references, ${listed(cycle)}; no deadlock, for ${listed(awake)} has been woken\n`;
  return ` false alarm: ${cycle.length} blocked tasks were taken for a deadlock, and none of them is in a cycle: ${listed(cycle)}\n`;
}

/** ` deadlock: a waits for N, held by b`, a line per task of the cycle the run ended in; or that it was none. */
function cycleLines({ result, names, metrics }: FinishedRun): string {
  if (result.outcome !== 'deadlock') return '';
  const { cycle } = result;
  if (result.falseAlarm) return falseAlarmLine(cycle);
  // What they blocked on last: the machine may have taken its tasks off their queues since.
  const blocks = new Map(metrics.tasks.map(t => [t.task.pid, t.lastBlock]));
  const lines = cycle.slice(0, MOST).map(p => {
    const block = blocks.get(p.pid) ?? null;
    const what = block === null ? 'a lock' : `${mutexName(names, block.mutex)}, held by ${commOf(names, block.owner)}`;
    return ` deadlock: ${p.comm} waits for ${what}\n`;
  });
  if (cycle.length > MOST) lines.push(` … and ${cycle.length - MOST} more, back to ${cycle[0]!.comm}\n`);
  return lines.join('');
}
