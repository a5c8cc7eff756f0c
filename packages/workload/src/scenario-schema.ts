import { TOPOLOGY_NAMES } from '@proxysched/core';
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.js';
import { MAX_CPUS, MAX_TASKS } from './limits.js';
import { TIME } from './schema-issues.js';

/*
 * The scenario format, version 1. Everything that reads, checks or documents the format is derived from what stands here;
 * what one field means beside another (names, ranges between fields) is in `scenario-compiler.ts`.
 */

const time = z
  .string({
    error: issue =>
      typeof issue.input === 'number' ? `${TIME}${wrongTime(String(issue.input))}` : `${TIME}needs a time with its unit, like "10ms"`,
  })
  .regex(DURATION_PATTERN, { error: issue => `${TIME}${wrongTime(String(issue.input))}` })
  .meta({ id: 'time', description: 'A time with its unit: 250us, 10ms, 1.5s.', examples: ['10ms', '250us', '1.5s'] });

function wrongTime(text: string): string {
  const parsed = parseDuration(text);
  return parsed.ok ? 'write it as a number and a unit, like "10ms"' : parsed.why;
}

const drawn = z
  .union([
    time,
    z.strictObject({ uniform: z.tuple([time, time]).meta({ description: 'Any time from the first to the second, drawn by the seed.' }) }),
    z.strictObject({ oneOf: z.array(time).min(1).meta({ description: 'One of these, drawn by the seed.' }) }),
  ])
  .meta({ id: 'drawnTime', description: 'A time, or how to draw one from the seed: once for each place in each task.' });

const name = z.string().min(1).max(200);
const named = name.meta({ id: 'name', description: 'A name; {i} in it is the number of the instance, {i+1}, {i%4} compute with it.' });
const cpus = z
  .array(
    z.union([
      z.int().min(0),
      z.string().regex(/^(\d+-\d+|\{.+\})$/, { error: '"0-3" is a range of CPUs, "{i}" the number of the instance' }),
    ]),
  )
  .min(1)
  .meta({ id: 'cpus', description: 'CPUs a task may execute on: numbers, ranges like "0-3", "{i}" in a task with instances.' });

const nice = z.int().min(-20).max(19);
const prio = z.int().min(1).max(99);
const scalar = z.union([z.number(), z.boolean(), z.string()]);
const policy = z
  .union([
    z.string(),
    z
      .strictObject({
        nice: nice.optional().meta({ description: 'The fair class (SCHED_OTHER).' }),
        batch: nice.optional().meta({ description: 'SCHED_BATCH with this nice value.' }),
        idle: z.literal(true).optional().meta({ description: 'SCHED_IDLE.' }),
        slice: time.optional().meta({ description: 'Custom slice of a fair task, 0.1ms to 100ms.' }),
        fifo: prio.optional().meta({ description: 'SCHED_FIFO; 99 is the most urgent.' }),
        rr: prio.optional().meta({ description: 'SCHED_RR; 99 is the most urgent.' }),
        deadline: z
          .strictObject({
            runtime: time,
            deadline: time.optional(),
            period: time,
            reclaim: z.boolean().optional().meta({ description: 'It may use what others leave (GRUB).' }),
            overrun: z.boolean().optional().meta({ description: 'Each end of its budget while it still runs is marked and counted.' }),
          })
          .optional()
          .meta({ description: 'SCHED_DEADLINE.' }),
        custom: name.optional().meta({ description: 'A class of a plug-in, by name.' }),
        params: z.record(z.string(), scalar).optional().meta({ description: 'Parameters of a custom class.' }),
      })
      .meta({ minProperties: 1 }),
  ])
  .meta({
    id: 'policy',
    description: 'What the task asks of the scheduler: "nice -5", "batch", "idle", "fifo 30", "rr 20", "deadline 3ms/10ms", or an object.',
    examples: ['nice -5', 'fifo 30', 'deadline 3ms/10ms'],
  });

export type PolicyInput = z.infer<typeof policy>;
export type DrawnTime = z.infer<typeof drawn>;

/** One operation of a program; exactly one member is there. */
export interface StepObject {
  run?: DrawnTime | undefined;
  busy?: DrawnTime | undefined;
  sleep?: DrawnTime | undefined;
  period?: DrawnTime | { every: DrawnTime; timer?: string | undefined; mode?: 'absolute' | 'relative' | undefined } | undefined;
  lock?: string | undefined;
  readLock?: string | undefined;
  lockIo?: string | undefined;
  unlock?: string | undefined;
  wait?: { cond: string; mutex: string } | undefined;
  signal?: string | undefined;
  broadcast?: string | undefined;
  barrier?: string | undefined;
  post?: string | undefined;
  await?: string | undefined;
  transaction?: Step[] | undefined;
  try?:
    | {
        lock: string;
        interruptible?: true | undefined;
        timeout?: DrawnTime | undefined;
        wait?: false | undefined;
        do: Step[];
        else?: Step[] | undefined;
      }
    | undefined;
  lockAll?: { mutexes: string[]; order?: 'listed' | 'drawn' | undefined; some?: number | undefined; do: Step[] } | undefined;
  kill?: string | undefined;
  repeat?: { times: number | 'forever'; do: Step[] } | undefined;
  setPolicy?: PolicyInput | undefined;
  setCpus?: (string | number)[] | undefined;
  setGroup?: string | undefined;
  fork?: string | undefined;
}
export type Step = 'yield' | 'exit' | StepObject;

const steps = (): z.ZodType<Step[]> => z.lazy(() => z.array(step));

const stepObject = z
  .strictObject({
    run: drawn.optional().meta({ description: 'Work: this much time on a CPU.' }),
    busy: drawn.optional().meta({ description: 'Work until this much time has passed, preempted or not.' }),
    sleep: drawn.optional().meta({ description: 'Sleep this long from now.' }),
    period: z
      .union([
        drawn,
        z.strictObject({
          every: drawn,
          timer: named.optional().meta({ description: "Shared with all who name it; without a name it is the task's own." }),
          mode: z.enum(['absolute', 'relative']).optional().meta({ description: 'relative forgets a release that was missed.' }),
        }),
      ])
      .optional()
      .meta({ description: 'Wait for the next release: the last one plus this much. Ends the job.' }),
    lock: named.optional().meta({ description: 'Take a mutex.' }),
    lockIo: named.optional().meta({ description: 'Take a mutex; waiting for it off the queue counts as waiting for I/O.' }),
    readLock: named.optional().meta({ description: 'Take a reader/writer semaphore to read; "lock" takes it to write.' }),
    unlock: named.optional().meta({ description: 'Release a mutex.' }),
    wait: z
      .strictObject({ cond: named, mutex: named })
      .optional()
      .meta({ description: 'Release the mutex, wait for the condition, take the mutex again.' }),
    signal: named.optional().meta({ description: 'Wake one who waits on the condition.' }),
    broadcast: named.optional().meta({ description: 'Wake all who wait on the condition.' }),
    barrier: named.optional().meta({ description: 'Wait until all have come.' }),
    post: named.optional().meta({ description: 'Add one to a semaphore.' }),
    await: named.optional().meta({ description: 'Take one from a semaphore, waiting for it if need be.' }),
    transaction: steps().optional().meta({
      description: 'Steps in one acquire context: told to back off, it releases what it holds and begins them again, as old as before.',
    }),
    try: z
      .strictObject({
        lock: named,
        interruptible: z.literal(true).optional().meta({ description: 'A signal ends the wait.' }),
        timeout: drawn.optional().meta({ description: 'The longest time to wait.' }),
        wait: z.literal(false).optional().meta({ description: 'Only if it can be had at once (trylock).' }),
        do: steps().meta({ description: 'With the mutex held; they release it.' }),
        else: steps().optional().meta({ description: 'Without it.' }),
      })
      .optional()
      .meta({ description: 'Take a mutex unless a signal comes, the time is over, it would have to wait, or it is told to back off.' }),
    lockAll: z
      .strictObject({
        mutexes: z.array(name).min(1).meta({ description: 'Names; "M{0..7}" is eight of them.' }),
        order: z
          .enum(['listed', 'drawn'])
          .optional()
          .meta({ description: 'In which they are taken; drawn: by the seed, once for each place in each task.' }),
        some: z.int().min(1).optional().meta({ description: 'Only so many of them, drawn by the seed.' }),
        do: steps().meta({ description: 'With all of them held.' }),
      })
      .optional()
      .meta({ description: 'Take several mutexes one after another, and release them after the steps, the last first.' }),
    kill: named.optional().meta({ description: 'Send a task a signal: it ends a wait that is interruptible, now or later.' }),
    repeat: z
      .strictObject({ times: z.union([z.int().min(0).max(2_147_483_647), z.literal('forever')]), do: steps() })
      .optional()
      .meta({ description: 'The steps under "do", so many times.' }),
    setPolicy: policy.optional().meta({ description: 'Ask for another policy from here on.' }),
    setCpus: cpus.optional().meta({ description: 'Other CPUs from here on.' }),
    setGroup: named.optional().meta({ description: 'Move to another group.' }),
    fork: named.optional().meta({ description: 'Start a task that has "template: true".' }),
  })
  .superRefine((value, ctx) => {
    const found = Object.keys(value);
    if (found.length !== 1)
      ctx.addIssue({ code: 'custom', message: 'a step does one thing', params: { steps: { found, all: STEP_NAMES } } });
  })
  .meta({ minProperties: 1, maxProperties: 1 });

const step: z.ZodType<Step> = z.union([z.enum(['yield', 'exit']), stepObject]).meta({ id: 'step', description: 'One operation.' });

const STEP_NAMES = Object.keys(stepObject.shape);

const task = z
  .strictObject({
    name: named.meta({
      description: 'At most 15 characters without spaces, each name once. With instances, {i} is the number; without it "-{i}" is added.',
    }),
    policy: policy.optional().meta({ description: 'Without it: nice 0.' }),
    start: drawn.optional().meta({ description: 'First release; without it at once.' }),
    cpus: cpus.optional(),
    cpu: z
      .union([z.int().min(0), z.string().regex(/^\{.+\}$/)])
      .optional()
      .meta({ description: 'The CPU it starts on; without it the class chooses.' }),
    group: named.optional().meta({ description: 'Without it: the root.' }),
    deadline: time.optional().meta({ description: 'Of every job, from its release; without it the period.' }),
    instances: z.int().min(1).max(MAX_TASKS).optional().meta({ description: 'So many tasks of this kind.' }),
    template: z.literal(true).optional().meta({ description: 'Not started by itself, only by "fork".' }),
    program: z.array(step),
  })
  .meta({ id: 'task' });

const parts = z.int().min(1).max(MAX_CPUS);
const topology = z
  .union([
    z.string().meta({ description: `A machine by name: ${TOPOLOGY_NAMES.join(', ')}.` }),
    z.strictObject({
      sockets: parts.optional().meta({ description: 'Without it: 1.' }),
      cores: parts.meta({ description: 'Of each socket.' }),
      threads: parts.optional().meta({ description: 'SMT threads of each core. Without it: 1.' }),
      llc: parts.optional().meta({ description: 'Cores under one last-level cache. Without it: all of a node.' }),
      cluster: parts.optional().meta({ description: 'Cores that share a cache below that one. Without it: none.' }),
      capacities: z
        .array(z.int().min(1).max(1024))
        .min(1)
        .optional()
        .meta({ description: 'Of each core of a socket, 1024 = the biggest. Without it: 1024 all.' }),
      distances: z
        .array(z.array(z.int().min(10).max(255)).min(1))
        .min(1)
        .optional()
        .meta({ description: 'From NUMA node to node, 10 to itself. Without it: a node for each socket, 20 apart.' }),
      reclaimDistance: z.int().min(10).max(255).optional().meta({ description: 'Beyond it no new task is placed. Without it: 30.' }),
    }),
  ])
  .meta({ id: 'topology', description: 'What the CPUs are and share. Without it: equal cores under one cache.' });

const machine = z
  .strictObject({
    cpus: z.int().min(1).max(MAX_CPUS).optional().meta({ description: 'Without it: those of the topology, or 1.' }),
    topology: topology.optional(),
    hz: z
      .union([z.int().min(1).max(1_000_000), z.literal('exact')])
      .optional()
      .meta({ description: 'Ticks per second, or "exact" timers. Without it: exact.' }),
    hrtick: z.boolean().optional().meta({ description: 'With a tick: a timer of its own for the end of each slice.' }),
    tickPhase: time.optional().meta({ description: 'Instant of the first tick.' }),
    costs: z
      .strictObject({
        contextSwitch: time.optional(),
        preemption: time.optional(),
        schedule: time.optional(),
        mark: time.optional(),
        lockOp: time.optional(),
        sysCall: time.optional(),
        sysReturn: time.optional(),
        lockReturn: time.optional(),
        overrun: time.optional(),
        wakeUp: time.optional(),
        timer: time.optional(),
        tick: time.optional(),
        migration: time.optional(),
      })
      .optional()
      .meta({ description: 'What the machine spends on itself, per occurrence. Without it: nothing.' }),
    gaps: z
      .strictObject({
        migration: time.optional().meta({ description: 'A task that is moved is on no queue this long.' }),
        wakeUp: time.optional().meta({ description: 'From the beginning of a wake-up until the task wakes.' }),
        wakeIpi: time.optional().meta({ description: 'A wake-up for another CPU is handled there after this long.' }),
        handOff: time.optional().meta({ description: 'A mutex has been handed over, and its new owner is not being woken yet.' }),
        ownerless: time.optional().meta({ description: 'A mutex is free, and nobody has looked yet who waits for it.' }),
        block: time.optional().meta({ description: 'A waiter refers to its lock and has not entered the scheduler: it can be preempted.' }),
        walk: time.optional().meta({ description: 'From what a chain walk finds until it acts on that; it looks again first.' }),
        park: time.optional().meta({ description: 'An owner is awake, and those parked on it are not back yet.' }),
        balance: time.optional().meta({ description: 'A CPU has looked at others before its pick, and has not picked yet.' }),
      })
      .optional()
      .meta({ description: 'Race windows with a width. Without it: none has any.' }),
  })
  .meta({ id: 'machine' });

const generation = z.union([z.string(), z.number()]).meta({ description: 'A generation of proxy execution, "off" included.' });

export const scenarioSchema = z
  .strictObject({
    version: z.literal(1),
    name: name.optional(),
    about: z.string().max(2000).optional(),
    seed: z.int().min(0).optional().meta({ description: 'Without it: 1.' }),
    until: time.meta({ description: 'The run ends here, at the latest.' }),
    proxy: z.union([z.string(), z.number(), z.boolean()]).optional().meta({ description: 'Generation of proxy execution, or "off".' }),
    machine: machine.optional(),
    options: z.record(z.string(), scalar).optional().meta({ description: 'Dials of plug-ins: fair.slice: 3ms.' }),
    groups: z
      .array(
        z.strictObject({
          name: named,
          weight: z.int().min(2).max(262_144).optional(),
          parent: name.optional(),
          quota: time.optional().meta({ description: 'CPU time in each period, all CPUs together (cpu.max); at least 1ms.' }),
          period: time.optional().meta({ description: 'With a quota: 1ms to 1s; without it 100ms.' }),
          burst: time.optional().meta({ description: 'With a quota: what may be saved up over periods, at most the quota.' }),
        }),
      )
      .optional()
      .meta({ description: 'CPU-controller groups; weight 1024 is cpu.weight 100. A parent stands before its children.' }),
    mutexes: z
      .array(
        z.union([
          name,
          z.strictObject({
            name,
            kind: name.optional().meta({ description: 'mutex, rwsem, wound-wait, wait-die, or a kind that a plug-in brings.' }),
          }),
        ]),
      )
      .optional()
      .meta({ description: 'When given, every mutex has to be listed. "M{0..7}" is eight of them.' }),
    conditions: z.array(name).optional().meta({ description: 'When given, every condition has to be listed.' }),
    barriers: z
      .array(z.strictObject({ name, count: z.int().min(1) }))
      .optional()
      .meta({ description: 'Without it a barrier waits for all tasks that use it.' }),
    semaphores: z
      .array(z.strictObject({ name, initial: z.int().min(0) }))
      .optional()
      .meta({ description: 'Without it a semaphore begins at 0.' }),
    tasks: z.array(task).min(1),
    outside: z
      .array(
        z.strictObject({
          at: time,
          tasks: name.optional().meta({ description: 'A task, or with "*" all whose names fit.' }),
          setCpus: cpus.optional().meta({ description: 'They may execute on these from then on.' }),
          setPolicy: policy.optional().meta({ description: 'They have this policy from then on.' }),
          setGroup: name.optional().meta({ description: 'They are in this group from then on.' }),
          kill: z.literal(true).optional().meta({ description: 'They are sent a signal.' }),
          unplug: z.int().min(0).optional().meta({ description: 'This CPU is taken out of the machine.' }),
          plug: z.int().min(0).optional().meta({ description: 'This CPU is put back.' }),
        }),
      )
      .optional()
      .meta({ description: 'What is done to tasks and CPUs from outside, by nobody who is simulated.' }),
    expect: z
      .array(
        z.union([
          z.string(),
          z.strictObject({
            that: z.string(),
            under: z
              .array(generation)
              .min(1)
              .optional()
              .meta({ description: 'Generations of proxy execution of which it is claimed; without it all.' }),
            except: z.array(generation).min(1).optional().meta({ description: 'Generations of which it is not claimed.' }),
          }),
        ]),
      )
      .optional()
      .meta({
        description:
          'What must hold at the end: "high.response.max < 10ms", "udev*.misses == 0", "mostRepicks > 50", "outcome == finished".',
      }),
  })
  .meta({ title: 'proxysched scenario', description: 'One experiment: machine, tasks and what they do. See docs/scenario-format.md.' });

export type ScenarioInput = z.infer<typeof scenarioSchema>;
export type TaskInput = z.infer<typeof task>;
export type GroupInput = NonNullable<ScenarioInput['groups']>[number];

/** The fields of the object at a path; for suggestions. */
export function fieldsAt(path: readonly PropertyKey[]): readonly string[] {
  let at: z.core.$ZodType = scenarioSchema;
  for (const key of path) at = child(at, key) ?? z.never();
  return fieldsOf(at);
}

function child(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  for (const s of bare(schema)) {
    if (s instanceof z.ZodArray && typeof key === 'number') return s.element;
    const shape = s instanceof z.ZodObject ? (s.shape as Record<PropertyKey, z.core.$ZodType>) : {};
    if (Object.hasOwn(shape, key)) return shape[key];
  }
  return undefined;
}

const fieldsOf = (schema: z.core.$ZodType): string[] => bare(schema).flatMap(s => (s instanceof z.ZodObject ? Object.keys(s.shape) : []));

/** A schema without its wrappings; a union is its branches. */
function bare(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return bare(schema.unwrap());
  if (schema instanceof z.ZodLazy) return bare(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(bare);
  return [schema];
}
