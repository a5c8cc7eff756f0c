import { commOf, EVENT, mutexName, renderSummary } from '@proxysched/trace';
import { wantsColor, type Io } from './io.js';
import type { FinishedRun } from './simulate.js';

/** A run as a table for people. `reproduce`: the command that makes it again, where there is one. */
export function summary(run: FinishedRun, reproduce: string | undefined, io: Io): string {
  const { metrics, info, digest } = run;
  const color = wantsColor(io.stdout, io.env);
  return renderSummary(metrics, info, { digest, color, ...(reproduce === undefined ? {} : { reproduce }) }) + cycleLines(run);
}

/** ` deadlock: a waits for N, held by b`, a line per task of the cycle the run ended in. */
function cycleLines({ result, columns }: FinishedRun): string {
  if (result.outcome !== 'deadlock') return '';
  // From the record: the machine may have taken its tasks off their queues since.
  const waits = new Map<number, string>();
  columns.forEach(e => {
    if (e.kind === EVENT.mutexBlocked) waits.set(e.a, `${mutexName(columns, e.b)}, held by ${commOf(columns, e.c)}`);
  });
  return result.cycle.map(p => ` deadlock: ${p.comm} waits for ${waits.get(p.pid) ?? 'a lock'}\n`).join('');
}
