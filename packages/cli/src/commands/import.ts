import { importTraces } from '@proxysched/conform';
import { basename } from 'node:path';
import { Destination } from '../destination.js';
import { noTrace } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { readText } from '../read-text.js';

/** Larger traces are refused unread; stated in `docs/cli.md`. */
const LIMIT = 256 * 1024 * 1024;

export interface ImportCommandOptions {
  readonly out?: string;
  readonly task: readonly string[];
  readonly hz?: number;
  readonly hrtick?: boolean;
  readonly proxy?: 'on' | 'off';
}

/** Makes a recording of traces of one workload, and says on standard error what the traces did not tell. */
export async function importTrace(traces: readonly string[], options: ImportCommandOptions, io: Io): Promise<ExitCode> {
  const texts: string[] = [];
  for (const trace of traces) texts.push(await readText(trace, LIMIT, io));
  const first = traces[0]!;
  const id = options.out === undefined ? basename(first).replace(/\.\w+$/, '') : basename(options.out, '.json');
  const imported = importTraces(texts, {
    id,
    ...(options.task.length === 0 ? {} : { tasks: options.task }),
    ...(options.hz === undefined ? {} : { hz: options.hz }),
    ...(options.hrtick === undefined ? {} : { hrtick: options.hrtick }),
    ...(options.proxy === undefined ? {} : { proxy: options.proxy === 'on' }),
  });
  if (imported === null) throw noTrace(first);
  for (const note of imported.notes) io.stderr.write(`note: ${note}\n`);
  const out = options.out === undefined ? Destination.stdout(io.stdout) : Destination.file(options.out, io);
  out.text(`${JSON.stringify(imported.recording)}\n`);
  out.end();
  return EXIT.ok;
}
