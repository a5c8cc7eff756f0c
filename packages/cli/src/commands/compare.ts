import { ColumnSink, firstDivergence, renderCompare } from '@proxysched/trace';
import type { Arrangement } from '../arrangement.js';
import type { ArrangementOptions } from '../choose-arrangement.js';
import { Destination } from '../destination.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { wantsColor, type Io } from '../io.js';
import { loadWorkload, type LoadedWorkload, type WorkloadOptions } from '../load-workload.js';
import { parseSide } from '../parse-side.js';
import { panelTitle, picture } from '../picture.js';
import { simulate, type FinishedRun } from '../simulate.js';
import { Talk } from '../talk.js';

export interface CompareOptions extends WorkloadOptions, ArrangementOptions {
  readonly svg?: string;
  readonly exitCode?: boolean;
  readonly quiet?: boolean;
}

interface Side {
  readonly arrangement: Arrangement;
  readonly run: FinishedRun;
  readonly columns: ColumnSink;
}

/** Runs one workload on two arrangements: where they part, and what it means for each task. */
export async function compare(file: string, a: string, b: string, options: CompareOptions, io: Io): Promise<ExitCode> {
  const talk = new Talk(io, options.quiet === true);
  const workload = await loadWorkload(file, options, io, talk);
  // Both are understood before either runs.
  const [left, right] = [await parseSide(a, options, workload, io), await parseSide(b, options, workload, io)];
  const sides = [left, right].map(arrangement => {
    const columns = new ColumnSink();
    return { arrangement, run: simulate(workload, arrangement, { io, talk }, () => [columns]), columns };
  }) as [Side, Side];

  if (options.svg !== undefined) writePicture(options.svg, workload, sides, io, talk);
  const [x, y] = sides;
  if (options.quiet !== true) {
    const color = wantsColor(io.stdout, io.env);
    io.stdout.write(renderCompare(x.columns, y.columns, { names: [left.label, right.label], color }));
  }
  return options.exitCode === true && differ(x, y) ? EXIT.different : EXIT.ok;
}

/** Schedules that part somewhere, or end differently. */
function differ(x: Side, y: Side): boolean {
  const [a, b] = [x.run.result, y.run.result];
  return a.outcome !== b.outcome || a.at !== b.at || firstDivergence(x.columns, y.columns) !== null;
}

function writePicture(path: string, workload: LoadedWorkload, sides: readonly Side[], io: Io, talk: Talk): void {
  const to = Destination.file(path, io);
  to.text(
    picture(
      workload,
      sides.map(({ arrangement, columns }) => ({ title: titleOf(arrangement), columns })),
    ),
  );
  to.end();
  talk.say(`wrote ${path}`);
}

function titleOf({ label, generation, plugins }: Arrangement): string {
  return plugins.length === 0 ? panelTitle(generation) : label;
}
