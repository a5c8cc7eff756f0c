import type { Policy } from '../policy.js';
import type { Op } from '../program.js';
import type { Nanos } from '../types.js';

/** Operations as short words, so that a test's programs fit on a line: `[lock(0), run(10), unlock(0)]`. */
export const run = (ns: Nanos): Op => ({ op: 'run', ns });
export const runFor = (ns: Nanos): Op => ({ op: 'runFor', ns });
export const sleep = (ns: Nanos): Op => ({ op: 'sleep', ns });
export const timer = (period: Nanos, mode: 'absolute' | 'relative' = 'absolute', id = 0): Op => ({ op: 'timer', timer: id, period, mode });
export const lock = (mutex: number): Op => ({ op: 'lock', mutex });
export const readLock = (mutex: number): Op => ({ op: 'lock', mutex, shared: true });
export const unlock = (mutex: number): Op => ({ op: 'unlock', mutex });
export const wait = (cond: number, mutex: number): Op => ({ op: 'wait', cond, mutex });
export const signal = (cond: number): Op => ({ op: 'signal', cond });
export const broadcast = (cond: number): Op => ({ op: 'broadcast', cond });
export const barrier = (id: number): Op => ({ op: 'barrier', barrier: id });
export const semPost = (sem: number): Op => ({ op: 'semPost', sem });
export const semWait = (sem: number): Op => ({ op: 'semWait', sem });
export const yields: Op = { op: 'yield' };
export const exit: Op = { op: 'exit' };
export const setPolicy = (policy: Policy): Op => ({ op: 'setPolicy', policy });
export const setAffinity = (...cpus: number[]): Op => ({ op: 'setAffinity', cpus });
export const setGroup = (group: number): Op => ({ op: 'setGroup', group });
export const fork = (task: number): Op => ({ op: 'fork', task });
export const jump = (to: number, times = -1): Op => ({ op: 'jump', to, times });

export const fifo = (prio: number): Policy => ({ kind: 'fifo', prio });
export const nice = (value: number): Policy => ({ kind: 'normal', nice: value });
export const rr = (prio: number): Policy => ({ kind: 'rr', prio });
/** Times in ms. `relative`: the deadline, absent: the period. */
export const dlMs = (runtime: number, period: number, relative = period): Policy => ({
  kind: 'deadline',
  runtime: Math.round(runtime * 1e6),
  deadline: relative * 1e6,
  period: period * 1e6,
});
