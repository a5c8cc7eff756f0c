import type { z } from 'zod';
import * as errors from './errors.js';
import type { Report } from './report.js';
import { nearest, reportIssues, type Issue, type KnownFields } from './schema-issues.js';
import { headSpan, type Node } from './tree.js';

export type Path = readonly PropertyKey[];

/** Takes what is wrong at a path out of a plain value, or puts something harmless in its place. */
export type Mend = (plain: unknown, issue: Issue | { readonly path: Path }) => void;

/** zod keeps back what it finds on a second look only at what passed the first; more looks than these nothing needs. */
const LOOKS = 4;

/**
 * What a schema makes of a tree, and of its plain value. What it refuses is reported and mended, as is what was found
 * `wrong` before, so that the rest can be compiled and everything is said at once. Items keep their numbers, so a path in
 * the result is one in the tree. Null: past mending, or enough has been said.
 */
export function parseMended<T>(
  schema: z.ZodType<T>,
  { root, plain }: { readonly root: Node; readonly plain: unknown },
  { known, mend, wrong = [] }: { readonly known: KnownFields; readonly mend: Mend; readonly wrong?: readonly Path[] },
  report: Report,
): T | null {
  for (let look = 0; look < LOOKS; look++) {
    const parsed = parse(schema, plain);
    if (parsed === null) report.add(errors.allWrong(), headSpan(root));
    if (parsed === null) return null;
    const issues = nearest(parsed.error?.issues ?? []);
    if (parsed.success && (look > 0 || wrong.length === 0)) return parsed.data;
    reportIssues(issues, root, known, report);
    if (report.full) return null;
    for (const issue of issues) mend(plain, issue);
    if (look === 0) for (const path of wrong) mend(plain, { path });
  }
  return null;
}

/** Null: zod puts the issues of a list on the stack, and a hundred thousand do not fit. */
function parse<T>(schema: z.ZodType<T>, plain: unknown): z.ZodSafeParseResult<T> | null {
  try {
    return schema.safeParse(plain);
  } catch (e) {
    if (e instanceof RangeError) return null;
    throw e;
  }
}

export function valueAt(plain: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), plain);
}

/** Sets what is at a path, or with `undefined` removes it; a path that leads nowhere is left alone. */
export function put(plain: unknown, path: Path, value: unknown): void {
  const holder = valueAt(plain, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof holder !== 'object' || holder === null || key === undefined) return;
  if (value === undefined) Reflect.deleteProperty(holder, key);
  else Reflect.set(holder, key, value);
}
