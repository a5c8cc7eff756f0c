export { EXIT, type ExitCode } from './exit-codes.js';
export type { Io, Output } from './io.js';
export { processIo } from './process-io.js';
export { runCli } from './run-cli.js';
