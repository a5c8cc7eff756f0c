import type { Gaps } from './gaps.js';
import type { InstantOrder } from './instant-order.js';
import type { OutsideEvent } from './outside.js';
import type { Policy } from './policy.js';
import type { Program } from './program.js';
import type { BandwidthLimit } from './task-group.js';
import type { TopologySpec } from './topology-spec.js';
import type { Nanos, Weight } from './types.js';

/** What the machine spends on itself, per occurrence; all zero by default. Charged like the time of whoever runs. */
export interface Costs {
  /** From the switch to a task until it does something of its own. */
  readonly contextSwitch: Nanos;
  /** What a preempted task loses of its own work. */
  readonly preemption: Nanos;
  /** From a request for a pick to the pick; whoever is about to be switched out gets nowhere meanwhile, and its donor pays. */
  readonly schedule: Nanos;
  /** A trace mark of the workload itself: before it asks for a mutex or releases one, and at the end of a job of a timer. */
  readonly mark: Nanos;
  /** Taking or releasing a mutex, each; spent before the effect. */
  readonly lockOp: Nanos;
  /** Any other operation that enters the kernel (sleep, yield, signal…); spent before the effect. */
  readonly sysCall: Nanos;
  /** From the effect of an operation that enters the kernel to the next operation. */
  readonly sysReturn: Nanos;
  /** The same after taking a mutex, which has a mark of its own. */
  readonly lockReturn: Nanos;
  /** By how much a piece of work lasts too long: it ends at a look at the clock. */
  readonly overrun: Nanos;
  /** From the instant any timer is due (a sleep's, a slice's, the tick) to what it does. */
  readonly timer: Nanos;
  /** Waking a task: time of whoever wakes it, and before a pick that it causes. */
  readonly wakeUp: Nanos;
  /** What a tick does, before a pick that it asks for. */
  readonly tick: Nanos;
  /** The first work of a task on a CPU it was moved to. */
  readonly migration: Nanos;
}

export const NO_COSTS: Costs = {
  contextSwitch: 0,
  preemption: 0,
  schedule: 0,
  mark: 0,
  lockOp: 0,
  sysCall: 0,
  sysReturn: 0,
  lockReturn: 0,
  overrun: 0,
  timer: 0,
  wakeUp: 0,
  tick: 0,
  migration: 0,
};

export interface MachineSpec {
  /** 1 … 1024. */
  readonly cpus: number;
  /** What they are and share, of as many CPUs. Absent: equal cores under one cache. */
  readonly topology?: TopologySpec;
  /** Periodic tick: slices and budgets are policed on it, so they overrun as on hardware. `null`: exact timers instead. */
  readonly hz: number | null;
  /** With a tick: also a timer of its own for the end of each slice (`HRTICK`). */
  readonly hrtick: boolean;
  /** Instant of the first tick, 0 ≤ phase < one tick. */
  readonly tickPhase: Nanos;
  readonly costs: Costs;
  /** Race windows with a width. Absent: none has any. */
  readonly gaps?: Gaps;
  /** Classes by name in which picks and wake-ups take another time than `costs` says: a pick in that of the donor, a wake-up in the wakee's. */
  readonly classCosts?: Readonly<Record<string, Pick<Costs, 'schedule' | 'wakeUp'>>>;
  /** The CPUs are those of an emulator and take turns (`turns.ts`): what a CPU would do while another executes is late. Absent: all run at once. */
  readonly turns?: TurnsSpec;
  /** Order of what is due at one instant. Absent: that of `ranks.ts`. */
  readonly order?: InstantOrder;
}

/** An emulated machine that executes its CPUs one at a time. */
export interface TurnsSpec {
  /** Its board has one timer more than its CPUs: one that ticked before theirs did and goes on. Nobody listens to it, but it ends rounds. ns; `every` > 0; `null`: none. */
  readonly beat: { readonly first: Nanos; readonly every: Nanos } | null;
}

/** A CPU-controller group; `weight` 1024 is what `cpu.weight` 100 means. Group 0 is the root and always there. */
export interface GroupSpec {
  readonly name: string;
  readonly weight: Weight;
  readonly parent: number;
  /** Absent: no limit. */
  readonly bandwidth?: BandwidthLimit;
}

export interface TaskSpec {
  /** At most 15 characters, unique. */
  readonly comm: string;
  readonly policy: Policy;
  /** Instant of the first release. */
  readonly start: Nanos;
  /** Allowed CPUs; absent: all. */
  readonly cpus?: readonly number[];
  /** Where it starts; absent: the class chooses. */
  readonly cpu?: number;
  /** It starts as a new task does (half a slice to begin with). Absent: it was there before and wakes at `start`. */
  readonly forked?: boolean;
  readonly group: number;
  /** Relative deadline of every job, for misses; absent: the period of the timer that released it, if any. */
  readonly deadline?: Nanos;
  /** Not started by itself, only by `fork`. */
  readonly template?: boolean;
  readonly program: Program;
}

export interface MutexSpec {
  readonly name: string;
  /** Whose rules it follows (`LockRules.kind`); absent: the kernel's mutex. */
  readonly kind?: string;
}

export type OptionValue = number | string | boolean;

/** One experiment, complete: the model's only input beside the plug-ins. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly seed: number;
  /** The run ends here, at the latest. */
  readonly until: Nanos;
  readonly machine: MachineSpec;
  /** Dials of the plug-ins, `package.dial`. */
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly groups: readonly GroupSpec[];
  readonly mutexes: readonly MutexSpec[];
  readonly conditions: readonly { readonly name: string }[];
  readonly barriers: readonly { readonly name: string; readonly count: number }[];
  readonly semaphores: readonly { readonly name: string; readonly initial: number }[];
  readonly timers: readonly { readonly name: string }[];
  readonly tasks: readonly TaskSpec[];
  /** What is done to tasks from outside, in the order of the list where the instant is the same. Absent: nothing. */
  readonly outside?: readonly OutsideEvent[];
}
