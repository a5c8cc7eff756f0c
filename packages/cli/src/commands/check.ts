import { compose } from '../arrangement.js';
import { chooseArrangement, type ArrangementOptions } from '../choose-arrangement.js';
import { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadWorkload, type WorkloadOptions } from '../load-workload.js';
import { reportFailure } from '../report-failure.js';
import { Talk } from '../talk.js';

export interface CheckOptions extends WorkloadOptions, ArrangementOptions {
  readonly quiet?: boolean;
}

/** Says what is wrong with each file; the worst of them decides how it ends. */
export async function check(files: readonly string[], options: CheckOptions, io: Io): Promise<ExitCode> {
  const talk = new Talk(io, options.quiet === true);
  let code: ExitCode = EXIT.ok;
  for (const file of files) {
    try {
      const workload = await loadWorkload(file, options, io, talk);
      // Put together, and not run: dials, classes and plug-ins must fit as well.
      compose(workload.scenario, await chooseArrangement(options, workload, io), []);
      if (options.quiet !== true) io.stdout.write(`${file}: ok\n`);
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== EXIT.invalid) throw error;
      code = reportFailure(error, io);
    }
  }
  return code;
}
