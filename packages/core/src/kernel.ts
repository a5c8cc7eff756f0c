import type { Balancer, Reach } from './balancer.js';
import type { CpuSet } from './cpu-set.js';
import type { ChargeRule } from './charging.js';
import type { DeadlockPolicy } from './deadlock-policy.js';
import type { EventQueue } from './event-queue.js';
import type { Mutex } from './mutex.js';
import type { Policy } from './policy.js';
import type { ProxyResolver } from './proxy-resolver.js';
import type { RunQueue } from './run-queue.js';
import type { SchedClass } from './sched-class.js';
import type { MachineSpec, Scenario } from './scenario.js';
import type { SchedContext, Task } from './task.js';
import type { TaskGroup } from './task-group.js';
import type { Topology } from './topology.js';
import type { Tracer } from './tracer.js';

export type MoveReason = 'wakeup' | 'push' | 'pull' | 'balance' | 'proxy' | 'return' | 'affinity' | 'unplug';

/** What a plug-in may ask of the kernel: all of it. */
export interface Kernel {
  /** The clock. Timers are made in `init` or `entity`, and re-armed. */
  readonly queue: EventQueue;
  readonly trace: Tracer;
  readonly scenario: Scenario;
  readonly machine: MachineSpec;
  /** Capacities of CPUs, their scheduling domains and groups. */
  readonly topology: Topology;
  /** By CPU. */
  readonly rqs: readonly RunQueue[];
  /** By pid − 1; idle tasks are not among them. */
  readonly tasks: readonly Task[];
  readonly mutexes: readonly Mutex[];
  readonly groups: readonly TaskGroup[];
  /** Highest first; the idle class is last. */
  readonly classes: readonly SchedClass[];
  readonly resolver: ProxyResolver;
  readonly deadlock: DeadlockPolicy;
  readonly balancers: readonly Balancer[];
  /** Who pays while one runs in another's name (`payer`, `executor`). */
  readonly charging: ChargeRule;
  /** CPUs that are there: all, but for those that are unplugged. Nobody is allowed on another (`ExecContext.cpusAllowed`). */
  readonly online: CpuSet;
  /** CPUs that are there, whose `curr` is idle and on whose queue nobody wants to run. Kept by the kernel. */
  readonly idleCpus: CpuSet;
  /** CPUs with more than one context that wants to run. Kept by the kernel. */
  readonly crowdedCpus: CpuSet;

  /** Ask for a pick on `rq`: a request, carried out before the next event fires. */
  resched(rq: RunQueue): void;
  /** Position of a class in `classes`: smaller is higher. */
  rank(cls: SchedClass): number;
  /** Who serves a policy. */
  classFor(policy: Policy): SchedClass;
  /** `p` gets another policy, whatever it does at the moment. */
  setPolicy(p: Task, policy: Policy): void;
  /**
   * `p` counts as `from` where that is more urgent than its own rank; `null`: as itself again. Boosted it joins its new equals
   * at the tail, lowered at the head (`rt-and-deadline.md` 4). True: its place changed.
   */
  inherit(p: Task, from: SchedContext | null): boolean;
  /** A class moved the rank of `p` by its own rules (a deadline, renewed): whoever orders waiters by rank is told. */
  rankMoved(p: Task): void;
  /** Charge the donor, or who pays for it (`charging`), up to now. The kernel does so before every call into a class; a class that needs more calls it. */
  charge(rq: RunQueue): void;
  /** The donor's slice or budget ends at another time than it did: arm its end anew. */
  armSlice(rq: RunQueue): void;
  /** Puts `p` on `rq`'s queue; `p.cpu` must be `rq.cpu`. */
  activate(rq: RunQueue, p: Task, flags: number): void;
  /** Takes `p` off; when it is the donor, idle must have taken that role (`resetDonor`). */
  deactivate(rq: RunQueue, p: Task, flags: number): void;
  /** A class ends the delayed dequeue of `p`. */
  finishDelayed(rq: RunQueue, p: Task): void;
  /** `p` shall run. `waker`: who says so, `null` for timers. `atOnce`: by a scheduler that has the lock of its queue (`Gaps.wakeUp`). */
  wakeUp(p: Task, waker: Task | null, atOnce?: boolean): void;
  /** A walk decided that `p` may run although its wake-up has not come. */
  unblock(p: Task): void;
  /** `p`, queued away from home and no longer blocked by anything, leaves for a CPU that it may use, as if woken just now. */
  returnHome(p: Task): void;
  /** Idle takes the donor role, before the donor leaves the queue. */
  resetDonor(rq: RunQueue): void;
  /** Blocks `p` the classic way: off the queue, to be woken by its lock. The donor role is given to idle first. */
  blockOffQueue(rq: RunQueue, p: Task): void;
  /** Brings a context that is blocked off the queue back as a donor on `rq`; `wakeCpu` stays. */
  activateBlocked(rq: RunQueue, p: Task): void;
  /** Whether `p` may be moved by a balancer: queued, not blocked (unless the resolver says so), not `curr`, not the donor, not in the chain between. */
  isMovable(p: Task): boolean;
  /** Where a balancer of a strict class may take `p`, blocked or not; `null`: nowhere. */
  reach(p: Task): Reach;
  /**
   * The one way a queued task changes CPU. `proxy` ignores affinity and leaves `wakeCpu`; so does a balancer where the context is
   * blocked and the resolver gives it a reach.
   */
  move(p: Task, to: RunQueue, why: MoveReason): void;
  /** Takes `rq.curr` to another CPU. Only where a pick is under way on `rq` (`Balancer.beforePick`): it has no runner until then. */
  moveRunning(rq: RunQueue, to: RunQueue, why: MoveReason): void;
  /** Does `p`, just made able to run on `rq`, preempt the donor? Requests the pick if so. */
  checkPreempt(rq: RunQueue, p: Task, flags: number): void;
  /** The policy's answer to a cycle met by a walk; the kernel has applied it when this returns. True: somebody left a queue or was woken. */
  onCycle(rq: RunQueue, cycle: readonly Task[]): boolean;
  /** A walk from `pick` is given up as endless: a policy that follows picks is told, and what it says applied. */
  onEndless(rq: RunQueue, pick: Task): void;
}
