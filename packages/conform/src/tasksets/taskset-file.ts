import { z } from 'zod';
import { unreadable } from '../errors.js';

/** `taskset/1`: one small scenario with a result that comes from elsewhere. Times are in the file's own unit. */

const time = z.number().nonnegative();

const op = z.union([
  z.strictObject({ run: time }),
  z.strictObject({ lock: z.string() }),
  z.strictObject({ unlock: z.string() }),
  z.strictObject({ block_until: time }),
]);

const task = z.looseObject({
  name: z.string(),
  // periodic
  C: time.optional(),
  T: time.optional(),
  D: time.optional(),
  B: time.optional(),
  J: time.optional(),
  // one job, or the behaviour of each
  release: time.optional(),
  /** 1 is the highest; where the task names a `policy` of Linux, as there. */
  prio: z.number().int().optional(),
  ops: z.array(op).optional(),
  run: z.union([time, z.literal('infinite')]).optional(),
  periodic: z.boolean().optional(),
  // server
  server: z.looseObject({ Q: time, T: time, D: time.optional() }).optional(),
  arrivals: z.array(z.strictObject({ t: time, work: time })).optional(),
  // deadline task
  runtime: time.optional(),
  period: time.optional(),
  deadline: time.optional(),
  cpu: z.number().int().nonnegative().optional(),
  policy: z.string().optional(),
  /** Jobs that must end before it begins. */
  after: z.array(z.string()).optional(),
  // share
  weight: z.number().positive().optional(),
  join: time.optional(),
  request: time.optional(),
});

const file = z.looseObject({
  schema: z.literal('taskset/1'),
  id: z.string(),
  time_unit: z.string().default('abstract'),
  platform: z.looseObject({ cpus: z.number().int().positive().default(1), tick_ms: z.number().positive().optional() }),
  policy: z.string().default(''),
  tie_break: z.string().optional(),
  wake_rule: z.string().optional(),
  tasks: z.array(task).min(1),
  expect: z.record(z.string(), z.unknown()),
});

export type TasksetOp = z.infer<typeof op>;
export type TasksetTask = z.infer<typeof task>;
export type TasksetFile = z.infer<typeof file>;

/** Throws `ConformError` (C001) with every place that is not as the schema says. */
export function readTaskset(path: string, json: unknown): TasksetFile {
  const read = file.safeParse(json);
  if (read.success) return read.data;
  throw unreadable(
    path,
    read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`),
  );
}
