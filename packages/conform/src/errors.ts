/** A file of expected results cannot be judged. */
export class ConformError extends Error {
  override readonly name = 'ConformError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const unreadable = (file: string, problems: readonly string[]): ConformError =>
  new ConformError('C001', `${file}: ${problems.join('; ')}`);
export const badFile = (file: string, what: string): ConformError => new ConformError('C002', `${file}: ${what}`);
