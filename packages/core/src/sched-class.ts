import type { Reach } from './balancer.js';
import type { CpuSet } from './cpu-set.js';
import type { DumpWriter } from './dump-writer.js';
import type { LoadView } from './load-view.js';
import type { PolicyKind } from './policy.js';
import type { RunQueue } from './run-queue.js';
import type { SchedContext, SchedEntity, Task } from './task.js';
import type { CpuId, Nanos } from './types.js';

/**
 * A scheduling class: seven required methods and a name, the rest optional. A class keeps its per-CPU state by `rq.cpu`
 * and its per-task state in the entity; it reads `rq.donor` and never asks who executes, so it knows nothing of proxying:
 * a blocked context is queued, picked and charged like any other.
 */
export interface SchedClass {
  readonly name: string;
  /** Policies it serves. A class that is wired later takes a policy over; a class without any left is dropped. */
  readonly policies: readonly PolicyKind[];

  /** Once per CPU, before anything is queued: make the per-CPU state. */
  init(rq: RunQueue): void;
  /** Once per task that enters the class: make the per-task state from `task.sched.policy`. */
  entity(task: Task): SchedEntity;

  /** `p` joins the queue (`ENQUEUE_*`). The donor, if of this class, has been charged up to now; not so where `p` never left (`ENQUEUE_DELAYED`). */
  enqueueTask(rq: RunQueue, p: Task, flags: number): void;
  /** `p` leaves the queue (`DEQUEUE_*`). Returning `false` keeps a sleeper queued: the class finishes that in `settle`. */
  dequeueTask(rq: RunQueue, p: Task, flags: number): void | false;
  /**
   * Best context queued here, blocked or not, `rq.donor` included; `null`: none that may be picked. Changes nothing. It may be one
   * of a class below, picked through a server.
   */
  pickTask(rq: RunQueue): Task | null;
  /** Charge `rq.donor` for `delta` > 0 ns. Called wherever Linux calls `update_curr`; may call `kernel.resched`. */
  updateCurr(rq: RunQueue, delta: Nanos): void;
  /**
   * Charge `p`, queued here and not the donor, for the `delta` > 0 ns that it ran in another's name: in place of `updateCurr`, where the
   * runner pays (`kernel.charging`). Ticks and `sliceLeft` are for it then, too. Absent: nobody pays.
   */
  updateRunner?(rq: RunQueue, p: Task, delta: Nanos): void;
  /** `p` has just become able to run here and its class equals the donor's: should it be picked instead? */
  wakeupPreempt(rq: RunQueue, p: Task, flags: number): boolean;

  /** Before each pick: finish what was put off (`kernel.finishDelayed`). Absent: nothing is ever put off. */
  settle?(rq: RunQueue): void;
  /** `next` becomes donor. `first`: it was just picked (not put back after a change). Absent: being picked changes nothing. */
  setNextTask?(rq: RunQueue, next: Task, first: boolean): void;
  /**
   * `prev`, already charged, stops being donor; `prev.onRq` tells whether it is still queued. `next` becomes it right after,
   * if that is known; `null`: it is not, or `prev` itself is only put back.
   */
  putPrevTask?(rq: RunQueue, prev: Task, next: Task | null): void;
  /**
   * CPU for a task that wakes (`WAKE_TTWU`), starts (`WAKE_FORK`) or has to leave (neither); must be allowed. `from`: the CPU that carries
   * this out, whose `curr` wakes or forks it; for a timer where it was set. Absent: `prev`, else the first allowed.
   */
  selectTaskRq?(p: Task, prev: CpuId, flags: number, from: CpuId): CpuId;
  /** `p`, on no queue, is assigned to another CPU; `p.cpu` still says where it was. Absent: that changes nothing. */
  migrateTaskRq?(p: Task, to: CpuId): void;
  /** Time until the donor's slice or budget ends; the kernel makes it a timer where it polices exactly. Absent: never. */
  sliceLeft?(rq: RunQueue, donor: Task): Nanos;
  /** The periodic tick, after the donor was charged. Absent: nothing happens on ticks. */
  taskTick?(rq: RunQueue, donor: Task): void;
  /** The high-resolution tick, armed by `sliceLeft` for this donor or, as Linux leaves it armed, for one before. Absent: a pick is asked for. */
  hrtick?(rq: RunQueue, donor: Task): void;
  /** The donor gives way to its equals; a pick follows. Absent: no effect. */
  yieldTask?(rq: RunQueue): void;
  /** `p`, queued here, went straight on to its next job: `p.release` and `p.jobDeadline` are others. Absent: jobs mean nothing. */
  nextJob?(rq: RunQueue, p: Task): void;
  /**
   * One queue for all CPUs: contexts are counted on the CPU they were last on, and `pickTask` may name one of another CPU, able
   * to run and not on that CPU; the kernel brings it here. Absent: a queue per CPU.
   */
  readonly shared?: boolean;
  /** `p`, on no queue, has got another policy of this class. Absent: that is seen when it is queued. */
  policyChanged?(p: Task): void;
  /** `p`, running, has left the last of its critical sections: it is in user mode again. Absent: that changes nothing. */
  returnToUser?(rq: RunQueue, p: Task): void;
  /** `p` is about to leave the class, off the queue; a pending delayed dequeue has been finished. */
  switchedFrom?(rq: RunQueue, p: Task): void;
  /** `p` entered the class and is queued if it was; the kernel asks for a pick by itself. */
  switchedTo?(rq: RunQueue, p: Task): void;
  /**
   * `p`, off the queue, counts from now on as `from`, a context of this class that it holds up, where that is more urgent than
   * its own; `null`: as itself. `p.sched.prio` is up to date. True: its place changed, whatever its priority says. Absent:
   * contexts of this class are all alike to inheritance and raise nobody.
   */
  inherit?(p: Task, from: SchedContext | null): boolean;
  /** Contexts queued on `cpu` that the class has put aside, out of budget: they do not want the CPU. Absent: none ever. */
  nrAside?(cpu: CpuId): number;
  /**
   * Most urgent context here that a balancer may take (`kernel.reach`) to CPU `to`, or anywhere else. Absent: it has to search.
   * `than`: one that is no more urgent than this need not be named.
   */
  pushable?(rq: RunQueue, to?: CpuId, than?: Task | null): Task | null;
  /**
   * Push: the CPU where `p`, which waits on `here`, would be the most urgent, −1: none. `among`: where it may go, if not where it
   * may run itself. Absent: the class does not push.
   */
  findRq?(p: Task, here: CpuId, among?: Reach): CpuId | -1;
  /** Pull: `prev` was donor and a pick follows. Has something more urgent become possible here? Absent: the class does not pull. */
  needPull?(rq: RunQueue, prev: Task): boolean;
  /** CPUs with contexts of this class beside the donor: where pulling may find something. Absent: anywhere. */
  readonly overloaded?: CpuSet;
  /** Order between two contexts of this class: negative when `a` is more urgent. For balancers. Absent: no order. */
  compare?(a: Task, b: Task): number;
  /** What this class knows of load, for balancers. Absent: nothing. */
  readonly load?: LoadView;
  /** Servers: the first context of another class `cls` has joined this queue. Absent, like the next two: it has none. */
  serverStart?(rq: RunQueue, cls: SchedClass): void;
  /** Servers: `rq.donor` (or who pays for it), of another class or idle, has had the CPU for `delta` > 0 ns. */
  serverUpdate?(rq: RunQueue, delta: Nanos): void;
  /** Servers: until the budget ends in which `rq.donor`, of another class, runs; `NEVER`: in none. */
  serverLeft?(rq: RunQueue): Nanos;
  /** Can the CPU of `rq` be spared? Absent: yes. */
  mayLoseCpu?(rq: RunQueue): boolean;
  /** The CPU of `rq` is gone, its queue is empty; or it is back. Absent: that changes nothing. */
  cpuOffline?(rq: RunQueue): void;
  cpuOnline?(rq: RunQueue): void;
  /** This class's own invariants; report each that is broken. */
  check?(rq: RunQueue, report: CheckReport): void;
  dump?(rq: RunQueue, out: DumpWriter): void;
}

export interface CheckReport {
  fail(code: string, detail: string): void;
}
