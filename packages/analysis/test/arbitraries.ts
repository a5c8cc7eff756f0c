import * as fc from 'fast-check';

/** Small sets, so that a hyperperiod can be simulated; periods share factors. */
const period = fc.constantFrom(2, 3, 4, 5, 6, 8, 10, 12);

const task = period.chain(T => fc.record({ wcet: fc.integer({ min: 1, max: Math.max(1, Math.floor(T * 0.7)) }), period: fc.constant(T) }));

export const implicitSet = fc.array(task, { minLength: 1, maxLength: 5 });

const anyDeadline = task.chain(t => fc.integer({ min: t.wcet, max: t.period * 2 }).map(deadline => ({ ...t, deadline })));
export const sporadicSet = fc.array(anyDeadline, { minLength: 1, maxLength: 5 });

const shortDeadline = task.chain(t => fc.integer({ min: t.wcet, max: t.period }).map(deadline => ({ ...t, deadline })));
export const constrainedSet = fc.array(shortDeadline, { minLength: 1, maxLength: 5 });

/** Sections of flat lock users of falling priority. */
export const lockUsers = fc
  .array(fc.array(fc.record({ lock: fc.constantFrom('a', 'b', 'c', 'd'), length: fc.integer({ min: 0, max: 9 }) }), { maxLength: 4 }), {
    maxLength: 5,
  })
  .map(rows => rows.map((sections, i) => ({ priority: i + 1, sections })));

export const overload = (tasks: readonly { wcet: number; period: number }[]): boolean => {
  const base = tasks.reduce((product, t) => product * t.period, 1);
  return tasks.reduce((sum, t) => sum + (t.wcet * base) / t.period, 0) > base;
};
