import {
  COMPARISONS,
  LOCK_FIGURES,
  nameFits,
  RUN_FIGURES,
  TASK_FIGURES,
  type Claim,
  type Comparison,
  type LockFigure,
  type RunFigure,
  type SimResult,
  type TaskFigure,
} from '@proxysched/core';
import { parseDuration } from './duration.js';
import * as errors from './errors.js';
import type { Problem } from './report.js';

const OUTCOMES = ['finished', 'timeLimit', 'deadlock', 'stalled'] as const satisfies readonly SimResult['outcome'][];

/** A claim that a scenario makes of its own run, and when. */
export interface Expectation {
  /** As it was written. */
  readonly text: string;
  readonly claim: Claim;
  /** Generations of proxy execution under which it must hold; `null`: all. */
  readonly under: readonly string[] | null;
  readonly except: readonly string[];
}

/** `high.response.max < 10ms`, `udev*.misses == 0`, `M.hold.max < 2ms`, `mostRepicks > 50`, `outcome == finished`. */
export function parseClaim(text: string, comms: readonly string[], mutexes: readonly string[]): Claim | Problem {
  const match = /^\s*(\S+)\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*$/.exec(text);
  if (match === null) return errors.badClaim(text, COMPARISONS);
  const [, subject = '', is = '', value = ''] = match;
  if (!isComparison(is)) return errors.badClaim(text, COMPARISONS);
  if (subject === 'outcome') return outcomeClaim(is, value);
  const figure = figureAfter(subject, TASK_FIGURES);
  if (figure === undefined) {
    const ofLock = figureAfter(subject, LOCK_FIGURES);
    if (ofLock !== undefined) return lockClaim(subject.slice(0, -ofLock.length - 1), ofLock, is, value, mutexes);
    if (!isRunFigure(subject)) return unknownFigure(subject);
    const number = valueOf(value, RUN_FIGURES[subject]);
    return typeof number === 'number' ? { of: 'run', figure: subject, is, value: number } : number;
  }
  const tasks = subject.slice(0, -figure.length - 1);
  if (!comms.some(comm => nameFits(tasks, comm))) return errors.unknownName('task', tasks, comms);
  const number = valueOf(value, TASK_FIGURES[figure]);
  return typeof number === 'number' ? { of: 'task', tasks, figure, is, value: number } : number;
}

function figureAfter<F extends TaskFigure | LockFigure>(subject: string, figures: Readonly<Record<F, unknown>>): F | undefined {
  return (Object.keys(figures) as F[]).find(name => subject.endsWith(`.${name}`));
}

function lockClaim(locks: string, figure: LockFigure, is: Comparison, value: string, mutexes: readonly string[]): Claim | Problem {
  if (!mutexes.some(name => nameFits(locks, name))) return errors.unknownName('lock', locks, mutexes);
  const number = valueOf(value, LOCK_FIGURES[figure]);
  return typeof number === 'number' ? { of: 'lock', locks, figure, is, value: number } : number;
}

function outcomeClaim(is: Comparison, value: string): Claim | Problem {
  const outcome = OUTCOMES.find(name => name === value);
  if (outcome === undefined) return errors.unknownName('outcome', value, OUTCOMES);
  return is === '==' || is === '!=' ? { of: 'outcome', is, value: outcome } : errors.badClaim(`outcome ${is} ${value}`, ['==', '!=']);
}

/** What stands before the value is no figure: a task's that is misspelt, or one of the run. */
function unknownFigure(subject: string): Problem {
  const dot = subject.indexOf('.');
  return dot < 0
    ? errors.unknownName('figure of a run', subject, [...Object.keys(RUN_FIGURES), 'outcome'])
    : errors.unknownName('figure of a task', subject.slice(dot + 1), [...Object.keys(TASK_FIGURES), ...Object.keys(LOCK_FIGURES)]);
}

function valueOf(text: string, kind: 'time' | 'count'): number | Problem {
  if (kind === 'count')
    return /^\d{1,15}$/.test(text) ? Number(text) : errors.badField('expect', `${errors.quote(text)} is no whole number`);
  const parsed = parseDuration(text);
  return parsed.ok ? parsed.ns : errors.badTime('expect', parsed.why);
}

function isComparison(text: string): text is Comparison {
  return (COMPARISONS as readonly string[]).includes(text);
}

function isRunFigure(text: string): text is RunFigure {
  return Object.hasOwn(RUN_FIGURES, text);
}
