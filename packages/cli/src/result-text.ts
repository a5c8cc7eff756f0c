import { runJson } from '@proxysched/trace';
import { boundsJson } from './bounds/bounds-text.js';
import type { CheckedBound } from './bounds/task-bound.js';
import type { Expected } from './expectation-report.js';
import type { LoadedWorkload } from './load-workload.js';
import type { FinishedRun } from './simulate.js';

/** The result of a run as JSON, with what was said of its workload and what became of its expectations and bounds. */
export function resultText(
  { info, names, metrics, digest, figures }: FinishedRun,
  { diagnostics }: LoadedWorkload,
  expected: readonly Expected[] = [],
  bounds: readonly CheckedBound[] = [],
): string {
  const said = diagnostics.map(({ severity, code, message }) => ({ severity, code, message }));
  const result = runJson(info, names, metrics, digest, said, figures);
  const more = { ...(expected.length === 0 ? {} : { expected }), ...(bounds.length === 0 ? {} : { bounds: boundsJson(bounds) }) };
  return `${JSON.stringify({ ...result, ...more }, null, 2)}\n`;
}
