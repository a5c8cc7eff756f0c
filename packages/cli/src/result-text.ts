import { runJson } from '@proxysched/trace';
import type { Expected } from './expectation-report.js';
import type { LoadedWorkload } from './load-workload.js';
import type { FinishedRun } from './simulate.js';

/** The result of a run as JSON, with what was said of its workload and what became of its expectations. */
export function resultText(
  { info, columns, metrics, digest, figures }: FinishedRun,
  { diagnostics }: LoadedWorkload,
  expected: readonly Expected[] = [],
): string {
  const said = diagnostics.map(({ severity, code, message }) => ({ severity, code, message }));
  const result = runJson(info, columns, metrics, digest, said, figures);
  return `${JSON.stringify(expected.length === 0 ? result : { ...result, expected }, null, 2)}\n`;
}
