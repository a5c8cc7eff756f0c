import type { LockFigure, RunFigure, TaskFigure } from './figures.js';
import type { SimResult } from './sim-result.js';

export const COMPARISONS = ['<=', '<', '==', '!=', '>=', '>'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Something that is said of a run and can be held against it: what scenarios write under `expect`. Times in ns. */
export type Claim =
  /** Of each task that `tasks` fits (`nameFits`), and of one at least. */
  | { readonly of: 'task'; readonly tasks: string; readonly figure: TaskFigure; readonly is: Comparison; readonly value: number }
  /** Of each lock that `locks` fits, and of one at least. */
  | { readonly of: 'lock'; readonly locks: string; readonly figure: LockFigure; readonly is: Comparison; readonly value: number }
  | { readonly of: 'run'; readonly figure: RunFigure; readonly is: Comparison; readonly value: number }
  | { readonly of: 'outcome'; readonly is: '==' | '!='; readonly value: SimResult['outcome'] };

/** Whether a name is meant by a pattern, in which `*` stands for anything. */
export function nameFits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
