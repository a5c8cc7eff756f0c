import { GENERATIONS } from '@proxysched/preset-linux';
import { renderGantt, type Columns } from '@proxysched/trace';
import type { LoadedWorkload } from './load-workload.js';

/** One run as a picture, or two on one time axis. */
export function picture({ scenario }: LoadedWorkload, runs: readonly { readonly title: string; readonly columns: Columns }[]): string {
  return renderGantt(runs, { title: scenario.name, ...(scenario.about === '' ? {} : { about: scenario.about }) });
}

/** `Linux 7.3` is said by its generation; `off` by what it lacks; a protocol by its name. */
export function panelTitle(proxy: string): string {
  if (!Object.hasOwn(GENERATIONS, proxy)) return `Under ${proxy}`;
  return proxy === 'off' ? 'Without proxy execution' : `With proxy execution (${proxy})`;
}
