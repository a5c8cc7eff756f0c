import { z } from 'zod';
import { MAX_CPUS, MAX_TASKS } from './limits.js';
import { TASK_SET_FORMAT } from './task-set-format.js';

const ns = z.int().min(0);
const positive = z.int().min(1);

/** A step of a job: run so long, take or release a mutex. */
const step = z.union([z.tuple([z.literal('run'), ns]), z.tuple([z.enum(['lock', 'unlock']), z.string().min(1)])]);

const task = z.object({
  id: z.int().min(0),
  name: z.string().min(1),
  period: positive,
  /** Relative. */
  deadline: positive,
  wcet: positive,
  offset: ns.default(0),
  /** 1 is the most important. */
  priority: positive,
  /** Its partition. */
  cpu: z.int().min(0).default(0),
  /** Absent: it runs. */
  body: z.array(step).optional(),
});

/** Periodic tasks with implicit loops: what simulators of real-time theory take. Integer nanoseconds. */
export const taskSetSchema = z.object({
  format: z.literal(TASK_SET_FORMAT),
  name: z.string().default('taskset'),
  notes: z.string().default(''),
  cpus: z.int().min(1).max(MAX_CPUS),
  horizon: positive,
  resources: z.array(z.object({ name: z.string().min(1) })).default([]),
  tasks: z.array(task).min(1).max(MAX_TASKS),
});

export type TaskSet = z.infer<typeof taskSetSchema>;
export type PeriodicTask = TaskSet['tasks'][number];
