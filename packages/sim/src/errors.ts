/** Something is wrong with what a simulation is composed of; all problems at once. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
  constructor(
    readonly code: string,
    readonly problems: readonly string[],
  ) {
    super(problems.join('\n'));
  }
}

export const cannotCompose = (problems: readonly string[]): CompositionError => new CompositionError('S001', problems);
