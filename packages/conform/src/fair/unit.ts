import { z } from 'zod';
import type { Tally } from '../tally.js';

/** Single formulas of the fair class and of what balances it. A unit is told by the names of its columns, or of the fields of its cases. */
export interface Unit {
  readonly name: string;
  readonly file: z.ZodType<unknown>;
  judge(file: unknown, tally: Tally): void;
}

export const text = z.union([z.string(), z.number()]).transform(String);
export const num = text.transform(Number);

/** A unit whose cases are rows; `columns` starts with these names. */
export function rows<C extends [z.ZodType, ...z.ZodType[]]>(
  name: string,
  columns: readonly string[],
  cells: C,
  judge: (
    row: z.infer<z.ZodTuple<C>>,
    where: string,
    tally: Tally,
    file: { readonly kernel: string; readonly cpu_capacity?: number | undefined },
  ) => void,
): Unit {
  const file = z.looseObject({
    kernel: z.string(),
    cpu_capacity: z.number().optional(),
    columns: z.array(z.string()).refine(given => columns.every((column, i) => given[i]?.startsWith(column))),
    cases: z.array(z.tuple(cells)),
  });
  return {
    name,
    file,
    judge: (given, tally) => {
      const read = file.parse(given);
      read.cases.forEach((row, i) => judge(row, `${name}, case ${i} (${JSON.stringify(row)})`, tally, read));
    },
  };
}

/** A unit whose cases are objects with these fields. */
export function objects<T extends z.ZodRawShape>(
  name: string,
  shape: T,
  judge: (c: z.infer<z.ZodObject<T>>, where: string, tally: Tally, kernel: string) => void,
): Unit {
  const file = z.looseObject({ kernel: z.string(), cases: z.array(z.looseObject(shape)).min(1) });
  return {
    name,
    file,
    judge: (given, tally) => {
      const { kernel, cases } = file.parse(given);
      cases.forEach((c, i) => judge(c as unknown as z.infer<z.ZodObject<T>>, `${name}, case ${i}`, tally, kernel));
    },
  };
}
