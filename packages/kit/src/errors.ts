/** Why a simulation could not be put together. The run has not begun; whoever composed the modules can fix it. */
export type WiringCode =
  | 'already-provided'
  | 'not-provided'
  | 'parameter-without-token'
  | 'undefined-requirement'
  | 'module-doubled'
  | 'requirement-missing'
  | 'requirement-copied'
  | 'requirement-cycle'
  | 'several-problems';

export class WiringError extends Error {
  override readonly name = 'WiringError';

  constructor(
    readonly code: WiringCode,
    message: string,
    /** The single problems when the code is `several-problems`, otherwise empty. */
    readonly problems: readonly WiringError[] = [],
  ) {
    super(message);
  }
}

export function alreadyProvided(token: string): WiringError {
  return new WiringError('already-provided', `${token} is provided already; a module that means to override it calls replace()`);
}

export function notProvided(token: string): WiringError {
  return new WiringError('not-provided', `${token} is needed, and no module in the list provides it`);
}

export function parameterWithoutToken(className: string, index: number): WiringError {
  return new WiringError('parameter-without-token', `${className}: constructor parameter ${index} has no @Inject(TOKEN)`);
}

export function undefinedRequirement(module: string, index: number): WiringError {
  return new WiringError(
    'undefined-requirement',
    `module ${module}: requires[${index}] is undefined; the files of the two modules import each other`,
  );
}

export function moduleDoubled(module: string, first: number, second: number): WiringError {
  return new WiringError('module-doubled', `module ${module} is in the list twice, at ${first} and at ${second}`);
}

export function requirementMissing(module: string, required: string): WiringError {
  return new WiringError('requirement-missing', `module ${module} requires ${required}, which is not in the list`);
}

export function requirementCopied(module: string, required: string): WiringError {
  return new WiringError(
    'requirement-copied',
    `module ${module} requires ${required}, and the list holds another module of that name: are two copies of its package installed?`,
  );
}

/** `path` begins and ends with the same name. */
export function requirementCycle(path: readonly string[]): WiringError {
  return new WiringError('requirement-cycle', `modules require each other: ${path.join(' -> ')}`);
}

/** One error for a list of problems, so that all are seen at once; a single problem speaks for itself. */
export function wiringProblems(problems: readonly [WiringError, ...WiringError[]]): WiringError {
  if (problems.length === 1) return problems[0];
  const lines = problems.map(problem => `  - ${problem.message}`);
  return new WiringError('several-problems', `${problems.length} wiring problems\n${lines.join('\n')}`, problems);
}
