import { CommanderError } from 'commander';
import { CliError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { wantsColor, type Io } from './io.js';

/** Tells what went wrong, and how the process is to end. A stack is shown to those who ask for it. */
export function reportFailure(error: unknown, io: Io): ExitCode {
  // Commander has said it already, help and version included.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const red = wantsColor(io.stderr, io.env) ? (s: string): string => `\u001b[1;31m${s}\u001b[0m` : (s: string): string => s;
  const lines = (message: string, help: readonly string[]): void => {
    io.stderr.write([`${red('error')}: ${message}`, ...help.map(h => `  = ${h}`), ''].join('\n'));
  };
  const debug = (io.env['PROXYSCHED_DEBUG'] ?? '') !== '';
  if (debug && error instanceof Error) io.stderr.write(`${error.cause instanceof Error ? error.cause.stack : error.stack}\n`);
  if (error instanceof CliError) {
    lines(error.message, error.help);
    return error.exitCode;
  }
  const askForStack = debug ? [] : ['PROXYSCHED_DEBUG=1 shows where it happened'];
  lines(error instanceof Error ? `${error.name}: ${error.message}` : String(error), ['this is a bug of proxysched', ...askForStack]);
  return EXIT.internal;
}
