import { ColumnSink, msText } from '@proxysched/trace';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Destination, fileName } from '../destination.js';
import type { Io } from '../io.js';
import { loadWorkload, type LoadedWorkload } from '../load-workload.js';
import { panelTitle, picture } from '../picture.js';
import { simulate, type FinishedRun } from '../simulate.js';
import { summary } from '../summary.js';
import { Talk } from '../talk.js';

export interface DemoOptions {
  readonly out?: string;
}

/** Comes with the command line; a copy of `scenarios/priority-inversion/scenario.yaml`, which a test compares. */
export const DEMO_SCENARIO = join(import.meta.dirname, '..', '..', 'demo', 'priority-inversion.yaml');

const IN_REPOSITORY = 'scenarios/priority-inversion/scenario.yaml';

/** One scenario, twice: high waits for mid, who has nothing to do with it; and does not. */
export async function demo(options: DemoOptions, io: Io): Promise<void> {
  const talk = new Talk(io, false);
  const workload = { ...(await loadWorkload(DEMO_SCENARIO, { set: {} }, io, talk)), file: 'priority-inversion' };
  const generations = ['off', '7.3'] as const;
  const runs = generations.map(generation => {
    const columns = new ColumnSink();
    const run = simulate(workload, { label: generation, generation, plugins: [], deadlock: undefined }, { io, talk }, () => [columns]);
    return { ...run, columns };
  });
  const file = options.out === undefined ? IN_REPOSITORY : fileName(options.out, workload.scenario.name, '.yaml');
  const there = options.out !== undefined || existsSync(resolve(io.cwd, file));
  for (const run of runs) {
    io.stdout.write(`${summary(run, there ? `proxysched run ${file} --proxy ${run.info.proxy}` : undefined, io)}\n`);
  }
  for (const run of runs) io.stdout.write(`${run.info.proxy === 'off' ? 'without' : 'with   '}  ${verdict(run)}\n`);
  if (options.out !== undefined) writeFiles(options.out, workload, runs, io, talk);
}

/** `high responds in 13.0 ms   deadline MISSED by 3.0 ms   inverted for 6.0 ms` */
function verdict({ metrics }: FinishedRun): string {
  const high = metrics.tasks.find(t => t.task.comm === 'high')!;
  const deadline = high.misses === 0 ? 'deadline met' : `deadline MISSED by ${msText(high.late.value)}`;
  const { inversion } = metrics.totals;
  const inverted = inversion === 0 ? 'no inversion' : `inverted for ${msText(inversion)}`;
  return `${`high responds in ${msText(high.response.max.value)}`.padEnd(24)}  ${deadline.padEnd(25)}  ${inverted}`;
}

function writeFiles(
  folder: string,
  workload: LoadedWorkload,
  runs: readonly (FinishedRun & { readonly columns: ColumnSink })[],
  io: Io,
  talk: Talk,
): void {
  const { name } = workload.scenario;
  const files = [
    { path: fileName(folder, name, '.yaml'), text: workload.text, hint: 'edit it, then: proxysched run' },
    {
      path: fileName(folder, name, '.svg'),
      text: picture(
        workload,
        runs.map(run => ({ title: panelTitle(run.info.proxy), columns: run.columns })),
      ),
      hint: 'both runs',
    },
  ];
  for (const { path, text, hint } of files) {
    const to = Destination.file(path, io);
    to.text(text);
    to.end();
    talk.say(`wrote ${path} (${hint})`);
  }
}
