import { boundsText, exceededText } from '../bounds/bounds-text.js';
import { asRun } from '../arrangement.js';
import { watchBounds } from '../bounds/watch-bounds.js';
import { chooseArrangement, type ArrangementOptions } from '../choose-arrangement.js';
import { EXPORTS, type ExportFormat } from '../export-format.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { expectationLines, judgeExpectations } from '../expectation-report.js';
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
  readonly bounds?: boolean;
  readonly metrics?: boolean;
  readonly passes?: boolean;
}

/**
 * Simulates one workload: summary to standard output, exports to files, or one export in place of the summary. Ends with
 * `EXIT.invariant` when something does not hold that the workload expects of this generation, or a bound is exceeded.
 */
export async function run(file: string, options: RunOptions, io: Io): Promise<ExitCode> {
  const talk = new Talk(io, options.quiet === true);
  const workload = await loadWorkload(file, options, io, talk);
  const arrangement = await chooseArrangement(options, workload, io);

  const formats = options.export ?? (options.out === undefined ? [] : EXPORTS);
  const piped = formats.length === 1 && options.out === undefined && options.json !== true;
  const exports = new Exports(formats, piped ? undefined : (options.out ?? '.'), workload, io, options.passes);

  const watch = options.bounds === true ? watchBounds(asRun(workload.scenario, arrangement)) : null;
  const finished = simulate(workload, arrangement, { io, talk }, info => [
    ...exports.listen(info),
    ...(watch === null ? [] : [watch.sink]),
  ]);
  exports.finish(finished, talk);
  const { proxy, seed } = finished.info;
  // What a file expects, it expects of generations.
  const expectations = arrangement.classic === undefined ? workload.expectations : [];
  const expected = judgeExpectations(expectations, proxy, finished.metrics);
  const bounds = watch?.check(finished.info.options) ?? [];
  const failed = expected.filter(e => !e.holds);
  const exceeded = bounds.filter(b => b.exceeded);
  const text = expectationLines(expected, io);
  if (piped || options.quiet === true) {
    for (const e of failed) talk.error(`${workload.file}: expected ${e.text}, found ${e.found}`);
  } else if (options.json === true) {
    io.stdout.write(resultText(finished, workload, expected, bounds));
  } else {
    io.stdout.write(
      summary(finished, reproduceLine(file, options, { classic: arrangement.classic, proxy, seed }), io, options.metrics) +
        text +
        boundsText(bounds),
    );
  }
  for (const b of exceeded) talk.error(exceededText(b));
  return failed.length === 0 && exceeded.length === 0 ? EXIT.ok : EXIT.invariant;
}
