import { z } from 'zod';

const us = z.int().min(0);

const POLICY_NAMES = ['fair', 'batch', 'idle', 'fifo', 'rr', 'dl'] as const;

/** A recording of a real kernel, as far as it says what was run. What came of it (`events`, `repeats`) is not read. */
export const recordingSchema = z.object({
  id: z.string().default('recording'),
  about: z.string().default(''),
  machine: z.object({
    config: z.object({
      proxy_exec: z.boolean().optional(),
      hz: z.int().min(1).max(1_000_000),
      hrtick: z.boolean().default(false),
      cpus: z.int().min(1).max(1024),
      base_slice_ns: z.int().min(1).optional(),
      tick_phase_us: us.default(0),
    }),
  }),
  duration_us: us,
  cgroups: z.array(z.object({ name: z.string(), weight: z.int().min(1).max(10_000) })).default([]),
  tasks: z.array(
    z.object({
      name: z.string().min(1),
      policy: z.enum(POLICY_NAMES),
      nice: z.int().min(-20).max(19).default(0),
      slice_us: us.default(0),
      prio: z.int().min(1).max(99).optional(),
      runtime_us: us.optional(),
      deadline_us: us.optional(),
      period_us: us.optional(),
      cpus: z.array(z.int().min(0)).default([]),
      start_us: us.default(0),
      loops: z.int().min(-1).default(1),
      cgroup: z.string().optional(),
      ops: z.array(z.tuple([z.string(), us])),
    }),
  ),
});

export type Recording = z.infer<typeof recordingSchema>;
