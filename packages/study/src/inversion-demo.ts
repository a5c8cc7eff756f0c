import { NO_COSTS, type Mutex, type Nanos, type Op, type Scenario, type Task, type TaskSpec, type TraceSink } from '@proxysched/core';
import { generationOptions, linux, type ResolverName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { Samples } from '@proxysched/trace';

const US = 1000;
const MS = 1_000_000;

/** What of the demo is on: another user of the lock, two spinners per CPU, and weights that keep the other user off the CPUs. */
export interface DemoPermutation {
  readonly name: string;
  readonly contention: boolean;
  readonly load: boolean;
  readonly throttled: boolean;
}

/** The seven permutations of priority-inversion-demo (`proxy-execution.md` 19.4). */
export const DEMO_PERMUTATIONS: readonly DemoPermutation[] = [
  { name: 'alone', contention: false, load: false, throttled: false },
  { name: 'contention', contention: true, load: false, throttled: false },
  { name: 'contention-throttled', contention: true, load: false, throttled: true },
  { name: 'load', contention: false, load: true, throttled: false },
  { name: 'load-throttled', contention: false, load: true, throttled: true },
  { name: 'load-contention', contention: true, load: true, throttled: false },
  { name: 'load-contention-throttled', contention: true, load: true, throttled: true },
];

/** The foreground's way through the lock in one run, ns: from asking for it to having let it go, as the demo times a rename. */
export interface DemoFigures {
  readonly permutation: string;
  readonly cpus: number;
  /** `fair.version`: of which kernel the fair class is. */
  readonly fair: string;
  readonly generation: ResolverName;
  readonly count: number;
  readonly mean: Nanos;
  readonly p50: Nanos;
  readonly p99: Nanos;
  readonly p999: Nanos;
  readonly max: Nanos;
}

export interface DemoSetup {
  /** 1 to 1024. */
  readonly cpus: number;
  readonly generation: ResolverName;
  /** A value of `fair.version`; absent: the default. */
  readonly fair?: string;
  /** How long it runs; the published runs took 30 s. */
  readonly length?: Nanos;
}

/** What published runs show (`proxy-execution.md` 20.1): lowest and highest of three kernels without and with an early version, maximum and mean. */
export const PUBLISHED: Readonly<Record<string, { readonly off: PublishedShape; readonly on: PublishedShape }>> = {
  alone: { off: shape(1.92, 13.46, 2.97, 11.77), on: shape(1.21, 5.43, 3.02, 11.7) },
  contention: { off: shape(1.5, 2.06, 6.51, 24.47), on: shape(4.45, 6.48, 6.38, 25.62) },
  'contention-throttled': { off: shape(1.89, 9.17, 6.41, 24.01), on: shape(4.15, 8.01, 4.67, 15.06) },
  load: { off: shape(9.44, 24.11, 5.15, 24.33), on: shape(18.3, 47.61, 5.15, 25.01) },
  'load-throttled': { off: shape(2.99, 4.02, 5.1, 12.06), on: shape(3.24, 8.35, 5.09, 12.29) },
  'load-contention': { off: shape(24.25, 47.28, 10.55, 42.63), on: shape(16.02, 21.09, 9.13, 37.2) },
  'load-contention-throttled': { off: shape(81.64, 149.31, 10.21, 17.51), on: shape(6.13, 8.11, 5.56, 13.27) },
};

/** Of a few kernels: the least and the most. */
export interface PublishedShape {
  readonly maxMs: readonly [number, number];
  readonly meanUs: readonly [number, number];
}

function shape(maxLow: number, maxHigh: number, meanLow: number, meanHigh: number): PublishedShape {
  return { maxMs: [maxLow, maxHigh], meanUs: [meanLow, meanHigh] };
}

/** Runs a permutation. */
export function runInversionDemo(permutation: DemoPermutation, { cpus, generation, fair, length = 4000 * MS }: DemoSetup): DemoFigures {
  const renames = new Renames('foreground');
  const scenario = scenarioOf(permutation, cpus, length, fair === '6.1' ? NICE : WEIGHTS);
  const options = { ...generationOptions(generation), ...(fair === undefined ? {} : { 'fair.version': fair }) };
  const simulation = createSimulation({ ...scenario, options }, linux(generation), [renames]);
  simulation.run();
  const { samples } = renames;
  return {
    permutation: permutation.name,
    cpus,
    fair: String(simulation.options['fair.version']),
    generation,
    count: samples.count,
    mean: Math.round(samples.total / Math.max(1, samples.count)),
    p50: samples.quantile(50, 100),
    p99: samples.quantile(99, 100),
    p999: samples.quantile(999, 1000),
    max: samples.max,
  };
}

/** What keeps a task off the CPUs when the demo is throttled: a group, or a nice value. */
interface Throttling {
  readonly groups: Scenario['groups'];
  readonly busy: Pick<TaskSpec, 'group' | 'policy'>;
  readonly background: Pick<TaskSpec, 'group' | 'policy'>;
}

const NORMAL: TaskSpec['policy'] = { kind: 'normal', nice: 0 };
const ROOT = { name: '/', weight: 1024, parent: 0 };

/** `cpu.weight` 512 for the spinners together and 4 for the background: 128 to 1, and the foreground in the root. */
const WEIGHTS: Throttling = {
  groups: [ROOT, { name: 'medium', weight: 5243, parent: 0 }, { name: 'low', weight: 41, parent: 0 }],
  busy: { group: 1, policy: NORMAL },
  background: { group: 2, policy: NORMAL },
};

/** The same ratios where the fair class knows no groups: 2501 for each of the two spinners on a CPU, 36 for the background, 1024 for the foreground. */
const NICE: Throttling = {
  groups: [ROOT],
  busy: { group: 0, policy: { kind: 'normal', nice: -4 } },
  background: { group: 0, policy: { kind: 'normal', nice: 15 } },
};

function scenarioOf({ name, contention, load, throttled }: DemoPermutation, cpus: number, until: Nanos, by: Throttling): Scenario {
  const user: readonly Op[] = [
    { op: 'lock', mutex: 0 },
    { op: 'run', ns: 3 * US },
    { op: 'unlock', mutex: 0 },
    { op: 'run', ns: 2 * US },
    { op: 'jump', to: 0, times: -1 },
  ];
  const spinner: readonly Op[] = [
    { op: 'run', ns: MS },
    { op: 'jump', to: 0, times: -1 },
  ];
  const own = { group: 0, policy: NORMAL };
  const task = (comm: string, start: Nanos, ops: readonly Op[], context = own): TaskSpec => ({ comm, start, ...context, program: { ops } });
  const spinners = Array.from({ length: load ? 2 * cpus : 0 }, (_, i) =>
    task(`busy${i}`, (1000 + 100 * i) * US, spinner, throttled ? by.busy : own),
  );
  return {
    name,
    about: '',
    seed: 1,
    until,
    machine: {
      cpus,
      hz: 1000,
      hrtick: true,
      tickPhase: 0,
      costs: { ...NO_COSTS, contextSwitch: 1500, lockOp: 100, timer: 700, tick: 1100, wakeUp: 900 },
    },
    options: {},
    groups: by.groups,
    mutexes: [{ name: 'rename' }],
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: [
      task('foreground', 0, user),
      ...(contention ? [task('background', 500 * US, user, throttled ? by.background : own)] : []),
      ...spinners,
    ],
  };
}

/** Times each way of one task through the lock. */
class Renames implements TraceSink {
  readonly samples = new Samples();
  private asked: Nanos = 0;

  constructor(private readonly comm: string) {}

  mutexRequest(now: Nanos, p: Task): void {
    if (p.comm === this.comm) this.asked = now;
  }

  mutexReleased(now: Nanos, _m: Mutex, by: Task): void {
    if (by.comm === this.comm) this.samples.add(now - this.asked, now);
  }
}
