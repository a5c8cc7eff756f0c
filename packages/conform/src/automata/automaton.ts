import { ConformError } from '../errors.js';
import type { AutomatonFile } from './automaton-file.js';
import { parseGuard, type Environment, type Guard } from './guard.js';

export type Handling = 'event' | 'start' | 'start-run';

/** What an instance may not do. */
export interface Violation {
  readonly state: string;
  /** The event, or the clock that ran out. */
  readonly event: string;
  readonly at: number;
}

interface Transition {
  readonly to: string;
  readonly guard: Guard | null;
  readonly reset: readonly string[];
}

interface Invariant {
  readonly clock: string;
  /** The clock may reach it (`<=`) or not (`<`). */
  readonly inclusive: boolean;
  readonly bound: number;
}

/**
 * The rule of a file, ready to run. `parameters` gives the bounds of invariants by name. Throws `ConformError` (C003) where one
 * is missing or a name is not declared.
 */
export class Automaton {
  readonly name: string;
  readonly initial: string;
  private readonly table = new Map<string, Map<string, Transition>>();
  private readonly invariants = new Map<string, Invariant[]>();

  constructor(file: AutomatonFile, parameters: Environment = {}) {
    this.name = file.name;
    this.initial = declared(file, 'states', file.initial);
    for (const state of file.states) this.table.set(state, new Map());
    for (const { from, event, to, guard, reset } of file.transitions) {
      const row = this.table.get(declared(file, 'states', from))!;
      if (row.has(declared(file, 'events', event))) throw badAutomaton(file, `two transitions from ${from} on ${event}`);
      row.set(event, { to: declared(file, 'states', to), guard: guard === undefined ? null : parseGuard(guard), reset: reset ?? [] });
    }
    for (const { state, clock, op, bound } of file.invariants) {
      const value = typeof bound === 'number' ? bound : parameters[bound];
      if (value === undefined) throw badAutomaton(file, `no value for ${bound}`);
      const here = this.invariants.get(declared(file, 'states', state)) ?? [];
      this.invariants.set(state, [...here, { clock, inclusive: op === '<=', bound: value }]);
    }
  }

  transition(state: string, event: string): Transition | undefined {
    return this.table.get(state)!.get(event);
  }

  invariantsOf(state: string): readonly Invariant[] {
    return this.invariants.get(state) ?? [];
  }
}

/** One thing watched: a task, a lock, a CPU. Starts switched off. */
export class Instance {
  state: string;
  on = false;
  private readonly clocks = new Map<string, number>();

  constructor(private readonly automaton: Automaton) {
    this.state = automaton.initial;
  }

  /** In the initial state, with clocks at 0. */
  switchOn(t: number): void {
    this.on = true;
    this.state = this.automaton.initial;
    this.clocks.clear();
    this.begun = t;
  }

  /** Delivers an event; a violation switches off. */
  deliver(event: string, handling: Handling, t: number, env: Environment = {}): Violation | null {
    if (!this.on) {
      if (handling === 'event') return null;
      this.switchOn(t);
      if (handling === 'start') return null;
    }
    const late = this.expired(t);
    if (late !== null) return this.violated(late);
    const found = this.automaton.transition(this.state, event);
    if (found === undefined || found.guard?.(env) === false) return this.violated({ state: this.state, event, at: t });
    for (const clock of found.reset) this.clocks.set(clock, t);
    this.state = found.to;
    return null;
  }

  /** Has an invariant of the state run out by `t`? The instant at which it did is the violation. */
  expired(t: number): Violation | null {
    if (!this.on) return null;
    for (const { clock, inclusive, bound } of this.automaton.invariantsOf(this.state)) {
      const since = this.clocks.get(clock) ?? this.begun;
      if (inclusive ? t - since <= bound : t - since < bound) continue;
      return { state: this.state, event: `${clock} reached ${bound}`, at: since + bound };
    }
    return null;
  }

  switchOff(): void {
    this.on = false;
    this.state = this.automaton.initial;
  }

  private begun = 0;

  private violated(v: Violation): Violation {
    this.switchOff();
    return v;
  }
}

function declared(file: AutomatonFile, list: 'states' | 'events', name: string): string {
  if (!file[list].includes(name)) throw badAutomaton(file, `"${name}" is not among its ${list}`);
  return name;
}

const badAutomaton = (file: AutomatonFile, what: string): ConformError => new ConformError('C003', `automaton ${file.name}: ${what}`);
