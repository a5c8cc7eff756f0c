import type { Kernel, MoveReason } from './kernel.js';
import type { DeadlockAction } from './deadlock-policy.js';
import type { HotplugChange } from './hotplug.js';
import type { LockError, ReleaseKind } from './lock-rules.js';
import type { Mutex } from './mutex.js';
import type { ChainOutcome } from './proxy-resolver.js';
import type { SimResult } from './sim-result.js';
import type { Task } from './task.js';
import type { CpuId, Nanos } from './types.js';
import type { BackOffReason } from './wait-wound.js';

/**
 * Listens to a run: direct calls with references and numbers, in causal order. A sink copies what it keeps and changes
 * nothing. Every method may be left out. Names follow the kernel's tracepoints.
 */
export interface TraceSink {
  /** The machine is built, nothing has happened. */
  begin?(kernel: Kernel): void;
  /** A scheduling pass begins on `cpu`; it takes no time, and what it does comes between this and its `schedExit`. */
  schedEntry?(now: Nanos, cpu: CpuId): void;
  /** The pass is over; `switched`: another task runs now. */
  schedExit?(now: Nanos, cpu: CpuId, switched: boolean): void;
  /**
   * CPU `cpu` runs `next` in the name of `donor`. Fires when either changes, so `prev` may equal `next`. `preempted`:
   * `prev` could have gone on. `prev.state` tells the rest.
   */
  schedSwitch?(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task, preempted: boolean): void;
  /** One scheduling pass on `cpu` had to pick `repicks` > 0 times again. */
  schedRepick?(now: Nanos, cpu: CpuId, repicks: number): void;
  /** `p` is woken by `waker` (`null`: a timer); `fork`: it is a new task. */
  schedWaking?(now: Nanos, p: Task, waker: Task | null, fork: boolean): void;
  /** `p` is able to run, on the queue of `p.cpu`. */
  schedWakeup?(now: Nanos, p: Task): void;
  schedMigrate?(now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void;
  /** `p`, running, asks for `m`. */
  mutexRequest?(now: Nanos, p: Task, m: Mutex): void;
  /** `p` begins to burn its CPU's time for `m` (`on`), or stops: what comes of it follows. */
  mutexSpin?(now: Nanos, p: Task, m: Mutex, on: boolean): void;
  /** `p` waits for `m` from now on; `p.blockedOn` is `m`. Again after each round that a thief won. */
  mutexBlocked?(now: Nanos, p: Task, m: Mutex): void;
  /** `p` has `m`. `stolen`: past waiters. `waited`: it had to block. */
  mutexAcquired?(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void;
  /** `p` asked for `m` and does not get it. */
  mutexFailed?(now: Nanos, p: Task, m: Mutex, error: LockError): void;
  /** `victim` is to give way to `by` over `m`: it holds it (`wound`) or waits for it (`die`). */
  mutexBackOff?(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void;
  /** `by` released `m`, handing it to `to` or leaving it free; `how` it came to that. */
  mutexReleased?(now: Nanos, m: Mutex, by: Task, to: Task | null, how: ReleaseKind): void;
  proxyOutcome?(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void;
  /** `p`, a waiter, is off its queue until `owner`, which sleeps, comes back. */
  proxyPark?(now: Nanos, p: Task, owner: Task): void;
  /** `owner` woke and `p`, parked on it or on somebody parked on it, is a donor again on the queue of `p.cpu`. */
  proxyUnpark?(now: Nanos, p: Task, owner: Task): void;
  deadlock?(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void;
  /** A job of `p` begins; `release` ≤ now; `deadline` absolute, or −1. */
  jobRelease?(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void;
  jobDone?(now: Nanos, p: Task, release: Nanos): void;
  taskExit?(now: Nanos, p: Task): void;
  /** A class says something in its own words: `throttle`, `replenish`… */
  classMark?(now: Nanos, cpu: CpuId, mark: string, p: Task, value: number): void;
  /** CPU `cpu` goes, comes, or was to go and cannot be spared. */
  cpuHotplug?(now: Nanos, cpu: CpuId, what: HotplugChange): void;
  /** None of the CPUs that `p` was given is there: it may execute anywhere from now on. It was on `cpu`. */
  affinityLost?(now: Nanos, p: Task, cpu: CpuId): void;
  /** `p` counts among those who wait for I/O on `cpu`, or no longer; `count`: all who do now. */
  ioWait?(now: Nanos, p: Task, cpu: CpuId, count: number, waits: boolean): void;
  end?(now: Nanos, result: SimResult): void;
}
