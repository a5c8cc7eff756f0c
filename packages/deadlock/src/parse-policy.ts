import { ACTIONS, DEFAULT_LIMITS, DEFAULT_VICTIMS, DETECTORS, type PolicySpec } from './compose-policy.js';
import { SHORT_NAMES } from './deadlock.module.js';
import { VICTIMS, type VictimName } from './victims.js';

/** Links, re-picks or seeds: what a number in a name may be at most. */
const MOST = 1_000_000;
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
const FORM = 'DETECTOR[:LIMIT]+ACTION[:TIME]+VICTIMS[:SEED]';

/** What is wrong with a policy's name. */
export interface PolicyMistake {
  /** In a sentence. */
  readonly wrong: string;
  /** A word that is none, and those that could stand there. */
  readonly word?: string;
  readonly known?: readonly string[];
}

export function isMistake(parsed: PolicySpec | PolicyMistake): parsed is PolicyMistake {
  return 'wrong' in parsed;
}

/**
 * A policy as people write it: a short name (`halt`, `dequeue`, `wound`, `edeadlk`, `repicks`) or
 * `DETECTOR[:LIMIT]+ACTION[:TIME][+VICTIMS[:SEED]]`, as in `brent+dequeue+youngest`, `depth:100+halt`, `marks+timeout:5ms` and
 * `block+wound+random:7`.
 */
export function parsePolicy(text: string): PolicySpec | PolicyMistake {
  if (Object.hasOwn(SHORT_NAMES, text)) return SHORT_NAMES[text as keyof typeof SHORT_NAMES];
  const parts = text.split('+').map(part => part.split(':'));
  const [[detector = '', limit] = [], [action = '', time] = [], [victims, seed] = []] = parts;
  if (!isOneOf(DETECTORS, detector)) {
    const known = parts.length === 1 ? [...DETECTORS, ...Object.keys(SHORT_NAMES)] : DETECTORS;
    return unknown('detector', detector, known);
  }
  if (!isOneOf(ACTIONS, action)) return unknown('action', action, ACTIONS);
  const names = Object.keys(VICTIMS) as VictimName[];
  if (victims !== undefined && !isOneOf(names, victims)) return unknown('victims', victims, names);
  if (parts.length > 3 || parts.some(part => part.length > 2)) return { wrong: `"${text}" has too many parts; the form is ${FORM}` };
  if (victims !== undefined && DEFAULT_VICTIMS[action] === undefined)
    return { wrong: action === 'edeadlk' ? 'the victim of "edeadlk" is who closed the cycle' : `"${action}" has no victims` };

  if (limit !== undefined && DEFAULT_LIMITS[detector] === undefined)
    return { wrong: `"${detector}" has no limit; ${Object.keys(DEFAULT_LIMITS).join(', ')} have` };
  if (limit !== undefined && !isCount(limit, 1)) return { wrong: `the limit is a whole number from 1 to ${MOST}, not "${limit}"` };
  if (time !== undefined && action !== 'timeout') return { wrong: `"${action}" has no time; timeout has` };
  const [, ticks, unit] = /^(\d{1,9})(ns|us|ms|s)$/.exec(time ?? '') ?? [];
  if (time !== undefined && !(Number(ticks) > 0)) return { wrong: `the time is a whole number with its unit, as in 5ms, not "${time}"` };
  if (seed !== undefined && victims !== 'random') return { wrong: `"${victims}" has no seed; random has` };
  if (seed !== undefined && !isCount(seed, 0)) return { wrong: `the seed is a whole number up to ${MOST}, not "${seed}"` };
  return {
    detector,
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    action,
    ...(time === undefined ? {} : { after: Number(ticks) * UNITS[unit!]! }),
    ...(victims === undefined ? {} : { victims }),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}

function unknown(what: string, word: string, known: readonly string[]): PolicyMistake {
  return { wrong: `no ${what} named "${word}"; there are ${known.join(', ')}`, word, known };
}

function isCount(text: string, least: number): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) >= least && Number(text) <= MOST;
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
