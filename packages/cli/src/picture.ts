import { GENERATIONS } from '@proxysched/preset-linux';
import { renderGantt } from '@proxysched/trace';
import type { LoadedWorkload } from './load-workload.js';
import type { FinishedRun } from './simulate.js';

/** One run as a picture, or two on one time axis. */
export function picture({ scenario }: LoadedWorkload, runs: readonly { readonly title: string; readonly run: FinishedRun }[]): string {
  return renderGantt(
    runs.map(({ title, run }) => ({ columns: run.columns, title })),
    { title: scenario.name, ...(scenario.about === '' ? {} : { about: scenario.about }) },
  );
}

/** `Linux 7.3` is said by its generation; `off` by what it lacks; a protocol by its name. */
export function panelTitle(proxy: string): string {
  if (!Object.hasOwn(GENERATIONS, proxy)) return `Under ${proxy}`;
  return proxy === 'off' ? 'Without proxy execution' : `With proxy execution (${proxy})`;
}
