import type { Balancer, CpuId, Kernel, MoveReason, Policy, RunQueue, SchedClass, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';

/** A class whose contexts are in a strict order and go where they would run at once. */
type Ordered = SchedClass & Required<Pick<SchedClass, 'compare' | 'pushable' | 'findRq' | 'needPull'>>;

/**
 * Push and pull (`rt-and-deadline.md` 6, 11): what waits behind something more urgent goes where it would run at once, and a CPU
 * that loses its urgent work fetches what waits elsewhere. Who may go, and where, the classes say; here is when. Whether blocked
 * contexts are among them, and who goes with them, is the resolver's rule (`reach`, `draws`); without one they stay.
 */
@Injectable()
export class PushPull implements Balancer {
  readonly name = 'push-pull';
  private ordered: readonly Ordered[] | null = null;
  /** By CPU, as they were after the last switch: who was donor, and with what policy. */
  private readonly donors: (Task | undefined)[] = [];
  private readonly policies: (Policy | undefined)[] = [];

  constructor(@Inject(KERNEL) private readonly kernel: Kernel) {}

  /**
   * From the class of the donor downwards, until one has something to run here: pull, if the donor has left. A donor whose policy
   * was changed may have been lowered, or have left its class: pull for all of them.
   */
  beforePick(rq: RunQueue): boolean {
    if (this.kernel.rqs.length === 1) return false;
    const { donor } = rq;
    const changed = donor === this.donors[rq.cpu] && donor.sched.policy !== this.policies[rq.cpu];
    const rank = changed ? 0 : this.kernel.rank(donor.sched.cls);
    let looked = false;
    for (const cls of this.classes()) {
      const mine = this.kernel.rank(cls);
      if (mine >= rank && (cls.needPull(rq, donor) || changed)) looked = this.pull(rq, cls) || looked;
      if (this.runs(rq, cls)) break;
    }
    // After a change of policy a kernel pulls when the change is made, and not in the pick.
    return looked && !changed;
  }

  /** Also when the donor stays: another may run in its name now, or somebody woke while a pick was pending and nobody looked. */
  afterSwitch(rq: RunQueue): void {
    if (this.kernel.rqs.length === 1) return;
    this.policies[rq.cpu] = rq.donor.sched.policy;
    this.donors[rq.cpu] = rq.donor;
    for (const cls of this.classes()) this.push(rq, cls);
  }

  /** It woke and does not preempt, or was replenished: somewhere else it might run at once. */
  afterWakeup(rq: RunQueue, p: Task): void {
    if (this.kernel.rqs.length === 1 || p === rq.curr || p.exec.cpusAllowed.size === 1) return;
    for (const cls of this.classes()) if (cls === p.sched.cls) this.push(rq, cls);
  }

  /** Until nothing moves: each move takes one context away. */
  private push(rq: RunQueue, cls: Ordered): void {
    for (let p = cls.pushable(rq); p !== null; p = cls.pushable(rq)) {
      const to = cls.findRq(p, rq.cpu, this.kernel.reach(p));
      if (to < 0 || to === rq.cpu) return;
      this.take(p, this.kernel.rqs[to]!, 'push');
    }
  }

  /** Fetches from every overloaded CPU the best that waits there, if it beats all that is here. True: there was such a CPU. */
  private pull(rq: RunQueue, cls: Ordered): boolean {
    const { overloaded } = cls;
    const { rqs } = this.kernel;
    const next = (cpu: number): number => overloaded?.next(cpu) ?? (cpu + 1 < rqs.length ? cpu + 1 : -1);
    let best: Task | null = null;
    let looked = false;
    for (let cpu = next(-1); cpu >= 0; cpu = next(cpu)) {
      const there = rqs[cpu]!;
      if (there === rq) continue;
      if (!looked) {
        looked = true;
        if (this.runsAbove(rq, cls)) return true;
        best = this.best(rq, cls);
      }
      const p = cls.pushable(there, rq.cpu, best);
      if (p === null || !this.mayCome(p, rq.cpu) || (best !== null && cls.compare(p, best) >= 0)) continue;
      this.take(p, rq, 'pull');
      if (this.runsAbove(rq, cls)) return true;
      best = this.best(rq, cls);
    }
    return looked;
  }

  private mayCome(p: Task, cpu: CpuId): boolean {
    const where = this.kernel.reach(p);
    return where === 'anywhere' || where?.has(cpu) === true;
  }

  /** `p`, and of its chain whoever goes with it. */
  private take(p: Task, to: RunQueue, why: MoveReason): void {
    for (let t: Task | null = p; t !== null;) {
      const next: Task | null = this.kernel.resolver.draws?.(t) ?? null;
      this.kernel.move(t, to, why);
      t = next;
    }
  }

  /** A class above has something to run on `rq`: nothing of `cls` leads there. */
  private runsAbove(rq: RunQueue, cls: Ordered): boolean {
    const { classes } = this.kernel;
    for (let i = 0; classes[i] !== cls; i++) if (this.runs(rq, classes[i]!)) return true;
    return false;
  }

  /** What a context of class `cls` has to beat on `rq`. */
  private best(rq: RunQueue, cls: Ordered): Task | null {
    const best = rq.nrByClass[this.kernel.rank(cls)] === 0 ? null : cls.pickTask(rq);
    return best === null || best.sched.cls !== cls ? null : best;
  }

  /** Queued is not enough: a class may have contexts that it will not pick (throttled ones), and a server has none of its own. */
  private runs(rq: RunQueue, cls: SchedClass): boolean {
    return rq.nrByClass[this.kernel.rank(cls)]! + rq.nrServers > 0 && cls.pickTask(rq) !== null;
  }

  private classes(): readonly Ordered[] {
    this.ordered ??= this.kernel.classes.filter(isOrdered);
    return this.ordered;
  }
}

function isOrdered(cls: SchedClass): cls is Ordered {
  return cls.compare !== undefined && cls.pushable !== undefined && cls.findRq !== undefined && cls.needPull !== undefined;
}
