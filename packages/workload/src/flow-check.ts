import { NO_COSTS, type Costs, type Nanos, type Op } from '@proxysched/core';

/** What a program is bound to do wrong, whatever the schedule. */
export type FlowFault =
  | { readonly kind: 'unlock'; readonly pc: number; readonly mutex: number }
  | { readonly kind: 'wait'; readonly pc: number; readonly mutex: number }
  | { readonly kind: 'relock'; readonly pc: number; readonly mutex: number; readonly taken: number }
  | { readonly kind: 'heldAtEnd'; readonly pc: number; readonly mutex: number; readonly taken: number }
  | { readonly kind: 'noTime'; readonly pc: number; readonly to: number };

/**
 * A set of mutexes as the way to it, one taken after another. Equal ways are the same object, so that a set has a number to be known
 * by, and to take one more costs nothing, however many there are.
 */
class Held {
  private readonly more = new Map<number, Held>();
  /** What is left when a context backs off. */
  readonly outsideContext: Held;

  private constructor(
    readonly id: number,
    readonly before: Held | null,
    readonly mutex: number,
    readonly taken: number,
    private readonly all: { count: number; nothing: Held | null; readonly waitWound: (mutex: number) => boolean },
  ) {
    all.nothing ??= this;
    if (before === null) this.outsideContext = this;
    else
      this.outsideContext = all.waitWound(mutex)
        ? before.outsideContext
        : before === before.outsideContext
          ? this
          : before.outsideContext.and(mutex, taken);
  }

  static nothing(waitWound: (mutex: number) => boolean): Held {
    return new Held(0, null, -1, -1, { count: 1, nothing: null, waitWound });
  }

  and(mutex: number, taken: number): Held {
    let held = this.more.get(mutex);
    if (held === undefined) {
      held = new Held(this.all.count++, this, mutex, taken, this.all);
      this.more.set(mutex, held);
    }
    return held;
  }

  without(mutex: number): Held {
    if (this.mutex === mutex && this.before !== null) return this.before;
    let held = this.all.nothing!;
    for (const other of listOf(this)) if (other.mutex !== mutex) held = held.and(other.mutex, other.taken);
    return held;
  }
}

/** First taken first. */
function listOf(last: Held): Held[] {
  const list: Held[] = [];
  for (let held = last; held.before !== null; held = held.before) list.push(held);
  return list.reverse();
}

/** Looks mutexes up in one set after another. The next set is mostly one mutex away from the last, and then a look-up costs nothing. */
class HeldIndex {
  private readonly byMutex = new Map<number, Held>();
  private of: Held;

  constructor(nothing: Held) {
    this.of = nothing;
  }

  find(held: Held, mutex: number): Held | undefined {
    this.turnTo(held);
    return this.byMutex.get(mutex);
  }

  private turnTo(held: Held): void {
    if (held === this.of) return;
    if (held.before === this.of) this.byMutex.set(held.mutex, held);
    else if (this.of.before === held) this.byMutex.delete(this.of.mutex);
    else {
      this.byMutex.clear();
      for (const one of listOf(held)) this.byMutex.set(one.mutex, one);
    }
    this.of = held;
  }
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
  const nothing = Held.nothing(waitWound);
  const index = new HeldIndex(nothing);
  const paths: { pc: number; held: Held }[] = [{ pc: 0, held: nothing }];
  /** A second way from `pc` on. False: it has been taken with these locks. */
  const branch = (to: number, pc: number, held: Held): boolean => {
    const key = `${pc} ${held.id}`;
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
        for (const { mutex, taken } of listOf(held)) fault({ kind: 'heldAtEnd', pc: Math.min(pc, ops.length - 1), mutex, taken });
        break;
      }
      if (op.op === 'lock') {
        const mine = index.find(held, op.mutex);
        if (op.orElse !== undefined) branch(op.orElse, pc, held);
        if (mine !== undefined && op.noWait === true) break; // it is not had twice
        if (mine !== undefined && waitWound(op.mutex)) {
          pc++; // a context may ask twice: it holds it
          continue;
        }
        if (mine !== undefined) {
          fault({ kind: 'relock', pc, mutex: mine.mutex, taken: mine.taken });
          break;
        }
        held = held.and(op.mutex, pc);
      } else if (op.op === 'unlock' || op.op === 'wait') {
        if (index.find(held, op.mutex) === undefined) {
          fault({ kind: op.op, pc, mutex: op.mutex });
          break;
        }
        held = held.without(op.mutex);
      } else if (op.op === 'wbackoff') {
        branch(op.to, pc, held.outsideContext);
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
