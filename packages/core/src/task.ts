import type { AcquireContext } from './acquire-context.js';
import type { CpuSet } from './cpu-set.js';
import type { Timer } from './event-queue.js';
import type { LockError } from './lock-rules.js';
import type { Mutex } from './mutex.js';
import type { Policy } from './policy.js';
import type { Program } from './program.js';
import type { RunQueue } from './run-queue.js';
import type { SchedClass } from './sched-class.js';
import type { TaskGroup } from './task-group.js';
import type { CpuId, Nanos, Pid } from './types.js';

/** Private to a class; the only thing everyone may know is whose it is. */
export interface SchedEntity {
  readonly owner: Task;
}

/** What is picked, compared and charged. */
export interface SchedContext {
  cls: SchedClass;
  entity: SchedEntity;
  /** The policy it was given; inheritance leaves it alone. */
  policy: Policy;
  /** Kernel priority in force: that of the policy, or a better one inherited (`kernelPrio`). The class follows from it. */
  prio: number;
  group: TaskGroup;
}

/** What really runs. */
export interface ExecContext {
  program: Program;
  pc: number;
  /** Time left in the current operation: its cost first, then its work. */
  opLeft: Nanos;
  /** How far the current operation has come. */
  phase: OpPhase;
  /** End of a `runFor` in hand, or of the patience of a `lock`. */
  until: Nanos;
  /** Times each `jump` of the program has been taken since it last fell through. */
  readonly jumps: Int32Array;
  /** Overhead (switch, migration) to be spent before any work. */
  stall: Nanos;
  /** The CPUs that it was given; those of them that are there. The second binds execution, never selection; it may be empty while it sleeps. */
  cpusAsked: CpuSet;
  cpusAllowed: CpuSet;
  /** Total time executed, in whoever's name. */
  ran: Nanos;
  /** Of that, spent spinning for locks. */
  spun: Nanos;
  /** Mutexes held. */
  held: number;
  /** For wait/wound mutexes; `null` until it first begins one. */
  context: AcquireContext | null;
  /** A signal has been sent and has interrupted nothing yet. */
  signalPending: boolean;
  /** How the wait in hand ends at `refusedAt` if it still lasts: a deadlock policy said so. */
  refusal: LockError | null;
  refusedAt: Nanos;
  /** The `lock` that began its section: before it nothing was held. And whether it stood in an acquire context then. */
  section: number;
  sectionInContext: boolean;
  /** Refused without a way out it gives back what it holds, then waits for what it was refused. */
  undo: 'no' | 'release' | 'wait';
}

/**
 * `begin`: not looked at yet. `mark`: the workload is noting that it comes. `cost`: its price is being paid. `work`: it runs.
 * `spin`: it spins for a mutex. `slow`: it was kept from spinning and is about to wait in line. `block`: it is in line and about to
 * enter the scheduler (`Gaps.block`). `retry`: it waits in the line.
 */
export type OpPhase = 'begin' | 'mark' | 'cost' | 'work' | 'spin' | 'slow' | 'block' | 'retry';

/**
 * `new` → `running` (able to run or running) ⇄ `sleeping` (a wait without an owner) or `blocked` (a wait for a lock);
 * `waking` between a wake-up and its queue; `dead` for ever.
 */
export type TaskState = 'new' | 'running' | 'waking' | 'sleeping' | 'blocked' | 'dead';

/**
 * A task is two things: a scheduling context that is picked and charged, an execution context that runs. Everything else
 * here is where it is and what it waits for (`proxy-execution.md` 4.1, in camelCase).
 */
export class Task {
  state: TaskState = 'new';
  /** `queued` does not mean able to run. */
  onRq: 'no' | 'queued' | 'migrating' = 'no';
  /** Whose queue holds (or last held) the scheduling context. */
  cpu: CpuId;
  /** Home: where it may legally execute. `cpu !== wakeCpu` says "is away" (proxy migration leaves it alone). */
  wakeCpu: CpuId;
  /** The scheduler decided that it blocks; set for every block, cleared when a wake-up completes. */
  isBlocked = false;
  /** What it waits for. Alone it does not make a task blocked: it may be awake and retrying. */
  blockedOn: Mutex | null = null;
  /** For whom it runs, one link up the chain. Written by a walk, meaningful until that CPU schedules again. */
  blockedDonor: Task | null = null;
  /** Asleep, yet still queued by its class (delayed dequeue). */
  schedDelayed = false;
  /** Somebody has decided to wake it, or has begun to, and is not through (`MachineSpec.gaps`). */
  wakePending = false;
  /** What it waits for now is I/O (`lockIo`); the CPU that counts it while it is off the queue for that. */
  inIowait = false;
  ioWaitsOn: RunQueue | null = null;
  /** Stamp of the last chain walk that came by. */
  walkStamp = 0;
  /** Neighbours in a mutex's wait list; `mutex.ts` alone writes them. */
  waitPrev: Task | null = null;
  waitNext: Task | null = null;
  /** The mutex in whose wait list it stands, from queueing until it has the lock. */
  waitsIn: Mutex | null = null;
  /** The mutex it spins for, and its neighbours in that queue; the owner it watches, and its neighbours there; who watches it. */
  spinsOn: Mutex | null = null;
  osqPrev: Task | null = null;
  osqNext: Task | null = null;
  watches: Task | null = null;
  watchPrev: Task | null = null;
  watchNext: Task | null = null;
  watchedBy: Task | null = null;
  /** Whose rank it has inherited, `null`: nobody's. `Machine.inherit` alone writes it. */
  inherits: SchedContext | null = null;
  /** Its entity in the class of its policy, while an inherited rank keeps it in a higher class. */
  ownEntity: SchedEntity | null = null;
  /** Starts it, ends its sleeps; the idle tasks have none. */
  readonly wakeTimer: Timer | null;
  /** Since when it stands in line. */
  waitsSince: Nanos = 0;
  /** Number of its last block on a lock, among all of the machine: of a cycle the largest closed it. */
  blockNr = 0;
  /** `RunQueue.changed` when its pick last led nowhere; kept only for policies that ask. */
  fruitlessAt = -1;
  /** Release of the job in hand, or −1 between jobs. */
  release: Nanos = -1;
  /** Between jobs: release and relative deadline of the next one where a timer gave them, else −1 and 0. */
  nextRelease: Nanos = -1;
  nextDeadline: Nanos = 0;
  /** Absolute deadline of the job in hand, −1: none. A wake-up that begins a job has set it when the class hears of it. */
  jobDeadline: Nanos = -1;
  /** Listeners have heard of the job in hand: they do when the wake-up is complete, the class before. */
  jobTold = true;

  constructor(
    readonly pid: Pid,
    readonly comm: string,
    readonly sched: SchedContext,
    readonly exec: ExecContext,
    /** Relative deadline of its jobs, 0: none given. */
    readonly deadline: Nanos,
    cpu: CpuId,
    makeTimer: ((p: Task) => Timer) | null,
  ) {
    this.cpu = cpu;
    this.wakeCpu = cpu;
    this.wakeTimer = makeTimer === null ? null : makeTimer(this);
  }

  toString(): string {
    return `${this.comm}/${this.pid}`;
  }
}
