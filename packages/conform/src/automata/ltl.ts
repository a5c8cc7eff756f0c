import { z } from 'zod';
import { unreadable } from '../errors.js';

/** A formula of linear temporal logic, as a tree. */
export type Formula =
  | { readonly always: readonly [Formula] }
  | { readonly until: readonly [Formula, Formula] }
  | { readonly implies: readonly [Formula, Formula] }
  | { readonly and: readonly Formula[] }
  | { readonly or: readonly Formula[] }
  | { readonly not: readonly [Formula] }
  | { readonly var: string };

const formula: z.ZodType<Formula> = z.lazy(() =>
  z.union([
    z.strictObject({ always: z.tuple([formula]) }),
    z.strictObject({ until: z.tuple([formula, formula]) }),
    z.strictObject({ implies: z.tuple([formula, formula]) }),
    z.strictObject({ and: z.array(formula) }),
    z.strictObject({ or: z.array(formula) }),
    z.strictObject({ not: z.tuple([formula]) }),
    z.strictObject({ var: z.string() }),
  ]),
);

/** The atoms that hold at one step. */
const step = z.union([z.array(z.string()), z.string().transform(atom => [atom])]);
const file = z.looseObject({
  schema: z.literal('rv-ltl/1'),
  name: z.string(),
  rule: formula,
  definitions: z.record(z.string(), formula).default({}),
  atoms: z.record(z.string(), z.string()).default({}),
  traces: z.object({ accept: z.array(z.array(step)).default([]), reject: z.array(z.array(step)).default([]) }).optional(),
});

export type LtlFile = z.infer<typeof file>;

/** Throws `ConformError` (C001), also for definitions that use themselves. */
export function readLtl(path: string, json: unknown): LtlFile {
  const read = file.safeParse(json);
  if (!read.success)
    throw unreadable(
      path,
      read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`),
    );
  for (const name of Object.keys(read.data.definitions)) {
    if (reaches(read.data.definitions, name, name)) throw unreadable(path, [`definition ${name} uses itself`]);
  }
  return read.data;
}

function reaches(definitions: LtlFile['definitions'], from: string, to: string, seen = new Set<string>()): boolean {
  return namesIn(definitions[from]!).some(name => {
    if (name === to) return true;
    if (seen.has(name) || definitions[name] === undefined) return false;
    seen.add(name);
    return reaches(definitions, name, to, seen);
  });
}

export function namesIn(f: Formula): string[] {
  return 'var' in f ? [f.var] : Object.values(f).flatMap((parts: readonly Formula[]) => parts.flatMap(namesIn));
}

/** The atoms a rule comes down to. */
export function atomsOf({ rule, definitions }: LtlFile): string[] {
  const all = [rule, ...Object.values(definitions)].flatMap(namesIn);
  return [...new Set(all)].filter(name => definitions[name] === undefined);
}

/** What is left to hold from the next step on: decided, or a formula. */
type Rest = boolean | Formula;

/**
 * One instance of a rule: after each step, what the steps to come must satisfy (formula progression; F. Bacchus, F. Kabanza,
 * 1998). `false` is a violation that nothing to come can mend.
 */
export class LtlMonitor {
  private rest: Rest;

  constructor(private readonly file: LtlFile) {
    this.rest = file.rule;
  }

  /** Takes a step in which `atoms` hold, all others do not. False: the rule is violated, here for the first time. */
  step(atoms: ReadonlySet<string>): boolean {
    if (typeof this.rest !== 'boolean') this.rest = this.progress(this.rest, atoms);
    return this.rest !== false;
  }

  private progress(f: Formula, atoms: ReadonlySet<string>): Rest {
    if ('var' in f) {
      const definition = this.file.definitions[f.var];
      return definition === undefined ? atoms.has(f.var) : this.progress(definition, atoms);
    }
    if ('not' in f) return not(this.progress(f.not[0], atoms));
    if ('and' in f) return all(f.and.map(part => this.progress(part, atoms)));
    if ('or' in f) return any(f.or.map(part => this.progress(part, atoms)));
    if ('implies' in f) return any([not(this.progress(f.implies[0], atoms)), this.progress(f.implies[1], atoms)]);
    if ('always' in f) return all([this.progress(f.always[0], atoms), f]);
    const [left, right] = f.until;
    return any([this.progress(right, atoms), all([this.progress(left, atoms), f])]);
  }
}

const not = (f: Rest): Rest => (typeof f === 'boolean' ? !f : { not: [f] });

function all(parts: readonly Rest[]): Rest {
  if (parts.includes(false)) return false;
  return joined(parts, and => ({ and })) ?? true;
}

function any(parts: readonly Rest[]): Rest {
  if (parts.includes(true)) return true;
  return joined(parts, or => ({ or })) ?? false;
}

/** Of the undecided parts, each once: an `always` would grow without end otherwise. `null`: none is undecided. */
function joined(parts: readonly Rest[], join: (parts: Formula[]) => Formula): Formula | null {
  const open = new Map(parts.filter(part => typeof part !== 'boolean').map(part => [JSON.stringify(part), part]));
  const left = [...open.values()];
  return left.length > 1 ? join(left) : (left[0] ?? null);
}
