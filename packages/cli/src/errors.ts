import { EXIT, type ExitCode } from './exit-codes.js';

/** What stops a command: one line that says it, help below, and how the process ends. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly help: readonly string[] = [],
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

const usage = (message: string, ...help: readonly string[]): CliError => new CliError(EXIT.usage, message, help);
const invalid = (message: string, ...help: readonly string[]): CliError => new CliError(EXIT.invalid, message, help);
const invalidBecause = (cause: unknown, message: string, ...help: readonly string[]): CliError =>
  new CliError(EXIT.invalid, message, help, cause);
const said = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
const near = (name: string | undefined): string[] => (name === undefined ? [] : [`did you mean "${name}"?`]);

// -- usage ------------------------------------------------------------------------------------------------------------

export const unknownGeneration = (name: string, known: readonly string[], nearest: string | undefined): CliError =>
  usage(`there is no generation of proxy execution named "${name}"`, ...near(nearest), `there are ${known.join(', ')}`);
export const unknownSide = (side: string, known: readonly string[], nearest: string | undefined): CliError =>
  usage(
    `"${side}" is neither a generation, nor a class of the preset, nor a deadlock policy, nor the path of a module`,
    ...near(nearest),
    `generations, classes and policies: ${known.join(', ')}; a path looks like ./my-class.js`,
  );
export const unknownStudyWorkload = (name: string, known: readonly string[], nearest: string | undefined): CliError =>
  usage(`the study has no workload "${name}"`, ...near(nearest), `there are ${known.join(', ')}`);
export const noDeadlockPolicyInModule = (path: string): CliError =>
  invalid(
    `module ${path}: it brings no deadlock policy`,
    'its register() gives one: replace(c, DEADLOCK_POLICY, { value: new MyPolicy() }); see examples/policy-skeleton',
  );
export const unknownDeadlockPolicy = (name: string, why: string, nearest: string | undefined): CliError =>
  usage(
    `no deadlock policy "${name}": ${why}`,
    ...near(nearest),
    'short names are halt, dequeue, wound, edeadlk, repicks',
    'the long form is DETECTOR[:LIMIT]+ACTION[:TIME][+VICTIMS[:SEED]], as in brent+wound+youngest (docs/deadlock-policies.md)',
  );
export const locksWithoutClass = (): CliError =>
  usage('--locks says how a research class waits for locks; there is none', 'name one: --class pfp, pedf, gfp or gedf');
export const twoGenerations = (side: string): CliError => usage(`"${side}" names two generations; one side of a comparison has one`);
export const twoDeadlockPolicies = (side: string): CliError =>
  usage(`"${side}" names two deadlock policies; one side of a comparison has one`);
export const forgottenRun = (file: string): CliError => usage(`"${file}" is a file, not a command`, `to run it: proxysched run ${file}`);
export const badUntil = (why: string): CliError => usage(`--until: ${why}`);
export const binaryToTerminal = (format: string): CliError =>
  usage(`the ${format} export is binary and would spoil the terminal`, 'redirect it (> trace), or name a folder: --out DIR');

// -- input ------------------------------------------------------------------------------------------------------------

export const noSuchFile = (file: string): CliError => invalid(`${file}: there is no such file`);
export const isDirectory = (file: string): CliError =>
  invalid(`${file}: this is a directory without a scenario.yaml`, 'name a file, or a folder that holds scenario.yaml');
export const cannotRead = (file: string, why: string): CliError => invalid(`${file}: cannot be read (${why})`);
export const fileTooLarge = (file: string, limit: number): CliError =>
  invalid(`${file}: this is larger than ${limit / 1048576} MiB, the limit for a workload`);
export const notUtf8 = (file: string): CliError => invalid(`${file}: this is no text in UTF-8`, 'a workload is YAML or JSON');
export const invalidWorkload = (file: string, errors: number): CliError =>
  invalid(`${file}: ${errors === 1 ? 'one error' : `${errors} errors`}, nothing was run`);
export const nothingToJudge = (paths: readonly string[]): CliError =>
  invalid(`${paths.join(', ')}: no file of expected results`, 'docs/cli.md lists the kinds that conform judges');
export const noPaths = (): CliError => usage("missing required argument 'paths'", 'proxysched conform --help has examples');
export const noRecording = (path: string): CliError => invalid(`${path}: no recording; only those can be explained`);
export const noTrace = (path: string): CliError =>
  invalid(
    `${path}: no sched_switch events in it`,
    'read are tracefs "trace", "trace-cmd report" and "perf script" text (docs/mirror-test.md)',
  );
export const impossibleComposition = (what: string, problems: readonly string[]): CliError =>
  invalid(`${what}: the simulation cannot be put together`, ...problems);
export const scenarioRefused = (what: string, { code, message }: { readonly code: string; readonly message: string }): CliError =>
  invalid(`${what}: ${code}: ${message}`);
export const impossibleUntil = (why: string): CliError => invalid(`--until: ${why}`);
export const programFault = (file: string): CliError => invalid(`${file}: the program of a task does the impossible; the run ended there`);
export const fileWantsGeneration = (file: string, name: string, known: readonly string[], nearest: string | undefined): CliError =>
  invalid(
    `${file}: it asks for proxy execution "${name}", which does not exist here`,
    ...near(nearest),
    `there are ${known.join(', ')}; --proxy decides otherwise`,
  );

// -- modules ----------------------------------------------------------------------------------------------------------

export const moduleNotFound = (path: string): CliError =>
  invalid(`module ${path}: there is no such file`, 'the path is taken from the current directory: --module ./my-class.js');
export const moduleNotLoadable = (path: string, why: string, ...help: readonly string[]): CliError =>
  invalid(`module ${path}: ${why}`, ...help);
export const moduleFailed = (path: string, when: string, cause: unknown, ...help: readonly string[]): CliError =>
  invalidBecause(cause, `module ${path}: it failed while ${when}: ${said(cause)}`, ...help);
export const invariantBroken = (cause: Error, path: string | undefined): CliError =>
  new CliError(
    EXIT.invariant,
    `an invariant of the simulator is broken: ${cause.message}`,
    [path === undefined ? 'this is a bug of proxysched' : `it broke in a call from module ${path}`, 'PROXYSCHED_DEBUG=1 shows where'],
    cause,
  );
export const notAModule = (path: string, found: string, ...help: readonly string[]): CliError =>
  invalid(
    `module ${path}: ${found}`,
    ...help,
    'a module is an object { name, register(container) }, or a list of them, as the default export; see examples/class-skeleton',
  );

// -- output -----------------------------------------------------------------------------------------------------------

export const cannotWrite = (path: string, why: string): CliError => new CliError(EXIT.internal, `${path}: cannot be written (${why})`);
