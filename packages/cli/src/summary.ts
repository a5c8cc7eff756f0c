import { renderSummary } from '@proxysched/trace';
import { wantsColor, type Io } from './io.js';
import type { FinishedRun } from './simulate.js';

/** A run as a table for people. `reproduce`: the command that makes it again. */
export function summary(run: FinishedRun, reproduce: string, io: Io): string {
  const { metrics, info, result, digest } = run;
  return renderSummary(metrics, info, { result, digest, reproduce, color: wantsColor(io.stdout, io.env) });
}
