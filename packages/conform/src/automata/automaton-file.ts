import { z } from 'zod';
import { unreadable } from '../errors.js';

/** `rv-automaton/1`: one rule about schedulers as an automaton, with sequences that it accepts and rejects. */

const element = z.union([
  z.string(),
  z.looseObject({ event: z.string(), t: z.number().optional(), env: z.record(z.string(), z.number()).optional() }),
]);

const transition = z.looseObject({
  from: z.string(),
  event: z.string(),
  to: z.string(),
  /** `is_defer == 1 || …` over `environment`. */
  guard: z.string().optional(),
  /** Clocks set to 0. */
  reset: z.array(z.string()).optional(),
});

const invariant = z.looseObject({
  state: z.string(),
  clock: z.string(),
  op: z.enum(['<', '<=']),
  bound: z.union([z.string(), z.number()]),
});

const file = z.looseObject({
  schema: z.literal('rv-automaton/1'),
  name: z.string(),
  type: z.enum(['deterministic', 'hybrid']),
  scope: z.string(),
  states: z.array(z.string()).min(1),
  initial: z.string(),
  final: z.array(z.string()).default([]),
  events: z.array(z.string()),
  transitions: z.array(transition),
  invariants: z.array(invariant).default([]),
  event_sources: z.array(z.looseObject({ event: z.string(), handling: z.enum(['event', 'start', 'start-run']) })).default([]),
  traces: z.object({ accept: z.array(z.array(element)).default([]), reject: z.array(z.array(element)).default([]) }).optional(),
  trace_parameters: z.record(z.string(), z.union([z.number(), z.string()])).default({}),
});

/** Spelt out, so that who uses this package need not have the library that reads the file. */
export type TraceElement =
  string | { readonly event: string; readonly t?: number | undefined; readonly env?: Readonly<Record<string, number>> | undefined };

export interface AutomatonFile {
  readonly name: string;
  readonly type: 'deterministic' | 'hybrid';
  readonly scope: string;
  readonly states: readonly string[];
  readonly initial: string;
  readonly final: readonly string[];
  readonly events: readonly string[];
  readonly transitions: readonly {
    readonly from: string;
    readonly event: string;
    readonly to: string;
    readonly guard?: string | undefined;
    readonly reset?: readonly string[] | undefined;
  }[];
  readonly invariants: readonly {
    readonly state: string;
    readonly clock: string;
    readonly op: '<' | '<=';
    readonly bound: string | number;
  }[];
  readonly event_sources: readonly { readonly event: string; readonly handling: 'event' | 'start' | 'start-run' }[];
  readonly traces?:
    { readonly accept: readonly (readonly TraceElement[])[]; readonly reject: readonly (readonly TraceElement[])[] } | undefined;
  readonly trace_parameters: Readonly<Record<string, number | string>>;
}

/** Throws `ConformError` (C001). */
export function readAutomaton(path: string, json: unknown): AutomatonFile {
  const read = file.safeParse(json);
  if (!read.success)
    throw unreadable(
      path,
      read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`),
    );
  return read.data;
}
