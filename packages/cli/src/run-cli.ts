import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { forgottenRun } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { COMMANDS, makeProgram } from './program.js';
import { reportFailure } from './report-failure.js';

/** The whole command line: `argv` without node and script; answers with the exit code and never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  try {
    const [first] = argv;
    if (first !== undefined && !first.startsWith('-') && !COMMANDS.has(first) && existsSync(resolve(io.cwd, first)))
      throw forgottenRun(first);
    const program = makeProgram(io, ended => (code = ended));
    if (first === undefined) io.stdout.write(program.helpInformation());
    else await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return reportFailure(error, io);
  }
}
