import type { Container } from './di.js';
import {
  moduleDoubled,
  requirementCopied,
  requirementCycle,
  requirementMissing,
  undefinedRequirement,
  wiringProblems,
  type WiringError,
} from './errors.js';

/** What a plug-in exports. Importing it does nothing; it acts when a simulation that lists it is built. */
export interface SimModule {
  /** Unique in a simulation; printed in the header of the run. */
  readonly name: string;
  /** Modules that must be in the list as well, by reference, so that the compiler checks them. Absent: none. */
  readonly requires?: readonly SimModule[];
  /** Called once per simulation, in list order, before anything is resolved. May only give recipes. Never resolves. */
  register(c: Container): void;
}

/** A module value, frozen: it is shared by every simulation in the process. */
export function defineModule(m: SimModule): SimModule {
  m.requires?.forEach((required: SimModule | undefined, index) => {
    if (required === undefined) throw undefinedRequirement(m.name, index);
  });
  if (m.requires !== undefined) Object.freeze(m.requires);
  return Object.freeze(m);
}

/** What is wrong with a list of modules: doubled names, requirements that are absent, requirements that go in circles. */
export function moduleProblems(modules: readonly SimModule[]): WiringError[] {
  const problems: WiringError[] = [];
  const firstAt = new Map<string, number>();
  modules.forEach((m, index) => {
    const first = firstAt.get(m.name);
    if (first === undefined) firstAt.set(m.name, index);
    else problems.push(moduleDoubled(m.name, first, index));
  });

  const present = new Set(modules);
  for (const m of present) {
    for (const required of m.requires ?? []) {
      if (present.has(required)) continue;
      problems.push(firstAt.has(required.name) ? requirementCopied(m.name, required.name) : requirementMissing(m.name, required.name));
    }
  }
  return problems.concat(cycles(modules));
}

/**
 * The list as it will register, or one error with all its problems. The order is the caller's and stays so: precedence is
 * the order of the list, and a requirement asks for presence, not for a place.
 */
export function orderModules(modules: readonly SimModule[]): readonly SimModule[] {
  const [first, ...rest] = moduleProblems(modules);
  if (first !== undefined) throw wiringProblems([first, ...rest]);
  return Object.freeze([...modules]);
}

/** Depth first; each module is entered once, so each cycle is told once, by the path that closed it. */
function cycles(modules: readonly SimModule[]): WiringError[] {
  const found: WiringError[] = [];
  const left = new Set<SimModule>();
  const path: SimModule[] = [];
  const visit = (m: SimModule): void => {
    const start = path.indexOf(m);
    if (start >= 0) {
      found.push(requirementCycle([...path.slice(start), m].map(step => step.name)));
    } else if (!left.has(m)) {
      path.push(m);
      m.requires?.forEach(visit);
      path.pop();
      left.add(m);
    }
  };
  modules.forEach(visit);
  return found;
}
