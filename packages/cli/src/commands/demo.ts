import { msText } from '@proxysched/trace';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cannotWrite } from '../errors.js';
import type { Io } from '../io.js';
import { loadModules } from '../load-module.js';
import { loadWorkload } from '../load-workload.js';
import { simulate, type FinishedRun } from '../simulate.js';
import { summary } from '../summary.js';
import { Talk } from '../talk.js';
import { writeComparison } from '../write-comparison.js';

export interface DemoOptions {
  readonly out?: string;
}

/** Shipped with the command line; a copy of `scenarios/priority-inversion/scenario.yaml`, which a test compares. */
export const DEMO_SCENARIO = join(import.meta.dirname, '..', '..', 'demo', 'priority-inversion.yaml');

const SIDES = [
  { generation: 'off', title: 'without proxy execution' },
  { generation: '7.3', title: 'with proxy execution' },
] as const;

/** One scenario, twice: high waits for mid, who has nothing to do with it; and does not. */
export async function demo(options: DemoOptions, io: Io): Promise<void> {
  const talk = new Talk(io, false);
  const workload = { ...(await loadWorkload(DEMO_SCENARIO, { set: {} }, io, talk)), file: 'priority-inversion.yaml' };
  const plugins = await loadModules([], io);
  const runs = SIDES.map(({ generation, title }) => ({
    title,
    run: simulate(workload, { label: generation, generation, plugins, deadlock: undefined }, { io, talk }),
  }));
  for (const { run } of runs) io.stdout.write(`${summary(run, `proxysched run ${workload.file} --proxy ${run.info.proxy}`, io)}\n`);
  const width = Math.max(...runs.map(({ title }) => title.length));
  for (const { title, run } of runs) io.stdout.write(`${title.padEnd(width)}   ${verdict(run)}\n`);
  if (options.out === undefined) return;
}

/** `high responds in 16.0 ms   deadline MISSED by 6.0 ms   inverted 6.0 ms` */
function verdict({ metrics }: FinishedRun): string {
  const high = metrics.tasks.find(t => t.task.comm === 'high')!;
  const deadline = high.misses === 0 ? 'deadline met' : `deadline MISSED by ${msText(high.late.value)}`;
  const { inversion } = metrics.totals;
  return [`high responds in ${msText(high.response.max.value)}`, deadline.padEnd(26), inversion === 0 ? 'no inversion' : `inverted for ${msText(inversion)}`].join('   ');
}
