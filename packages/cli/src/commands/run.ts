import { chooseArrangement, type ArrangementOptions } from '../choose-arrangement.js';
import { EXPORTS, type ExportFormat } from '../export-format.js';
import { Exports } from '../exports.js';
import type { Io } from '../io.js';
import { loadWorkload, type WorkloadOptions } from '../load-workload.js';
import { reproduceLine } from '../reproduce-line.js';
import { resultText } from '../result-text.js';
import { simulate } from '../simulate.js';
import { summary } from '../summary.js';
import { Talk } from '../talk.js';

export interface RunOptions extends WorkloadOptions, ArrangementOptions {
  readonly out?: string;
  readonly export?: readonly ExportFormat[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Simulates one workload: summary to standard output, exports to files, or one export in place of the summary. */
export async function run(file: string, options: RunOptions, io: Io): Promise<void> {
  const talk = new Talk(io, options.quiet === true);
  const workload = await loadWorkload(file, options, io, talk);
  const arrangement = await chooseArrangement(options, workload, io);

  const formats = options.export ?? (options.out === undefined ? [] : EXPORTS);
  const piped = formats.length === 1 && options.out === undefined && options.json !== true;
  const exports = new Exports(formats, piped ? undefined : (options.out ?? '.'), workload, io);

  const finished = simulate(workload, arrangement, { io, talk }, info => exports.listen(info));
  exports.finish(finished, talk);
  if (piped || options.quiet === true) return;
  const { proxy, seed } = finished.info;
  io.stdout.write(
    options.json === true ? resultText(finished, workload) : summary(finished, reproduceLine(file, options, { proxy, seed }), io),
  );
}
