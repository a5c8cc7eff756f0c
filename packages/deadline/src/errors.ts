/** The scenario asks for more deadline bandwidth than there is, or for impossible parameters. Its author mends it. */
export class AdmissionError extends Error {
  override readonly name = 'AdmissionError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const percent = (bw: number): string => `${((bw * 100) / 2 ** 20).toFixed(1)} %`;

export const overcommitted = (task: string, total: number, limit: number): AdmissionError =>
  new AdmissionError(
    'D001',
    `deadline task "${task}" is not admitted: with it the tasks ask for ${percent(total)} of a CPU, ${percent(limit)} may be given; ` +
      'lower a runtime, or run with --set deadline.admission=false',
  );

export const badParameters = (task: string, found: string): AdmissionError =>
  new AdmissionError('D002', `deadline task "${task}": expected 1024 ns <= runtime <= deadline <= period, found ${found}`);
