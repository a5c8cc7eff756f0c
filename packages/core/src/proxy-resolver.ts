import type { Reach } from './balancer.js';
import type { Mutex } from './mutex.js';
import type { RunQueue } from './run-queue.js';
import type { Task } from './task.js';
import type { CpuId } from './types.js';

/** What a chain walk found: a closed list, and each says what happens next (`proxy-execution.md` 7, 24). */
export type ChainOutcome =
  /** The end of the chain is here and able to run: run it in the donor's name. */
  | { readonly kind: 'run'; readonly task: Task; readonly depth: number }
  /** `task` waits for a lock that has no owner, or for none any more, and may run here: let it try. */
  | { readonly kind: 'retake'; readonly task: Task; readonly depth: number }
  /** The owner is queued on another CPU: the waiters from the donor (or from `task` alone) go there. */
  | { readonly kind: 'migrate'; readonly task: Task; readonly to: CpuId }
  /** The owner is asleep: `task` waits for it off the queue, to come back together with it. */
  | { readonly kind: 'park'; readonly task: Task; readonly owner: Task }
  /** `task` blocks the classic way, off the queue; the lock will wake it. */
  | { readonly kind: 'deactivate'; readonly task: Task; readonly why: 'ownerAsleep' | 'ownerElsewhere' | 'noOwner' | 'noLock' }
  /** `task` waits for a lock that has no owner and is away from home: it must be woken to come back. */
  | { readonly kind: 'wake'; readonly task: Task }
  /** `task` may run, but was queued here as a waiter only: the scheduler brings it to a CPU of its own. */
  | { readonly kind: 'return'; readonly task: Task }
  /** Give the CPU to idle for a moment and come straight back. */
  | { readonly kind: 'idle'; readonly why: 'currInChain' | 'ownerMigrating' | 'handOffPending' | 'endless' | 'deciding' }
  /** What a walk rested on changed before it could be acted upon (`Gaps.walk`): pick again. */
  | { readonly kind: 'repick'; readonly task: Task; readonly why: 'referenceChanged' | 'ownerChanged' }
  /** The walk came back to where it had been, or its detector says so: `cycle` in walk order, each waiting for the next. */
  | { readonly kind: 'deadlock'; readonly cycle: readonly Task[] };

/** The answer to "a task blocks on a lock": classic blocking, a generation of proxy execution, or something new. */
export interface ProxyResolver {
  readonly name: string;
  /** Once, when the machine is complete and before anything runs. Absent: nothing to prepare. */
  init?(): void;
  /** `p` is about to block on `m`: does its context stay queued? Classic blocking answers false. */
  keepsQueued(p: Task, m: Mutex): boolean;
  /** Is `p`, just picked, one to walk from? Absent: if it is blocked (`isBlocked`). */
  looksBlocked?(p: Task): boolean;
  /** Who runs for the blocked `rq.donor`: a task, `rq.idle` to come back after an idle visit, or `null`: something changed, pick again. */
  select(rq: RunQueue, donor: Task): Task | null;
  /** `releaser` releases `m`, which has waiters: who is the next owner? `null`: free it, whoever comes first takes it. */
  handOff(m: Mutex, releaser: Task): Task | null;
  /** A release that names the next owner leaves that one's reference to the lock (`blockedOn`) for its wake-up to take away. Absent: it takes it away. */
  readonly namedKeepReference?: boolean;
  /** `p` joined the line of `m`, or goes on waiting after a try in vain. */
  onBlock?(m: Mutex, p: Task): void;
  /** `p` is the owner of `m`: it took it, or was named by a hand-off. */
  onOwner?(m: Mutex, p: Task): void;
  /** `p` owns `m` no longer. Nobody has been woken yet. */
  onRelease?: ((m: Mutex, p: Task) => void) | undefined;
  /** `p` left the line of `m` without the lock. */
  onGiveUp?(m: Mutex, p: Task): void;
  /** `p` is current no longer: it blocked, or gave way. Absent: nobody waits for that. */
  onSwitchOut?: ((p: Task) => void) | undefined;
  /** The rank of `p` changed by itself: another policy, another deadline while it waits. */
  onRankChange?(p: Task): void;
  /** A wake-up of `p` is complete. Absent: nobody is parked on sleepers. */
  onWakeup?(p: Task): void;
  /** `p` was woken away from home: may it stay, making this its home? Absent: it returns. */
  staysAway?(p: Task): boolean;
  /** Whoever is woken away from home stays queued there, in state `waking`, until a walk sends it home (`return`). Absent: no. */
  readonly defersReturn?: boolean;
  /** Blocked contexts are balanced like all others, and are at home where they are. Absent: see `reach`. */
  readonly movesBlocked?: boolean;
  /**
   * Where push and pull may take `p`, which is blocked, queued, and neither donor nor current; it stays away from home there. Absent:
   * nobody but the resolver moves blocked contexts.
   */
  readonly reach?: ((p: Task) => Reach) | undefined;
  /** Whom `p` takes along when push or pull move it: the next link of its chain, `null`: nobody. Absent: nobody. */
  readonly draws?: ((p: Task) => Task | null) | undefined;
  /** A blocked donor may be `curr`: it burns its CPU's time until a pick is asked for. Absent: who is blocked never is. */
  readonly spins?: boolean;
  /** Does `rq` idle because a walk has decided something there that takes effect later (`Gaps.walk`)? Absent: never. */
  deciding?(rq: RunQueue): boolean;
  /** Whether waking the donor asks for a pick although it beats nobody (the donor is itself). Absent: no, as Linux. */
  readonly wakeDonorPreempts?: boolean;
  /** Whether who runs in another's name has the CPU for one lock only: a release asks for a pick. Absent: no, as Linux. */
  readonly lendsUntilRelease?: boolean;
}
