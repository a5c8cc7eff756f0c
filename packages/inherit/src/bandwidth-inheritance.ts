import type { Kernel, ProxyResolver, RunQueue, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';
import { chainEnd } from './chain-end.js';

/**
 * Bandwidth inheritance on one CPU (Lipari, Lamastra, Abeni 2004; `locking.md` 8): the server of a blocked task stays active and
 * executes whoever is at the end of its chain, and is charged. Locks are first come, first served.
 */
@Injectable()
export class BandwidthInheritance implements ProxyResolver {
  readonly name: string = 'bwi';
  /** Who is handed the lock runs at once where the owner ran in a server of its line. */
  readonly lendsUntilRelease = true;
  readonly wakeDonorPreempts = true;
  /** Servers without anyone to execute, by the sleeper they wait for. */
  private readonly parked = new Map<Task, Task[]>();

  constructor(@Inject(KERNEL) protected readonly kernel: Kernel) {}

  keepsQueued(): boolean {
    return true;
  }

  handOff(): Task | null {
    return null;
  }

  select(rq: RunQueue, donor: Task): Task | null {
    const end = chainEnd(donor);
    if (end === null) {
      this.kernel.resetDonor(rq);
      this.kernel.onCycle(rq, cycleOf(donor));
      return donor.onRq === 'queued' && donor.isBlocked ? rq.idle : null;
    }
    if (end.onRq !== 'queued' || end.schedDelayed) {
      this.park(rq, donor, end);
      return null;
    }
    return end.cpu === rq.cpu ? this.host(end) : this.elsewhere(rq, donor, end);
  }

  /** `p` is awake: the servers that wait for it have someone to execute again, by the rule of a wake-up. */
  onWakeup(p: Task): void {
    const servers = this.parked.get(p);
    if (servers === undefined) return;
    this.parked.delete(p);
    for (const s of servers) {
      if (s.isBlocked && s.onRq === 'no' && s.blockedOn !== null) this.kernel.activateBlocked(this.kernel.rqs[s.cpu]!, s);
    }
  }

  /** The end of the chain is queued on another CPU: the server goes there, once it is off this one. */
  protected elsewhere(rq: RunQueue, donor: Task, end: Task): Task | null {
    this.kernel.resetDonor(rq);
    if (rq.curr === donor) {
      this.kernel.resched(rq);
      return rq.idle;
    }
    this.kernel.move(donor, this.kernel.rqs[end.cpu]!, 'proxy');
    return null;
  }

  protected host(end: Task): Task {
    if (end.isBlocked) this.kernel.unblock(end);
    return end;
  }

  private park(rq: RunQueue, server: Task, sleeper: Task): void {
    this.kernel.blockOffQueue(rq, server);
    if (server.schedDelayed) this.kernel.finishDelayed(rq, server);
    const servers = this.parked.get(sleeper);
    if (servers === undefined) this.parked.set(sleeper, [server]);
    else servers.push(server);
  }
}

/** The cycle of waits at the end of the chain of `p`, each waiting for the next. */
function cycleOf(p: Task): Task[] {
  const path: Task[] = [];
  let t = p;
  while (!path.includes(t)) {
    path.push(t);
    t = t.blockedOn!.owner!;
  }
  return path.slice(path.indexOf(t));
}
