import { judge, type Metrics } from '@proxysched/trace';
import type { Expectation } from '@proxysched/workload';
import { wantsColor, type Io } from './io.js';

export interface Expected {
  readonly text: string;
  readonly holds: boolean;
  /** The figure as it was found. */
  readonly found: string;
}

/** The claims that a workload makes of a run under this generation, each held against it. */
export function judgeExpectations(expectations: readonly Expectation[], generation: string, metrics: Metrics): readonly Expected[] {
  return expectations
    .filter(e => (e.under === null || e.under.includes(generation)) && !e.except.includes(generation))
    .map(({ text, claim }) => ({ text, ...judge(claim, metrics) }));
}

/** A line for each, those that failed first. */
export function expectationLines(expected: readonly Expected[], io: Io): string {
  const color = wantsColor(io.stdout, io.env);
  const paint = (text: string, code: number): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (e: Expected): string =>
    e.holds
      ? ` expected ${paint('ok', 32)}      ${e.text}   (${e.found})\n`
      : ` expected ${paint('FAILED', 31)}  ${e.text}   (found ${e.found})\n`;
  return [...expected.filter(e => !e.holds), ...expected.filter(e => e.holds)].map(line).join('');
}
