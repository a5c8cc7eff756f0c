/** The arguments are outside what a theorem speaks about. The caller mends them; a set that is merely overloaded is not an error. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';
  constructor(
    /** A001 to A006. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const notInRange = (what: string, least: number, found: number): AnalysisError =>
  new AnalysisError('A001', `${what}: expected an integer from ${least} to 2^53 - 1, found ${found}`);

export const tooLarge = (what: string, found: bigint): AnalysisError =>
  new AnalysisError('A002', `${what} is ${found}, beyond 2^53 - 1: give the times in a coarser unit`);

export const deadlineBeyondPeriod = (test: string, deadline: number, period: number): AnalysisError =>
  new AnalysisError('A003', `${test} needs deadlines within the period, found ${deadline} after a release every ${period}`);

export const nestedSections = (lock: string, outer: string): AnalysisError =>
  new AnalysisError(
    'A004',
    `a section on "${lock}" lies within one on "${outer}" and other tasks use "${lock}": the bound needs flat sections`,
  );

export const unbalancedLocks = (found: string): AnalysisError => new AnalysisError('A005', `locks do not pair up: ${found}`);

export const zeroDenominator = (): AnalysisError => new AnalysisError('A006', 'a fraction cannot have the denominator 0');
