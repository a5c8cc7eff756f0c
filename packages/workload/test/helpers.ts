import type { Op, Scenario } from '@proxysched/core';
import { readWorkload, type ReadOptions, type ReadResult } from '../src/index.js';

export const read = (text: string | object, options: Partial<ReadOptions> = {}): ReadResult =>
  readWorkload(typeof text === 'string' ? text : JSON.stringify(text), { file: 'x.json', ...options });

/** The scenario of a text that has to be right. */
export function scenarioOf(text: string | object, options: Partial<ReadOptions> = {}): Scenario {
  const result = read(text, options);
  if (!result.ok) throw new Error(result.diagnostics.map(d => `${d.code} ${d.line}:${d.column} ${d.message}`).join('\n'));
  return result.scenario;
}

export const codes = (result: ReadResult): string[] => result.diagnostics.map(d => d.code);
/** Where each diagnostic stands: `E022 3:5`. */
export const places = (result: ReadResult): string[] => result.diagnostics.map(d => `${d.code} ${d.line}:${d.column}`);

/** A program in one line, without sources. */
export const ops = (scenario: Scenario, task = 0): string => scenario.tasks[task]!.program.ops.map(spell).join(' ');

function spell(op: Op): string {
  const { op: name, src: _, ...rest } = op;
  const values = Object.values(rest).map(v => (typeof v === 'object' ? JSON.stringify(v) : String(v)));
  return values.length === 0 ? name : `${name}(${values.join(',')})`;
}
