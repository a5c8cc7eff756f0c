import { runJson } from '@proxysched/trace';
import type { LoadedWorkload } from './load-workload.js';
import type { FinishedRun } from './simulate.js';

/** The result of a run as JSON, with what was said of its workload. */
export function resultText({ info, columns, metrics, digest }: FinishedRun, { diagnostics }: LoadedWorkload): string {
  const said = diagnostics.map(({ severity, code, message }) => ({ severity, code, message }));
  return `${JSON.stringify(runJson(info, columns, metrics, digest, said), null, 2)}\n`;
}
