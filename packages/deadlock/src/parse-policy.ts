import { ACTIONS, DETECTORS, type ActionName, type DetectorName, type PolicySpec } from './compose-policy.js';
import { SHORT_NAMES } from './deadlock.module.js';
import { VICTIMS, type VictimName } from './victims.js';

/** Links or re-picks that a limit may have. */
const MOST = 1_000_000;

/**
 * A policy as people write it: a short name (`halt`, `dequeue`, `repicks`) or `DETECTOR[:LIMIT]+ACTION[+VICTIMS]`, as in
 * `brent+dequeue+youngest` and `depth:100+halt`.
 *
 * @returns the policy's parts, or what is wrong in a sentence.
 */
export function parsePolicy(text: string): PolicySpec | string {
  if (Object.hasOwn(SHORT_NAMES, text)) return SHORT_NAMES[text as keyof typeof SHORT_NAMES];
  const [first = '', action = '', victims, ...rest] = text.split('+');
  const [detector = '', limit, ...more] = first.split(':');
  if (!isOneOf(DETECTORS, detector)) return `no detector named "${detector}"; there are ${DETECTORS.join(', ')}`;
  if (!isOneOf(ACTIONS, action)) return `no action named "${action}"; there are ${ACTIONS.join(', ')}`;
  const names = Object.keys(VICTIMS) as VictimName[];
  if (victims !== undefined && !isOneOf(names, victims)) return `no victims named "${victims}"; there are ${names.join(', ')}`;
  if (rest.length > 0 || more.length > 0) return `"${text}" has too many parts; the form is DETECTOR[:LIMIT]+ACTION[+VICTIMS]`;
  if (limit === undefined) return { detector, action, ...(victims === undefined ? {} : { victims }) };
  if (detector !== 'depth' && detector !== 'repicks') return `"${detector}" has no limit; depth and repicks have`;
  const value = Number(limit);
  if (!/^\d+$/.test(limit) || value < 1 || value > MOST) return `the limit is a whole number from 1 to ${MOST}, not "${limit}"`;
  return { detector, limit: value, action, ...(victims === undefined ? {} : { victims }) };
}

function isOneOf<T extends DetectorName | ActionName | VictimName>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
