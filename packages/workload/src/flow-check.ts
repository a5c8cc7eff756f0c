import { NO_COSTS, type Costs, type Nanos, type Op } from '@proxysched/core';

/** What a program is bound to do wrong, whatever the schedule. */
export type FlowFault =
  | { readonly kind: 'unlock'; readonly pc: number; readonly mutex: number }
  | { readonly kind: 'wait'; readonly pc: number; readonly mutex: number }
  | { readonly kind: 'relock'; readonly pc: number; readonly mutex: number; readonly taken: number }
  | { readonly kind: 'heldAtEnd'; readonly pc: number; readonly mutex: number; readonly taken: number }
  | { readonly kind: 'noTime'; readonly pc: number; readonly to: number };

interface Held {
  readonly mutex: number;
  readonly taken: number;
}

const NOT_IN_CONTEXT = (): boolean => false;

/**
 * Follows a program through every jump with the set of mutexes it holds. A (place, set) pair is visited once, and a path
 * ends at its first fault, so the work is bounded by the program's length in all but contrived cases.
 */
export function checkFlow(
  ops: readonly Op[],
  costs: Costs = NO_COSTS,
  waitWound: (mutex: number) => boolean = NOT_IN_CONTEXT,
): FlowFault[] {
  const endless = (times: number): boolean => times < 0 || times > IDLE_TURNS;
  const faults: FlowFault[] = ops.flatMap((op, pc) =>
    op.op === 'jump' && op.to <= pc && endless(op.times) && noTimePasses(ops, op.to, pc, costs) ? [{ kind: 'noTime', pc, to: op.to }] : [],
  );
  const seen = new Set<string>();
  const known = new Set<string>();
  const fault = (f: FlowFault): void => {
    const key = `${f.kind} ${f.pc} ${'mutex' in f ? f.mutex : ''}`;
    if (!known.has(key)) faults.push(f);
    known.add(key);
  };
  const paths: { pc: number; held: readonly Held[] }[] = [{ pc: 0, held: [] }];
  /** A second way from `pc` on. False: it has been taken with these locks. */
  const branch = (to: number, pc: number, held: readonly Held[]): boolean => {
    const key = `${pc} ${held.map(h => h.mutex).join()}`;
    if (seen.has(key)) return false;
    seen.add(key);
    paths.push({ pc: to, held });
    return true;
  };
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    let { pc, held } = path;
    for (;;) {
      const op = ops[pc];
      if (op === undefined || op.op === 'exit') {
        for (const h of held) fault({ kind: 'heldAtEnd', pc: Math.min(pc, ops.length - 1), ...h });
        break;
      }
      if (op.op === 'lock') {
        const mine = held.find(h => h.mutex === op.mutex);
        if (op.orElse !== undefined) branch(op.orElse, pc, held);
        if (mine !== undefined && op.noWait === true) break; // it is not had twice
        if (mine !== undefined && waitWound(op.mutex)) {
          pc++; // a context may ask twice: it holds it
          continue;
        }
        if (mine !== undefined) {
          fault({ kind: 'relock', pc, ...mine });
          break;
        }
        held = [...held, { mutex: op.mutex, taken: pc }];
      } else if (op.op === 'unlock' || op.op === 'wait') {
        if (!held.some(h => h.mutex === op.mutex)) {
          fault({ kind: op.op, pc, mutex: op.mutex });
          break;
        }
        held = held.filter(h => h.mutex !== op.mutex);
      } else if (op.op === 'wbackoff') {
        branch(
          op.to,
          pc,
          held.filter(h => !waitWound(h.mutex)),
        );
        break;
      } else if (op.op === 'jump') {
        if (!branch(op.to, pc, held) || op.times < 0) break;
      }
      pc++;
    }
  }
  return faults;
}

/** Turns without time that are as good as endless: nobody means them, and they would take the simulator minutes. */
const IDLE_TURNS = 1_000_000;

function noTimePasses(ops: readonly Op[], from: number, to: number, costs: Costs): boolean {
  for (let pc = from; pc < to; pc++) {
    const op = ops[pc]!;
    if ((op.op === 'run' || op.op === 'runFor' || op.op === 'sleep') && op.ns > 0) return false;
    if (op.op === 'timer' && op.period > 0) return false;
    if (op.op === 'wait' || op.op === 'barrier' || op.op === 'semWait' || op.op === 'exit') return false;
    if (op.op === 'jump' && op.times < 0) return false; // never comes back here; said at that jump
    if (
      op.op === 'lock' || op.op === 'unlock'
        ? costs.lockOp > 0
        : op.op !== 'run' && op.op !== 'runFor' && op.op !== 'jump' && costs.sysCall > 0
    )
      return false;
  }
  return true;
}

/** All the time a program asks for when it never waits for anybody; Infinity when it never ends. */
export function demandOf(ops: readonly Op[]): Nanos {
  const before = [0];
  for (const [pc, op] of ops.entries()) {
    const sum = before[pc]!;
    let own = 0;
    if (op.op === 'run' || op.op === 'runFor' || op.op === 'sleep') own = op.ns;
    else if (op.op === 'timer') own = op.period;
    else if (op.op === 'jump' && op.to < pc) own = op.times < 0 ? Infinity : op.times * (sum - before[op.to]!);
    before.push(sum + own);
  }
  return before[ops.length]!;
}
