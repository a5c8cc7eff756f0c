import {
  conformFile,
  explainRecording,
  filesBelow,
  KINDS,
  overlaySvg,
  runRecording,
  type FileResult,
  type Recording,
} from '@proxysched/conform';
import { statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { conformJson, conformLines, conformTotal } from '../conform-report.js';
import { Destination } from '../destination.js';
import { CliError, noPaths, noRecording, nothingToJudge } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { readText } from '../read-text.js';
import { workInProgress } from '../work-in-progress.js';

/** Larger files are refused unread; stated in `docs/cli.md`. */
const LIMIT = 64 * 1024 * 1024;

export interface ConformOptions {
  readonly json?: string;
  readonly quiet?: boolean;
  /** Of recordings: our runs of them in their form, or pictures of both, under the same names. */
  readonly export?: 'recording';
  readonly svg?: boolean;
  readonly out?: string;
  /** Not to judge, but to tell where our run of this recording parts from it. */
  readonly explain?: string;
}

/** Runs the model on files of expected results: a line for each as it is done, then the total. */
export async function conform(paths: readonly string[], options: ConformOptions, io: Io): Promise<ExitCode> {
  if (options.explain !== undefined) return explain(options.explain, paths, io);
  if (paths.length === 0) throw noPaths();
  const found = paths.flatMap(path => filesOf(path, io));
  const results: FileResult[] = [];
  const progress = workInProgress(io, found.length);
  for (const file of found) {
    progress.next(file.path);
    const result = await judge(file, io);
    progress.clear();
    if (result === null) continue;
    results.push(result);
    if (result.kind === 'recording' && result.invalid === undefined) await writeRuns(file.path, options, io);
    if (options.quiet !== true || fellShort(result, file.named)) io.stdout.write(conformLines(result));
  }
  // Nothing judged is no success.
  if (results.every(r => r.kind === null && r.invalid === 'not recognised')) throw nothingToJudge(paths);
  if (options.quiet !== true) io.stdout.write(conformTotal(results));
  if (options.json !== undefined) {
    const out = Destination.file(options.json, io);
    out.text(conformJson(results));
    out.end();
  }
  return exitCode(results, new Set(found.filter(f => f.named).map(f => f.path)));
}

/** The recording is named as it stands, or as a file below one of the paths. */
async function explain(name: string, paths: readonly string[], io: Io): Promise<ExitCode> {
  const below = paths.flatMap(path => filesOf(path, io)).find(({ path }) => basename(path, '.json') === basename(name, '.json'));
  const path = below?.path ?? name;
  const text = await readText(path, LIMIT, io);
  if (conformFile(path, text, KINDS).kind !== 'recording') throw noRecording(path);
  io.stdout.write(explainRecording(path, text));
  return EXIT.ok;
}

async function writeRuns(path: string, options: ConformOptions, io: Io): Promise<void> {
  if (options.export === undefined && options.svg !== true) return;
  const text = await readText(path, LIMIT, io);
  const run = runRecording(path, text);
  const folder = options.out ?? 'out';
  if (options.export === 'recording') write(join(folder, basename(path)), `${JSON.stringify(run)}\n`, io);
  if (options.svg === true)
    write(join(folder, basename(path).replace(/\.json$/, '.svg')), overlaySvg(JSON.parse(text) as Recording, run), io);
}

function write(path: string, text: string, io: Io): void {
  const out = Destination.file(path, io);
  out.text(text);
  out.end();
}

interface Found {
  readonly path: string;
  /** Named by the user, not found below a folder. */
  readonly named: boolean;
}

function filesOf(path: string, io: Io): Found[] {
  const full = resolve(io.cwd, path);
  if (statSync(full, { throwIfNoEntry: false })?.isDirectory() !== true) return [{ path, named: true }];
  return filesBelow(full).map(file => ({ path: join(path, relative(full, file)), named: false }));
}

/** `null`: not JSON, nor said to be. */
async function judge({ path, named }: Found, io: Io): Promise<FileResult | null> {
  let text: string;
  try {
    text = await readText(path, LIMIT, io);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (!named && !isJsonName(path)) return null;
    return { path, kind: null, ok: false, compared: 0, failed: 0, metrics: {}, notJudged: [], invalid: withoutPath(error.message, path) };
  }
  if (!named && !isJsonName(path) && !/^\s*[{[]/.test(text)) return null;
  return conformFile(path, text, KINDS);
}

const isJsonName = (path: string): boolean => path.toLowerCase().endsWith('.json');

const withoutPath = (message: string, path: string): string => (message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message);

/** A file that nobody knows counts only where the user asked for that very file. */
const fellShort = (result: FileResult, named: boolean): boolean => !result.ok && (named || result.invalid !== 'not recognised');

function exitCode(results: readonly FileResult[], named: ReadonlySet<string>): ExitCode {
  const bad = results.filter(r => fellShort(r, named.has(r.path)));
  // What falls short is not hidden by what cannot be read.
  if (bad.some(r => r.invalid === undefined)) return EXIT.invariant;
  return bad.length > 0 ? EXIT.invalid : EXIT.ok;
}

/** A line on a terminal while a file is being judged. Answers how to take it away. */
