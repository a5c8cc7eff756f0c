import { compareRuns, renderCompare, renderGantt } from '@proxysched/trace';
import type { Arrangement } from '../arrangement.js';
import type { ArrangementOptions } from '../choose-arrangement.js';
import { Destination } from '../destination.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadWorkload, type WorkloadOptions } from '../load-workload.js';
import { parseSide } from '../parse-side.js';
import { simulate } from '../simulate.js';
import { Talk } from '../talk.js';

export interface CompareOptions extends WorkloadOptions, ArrangementOptions {
  readonly svg?: string;
  readonly exitCode?: boolean;
  readonly quiet?: boolean;
}

/** Runs one workload on two arrangements: where they part, and what it means for each task. */
export async function compare(file: string, a: string, b: string, options: CompareOptions, io: Io): Promise<ExitCode> {
  const talk = new Talk(io, options.quiet === true);
  const workload = await loadWorkload(file, options, io, talk);
  const sides: Arrangement[] = [];
  for (const side of [a, b]) sides.push(await parseSide(side, options, workload, io));
  const [first, second] = sides.map(side => simulate(workload, side, { io, talk }));
  return EXIT.ok;
}
