import { z } from 'zod';
import { unreadable } from '../errors.js';

/** Files of recorded sequences of the fair class: what the kernel's class was told, and what that left. 64-bit values are decimal strings. */

const int = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).transform(Number);
const cell = z.union([z.string(), z.number(), z.null()]);
const row = z.array(cell).min(1);

const op = z.looseObject({
  t: int,
  cpu: z.number().int().min(0),
  op: z.string(),
  task: z.string().optional(),
  next: z.string().nullish(),
  value: int.optional(),
  dst: z.number().int().optional(),
  group: z.string().optional(),
  pool: int.optional(),
  resched: z.number(),
  ents: z.array(row),
  rqs: z.array(row),
});

const task = z.looseObject({
  id: z.string(),
  nice: z.number().int().min(-20).max(19),
  policy: z.enum(['SCHED_NORMAL', 'SCHED_BATCH', 'SCHED_IDLE']),
  slice_ns: int.nullable(),
  cpu: z.number().int().min(0),
  group: z.string().nullable(),
  start: int,
  loop: z.boolean(),
  script: z.array(z.tuple([z.enum(['run', 'sleep', 'yield', 'nice', 'slice', 'forever', 'exit']), int])),
});

const event = z.looseObject({
  t: int,
  kind: z.enum(['nice', 'slice', 'policy', 'migrate', 'wakemove']),
  task: z.string(),
  value: int,
});

const group = z.looseObject({
  id: z.string(),
  parent: z.string().nullable(),
  shares: z.number().int(),
  quota_ns: int.nullish(),
  period_ns: int.nullish(),
  burst_ns: int.nullish(),
});

const workload = z.looseObject({
  name: z.string(),
  kernel: z.string(),
  hz: z.number().int().positive(),
  tick_ns: int,
  first_tick: int,
  base_slice_ns: int.optional(),
  normalized_base_slice_ns: int.optional(),
  sched_latency_ns: int.optional(),
  min_granularity_ns: int.optional(),
  wakeup_granularity_ns: int.optional(),
  idle_min_granularity_ns: int.optional(),
  features: z.record(z.string(), z.number()),
  t0: int,
  end: int,
  sim_cpus: z.number().int().min(1),
  pelt: z.boolean(),
  cpu_capacity: z.number().int().default(1024),
  groups: z.array(group),
  tasks: z.array(task),
  events: z.array(event),
  switches: z.array(z.tuple([int, z.number().int(), z.string().nullable(), z.string().nullable()])),
  sum_exec: z.record(z.string(), int),
  ops: z.array(op),
});

const sequence = z.looseObject({
  kernel: z.string(),
  family: z.string(),
  ents_columns: z.array(z.string()),
  rqs_columns: z.array(z.string()),
  workloads: z.array(workload),
});

export type Sequence = z.infer<typeof sequence>;
export type Workload = z.infer<typeof workload>;
export type SequenceOp = z.infer<typeof op>;
export type Cell = z.infer<typeof cell>;

/** A parsed file as a sequence. @throws `ConformError` C001 where it is none. */
export function readSequence(path: string, json: unknown): Sequence {
  const read = sequence.safeParse(json);
  if (read.success) return read.data;
  throw unreadable(
    path,
    read.error.issues.slice(0, 3).map(issue => `${issue.path.join('.')}: ${issue.message}`),
  );
}
