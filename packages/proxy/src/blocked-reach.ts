import type { Kernel, Reach, RunQueue, Task } from '@proxysched/core';

/** What push and pull of real-time and deadline tasks may do with blocked contexts (`proxy-execution.md` 14.2, 14.3). */
export type PushBlocked = 'never' | 'anywhere' | 'outsideChain' | 'withChain';

/** The rules beside `never`. Push and pull ask them; the pick that follows and its walk sort out what they got wrong. */
export class BlockedReach {
  constructor(
    private readonly kernel: Kernel,
    private readonly rule: PushBlocked,
  ) {}

  /** `p` is blocked, queued, and neither donor nor current. Whether its own affinity allows a CPU never matters: it does not execute. */
  reach(p: Task): Reach {
    const rq = this.kernel.rqs[p.cpu]!;
    switch (this.rule) {
      case 'never':
        return null;
      case 'anywhere':
        return this.kernel.online;
      case 'outsideChain':
        return this.endOf(p, rq, null) === rq.curr ? null : this.kernel.online;
      case 'withChain': {
        const end = this.endOf(p, rq, rq.donor);
        // Current runs in the donor's name: who leads to either is being helped. (14.3 lets go of what leads to the donor; the walk over
        // there brings it back, and so on, CPU after CPU.)
        if (end === rq.curr || end === rq.donor) return null;
        return end === null ? 'anywhere' : end.exec.cpusAllowed;
      }
    }
  }

  /** An owner goes with its waiter, as long as it is queued here and not the donor, whose place this is; not with one that can run itself. */
  draws(p: Task): Task | null {
    const rq = this.kernel.rqs[p.cpu]!;
    const owner = this.rule === 'withChain' && p.isBlocked ? ownerHere(p, rq) : null;
    return owner === rq.donor ? null : owner;
  }

  /**
   * The end of the chain from `p` on this queue: whoever could execute, is current, or is `stop`. `null`: the chain leads away, to a
   * sleeper, to nobody, or in a circle.
   */
  private endOf(p: Task, rq: RunQueue, stop: Task | null): Task | null {
    let e: Task | null = p;
    for (let links = 0; e !== null && e.isBlocked && e !== rq.curr && e !== stop; links++) {
      e = links > this.kernel.tasks.length ? null : ownerHere(e, rq);
    }
    return e;
  }
}

/** The next link of the chain, if it is queued on the same CPU and not asleep. */
function ownerHere(p: Task, rq: RunQueue): Task | null {
  const owner = p.blockedOn?.owner ?? null;
  if (owner === null || owner === p || owner.onRq !== 'queued' || owner.cpu !== rq.cpu) return null;
  return owner.isBlocked && owner.blockedOn === null ? null : owner;
}
