import { processIo } from './process-io.js';
import { runCli } from './run-cli.js';

// `exitCode` rather than `exit()`: what was written still has to leave.
process.exitCode = await runCli(process.argv.slice(2), processIo());
