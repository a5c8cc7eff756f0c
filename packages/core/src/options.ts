import type { OptionValue } from './scenario.js';

/** One dial of a plug-in: its default (which fixes its type) and a line or two on what it buys. */
export interface OptionSpec {
  readonly default: OptionValue;
  readonly about: string;
  /** Allowed values of a choice. */
  readonly values?: readonly string[];
}

/** The one list of a package's dials, by full name (`fair.runToParity`). Types, defaults and help are derived from it. */
export type OptionList = Readonly<Record<string, OptionSpec>>;

type Widen<T> = T extends boolean ? boolean : T extends number ? number : string;

/** The values of a list, as its package reads them when a simulation is built. */
export type OptionValues<L extends OptionList> = { readonly [K in keyof L]: Widen<L[K]['default']> };

/** Values of `list`: what `given` says, defaults for the rest. Names and types were checked when the simulation was wired. */
export function readOptions<const L extends OptionList>(list: L, given: Readonly<Record<string, OptionValue>>): OptionValues<L> {
  const values: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(list)) values[name] = given[name] ?? spec.default;
  return values as OptionValues<L>;
}
