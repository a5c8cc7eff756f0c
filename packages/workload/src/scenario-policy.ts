import { DEFAULT_POLICY, type Nanos, type Policy } from '@proxysched/core';
import { parseDuration } from './duration.js';
import { badPolicy, deadlineParams, prioOutOfRange } from './errors.js';
import type { Problem } from './report.js';
import type { PolicyInput } from './scenario-schema.js';

/** A policy as scenarios write it, or what is wrong with it. */
export function readPolicy(input: PolicyInput | undefined): Policy | Problem {
  if (input === undefined) return DEFAULT_POLICY;
  return typeof input === 'string' ? fromWords(input) : fromObject(input);
}

export const isProblem = (p: Policy | Problem): p is Problem => 'severity' in p;

function fromWords(text: string): Policy | Problem {
  const [word = '', argument, ...rest] = text.trim().split(/\s+/);
  if (rest.length > 0) return badPolicy(`${JSON.stringify(text)} is no policy`);
  const number = argument !== undefined && /^-?\d{1,4}$/.test(argument) ? Number(argument) : NaN;
  switch (word) {
    case 'normal':
    case 'nice':
    case 'batch':
    case 'idle': {
      if (argument === undefined && word !== 'nice') return { kind: word, nice: 0 };
      if (Number.isNaN(number)) return badPolicy(`${JSON.stringify(text)}: "${word}" takes a nice value`);
      if (number < -20 || number > 19) return prioOutOfRange(number, word, -20, 19);
      return { kind: word === 'nice' ? 'normal' : word, nice: number };
    }
    case 'fifo':
    case 'rr':
      if (Number.isNaN(number)) return badPolicy(`${JSON.stringify(text)}: "${word}" takes a priority`);
      return number < 1 || number > 99 ? prioOutOfRange(number, word, 1, 99) : { kind: word, prio: number };
    case 'deadline': {
      const times = (argument ?? '').split('/').map(parseDuration);
      const wrong = times.find(t => !t.ok);
      if (times.length < 2 || times.length > 3)
        return badPolicy(`${JSON.stringify(text)}: "deadline" takes runtime/period or runtime/deadline/period`);
      if (wrong !== undefined && !wrong.ok) return badPolicy(`${JSON.stringify(text)}: ${wrong.why}`);
      const ns = times.map(t => (t.ok ? t.ns : 0));
      return deadline(ns[0]!, ns.length === 3 ? ns[1]! : ns.at(-1)!, ns.at(-1)!);
    }
    default:
      return badPolicy(`${JSON.stringify(text.slice(0, 60))} is no policy`);
  }
}

function fromObject(input: Exclude<PolicyInput, string>): Policy | Problem {
  const kinds = (['nice', 'batch', 'idle', 'fifo', 'rr', 'deadline', 'custom'] as const).filter(k => input[k] !== undefined);
  const [kind] = kinds;
  const fair = kind === undefined || kind === 'nice' || kind === 'batch';
  if (kinds.length > 1) return badPolicy(`a policy is one thing, not ${kinds.map(k => `"${k}"`).join(' and ')}`);
  if (input.slice !== undefined && !fair) return badPolicy(`"slice" belongs to a fair task, not to "${kind}"`);
  if (input.params !== undefined && kind !== 'custom') return badPolicy('"params" belongs to "custom"');
  if (kind === undefined && input.slice === undefined) return badPolicy('an empty policy');
  if (fair) {
    const base = kind === 'batch' ? ({ kind, nice: input.batch! } as const) : ({ kind: 'normal', nice: input.nice ?? 0 } as const);
    if (input.slice === undefined) return base;
    const slice = ns(input.slice);
    return slice < 100_000 || slice > 100_000_000 ? badPolicy(`a slice of ${input.slice} is outside 0.1ms to 100ms`) : { ...base, slice };
  }
  if (kind === 'idle') return { kind, nice: 0 };
  if (kind === 'fifo') return { kind, prio: input.fifo! };
  if (kind === 'rr') return { kind, prio: input.rr! };
  if (kind === 'custom') return { kind, class: input.custom!, params: { ...input.params } };
  const d = input.deadline!;
  const policy = deadline(ns(d.runtime), ns(d.deadline ?? d.period), ns(d.period));
  if (isProblem(policy)) return policy;
  return { ...policy, ...(d.reclaim === true ? { reclaim: true } : {}), ...(d.overrun === true ? { overrun: true } : {}) };
}

function deadline(runtime: Nanos, relative: Nanos, period: Nanos): Policy | Problem {
  if (runtime === 0) return deadlineParams('no runtime');
  if (runtime > relative) return deadlineParams(`runtime ${runtime} ns is longer than deadline ${relative} ns`);
  if (relative > period) return deadlineParams(`deadline ${relative} ns is longer than period ${period} ns`);
  return { kind: 'deadline', runtime, deadline: relative, period };
}

/** The schema has let only times through. */
const ns = (text: string): Nanos => {
  const parsed = parseDuration(text);
  return parsed.ok ? parsed.ns : 0;
};
