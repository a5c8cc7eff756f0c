import { ScenarioError } from '@proxysched/core';

/** The scenario asks for more deadline bandwidth than there is, or for impossible parameters. */
export class AdmissionError extends ScenarioError {
  override readonly name = 'AdmissionError';
}

const percent = (bw: number): string => `${((bw * 100) / 2 ** 20).toFixed(1)} %`;

export const overcommitted = (task: string, total: number, limit: number): AdmissionError =>
  new AdmissionError(
    'D001',
    `deadline task "${task}" is not admitted: with it ${percent(total)} of a CPU would be promised, servers of the fair class included, and ${percent(limit)} may be; ` +
      'lower a runtime, or run with --set deadline.serverRuntime=0 (no servers) or --set deadline.admission=false',
  );

export const badParameters = (task: string, found: string): AdmissionError =>
  new AdmissionError('D002', `deadline task "${task}": expected 1024 ns <= runtime <= deadline <= period, found ${found}`);
