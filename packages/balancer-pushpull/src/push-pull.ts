import type { Balancer, CpuId, Kernel, Policy, RunQueue, SchedClass, Task } from '@proxysched/core';
import { Inject, Injectable, KERNEL } from '@proxysched/kit';

/** A class whose contexts are in a strict order and may be pushed. */
type Ordered = SchedClass &
  Required<Pick<SchedClass, 'compare'>> & {
    /** With `to`: the best that may go there. A class that ignores it offers its best, which then may not. */
    pushable(rq: RunQueue, to?: CpuId): Task | null;
  };

/**
 * Push and pull, one task at a time (`rt-and-deadline.md` 6, 11): what waits behind something more urgent goes where it
 * would run at once, and a CPU that loses its urgent work fetches what waits elsewhere. From a class it needs only an order
 * between two contexts, so it serves real time and deadline alike. A blocked context is never pushed: that is the proxy's.
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
   * The donor may have gone (asleep, dead, moved, throttled) or have a later deadline, and with it the reason why others wait
   * elsewhere: pull what beats what is left, of its class and those below, until one has something to run here (fact sheet 2,
   * 6). A donor whose policy was changed may have been lowered, or have left its class: the same. That its deadline has moved
   * cannot be told from outside, so every pick after a donor with an order looks at all CPUs: O(CPUs).
   */
  beforePick(rq: RunQueue): void {
    if (this.kernel.rqs.length === 1) return;
    const { donor } = rq;
    const changed = donor === this.donors[rq.cpu] && donor.sched.policy !== this.policies[rq.cpu];
    const rank = changed ? 0 : this.kernel.rank(donor.sched.cls);
    for (const cls of this.classes()) {
      const mine = this.kernel.rank(cls);
      if (mine >= rank) this.pull(rq, cls);
      if (rq.nrByClass[mine]! > 0 && cls.pickTask(rq) !== null) return;
    }
  }

  /** Also when the donor stays: another may run in its name now, or somebody woke while a pick was pending and nobody looked. */
  afterSwitch(rq: RunQueue): void {
    if (this.kernel.rqs.length === 1) return;
    this.policies[rq.cpu] = rq.donor.sched.policy;
    this.donors[rq.cpu] = rq.donor;
    this.pushAll(rq);
  }

  /** It woke and does not preempt: somewhere else it might run at once. */
  afterWakeup(rq: RunQueue, p: Task): void {
    if (this.kernel.rqs.length === 1 || p === rq.curr || p.exec.cpusAllowed.size === 1) return;
    const { cls } = rq.donor.sched;
    if (this.classes().some(c => c === cls || c === p.sched.cls)) this.pushAll(rq);
  }

  private pushAll(rq: RunQueue): void {
    for (const cls of this.classes()) {
      if (rq.nrByClass[this.kernel.rank(cls)]! <= (rq.donor.sched.cls === cls ? 1 : 0)) continue;
      while (this.pushOne(rq, cls)) {
        // until nothing moves: each move takes one context away
      }
    }
  }

  /** Moves the most urgent context that waits here to the CPU of lowest urgency that it beats. */
  private pushOne(rq: RunQueue, cls: Ordered): boolean {
    const p = cls.pushable(rq);
    // Who beats the donor stays: its turn comes here, when its class is no longer throttled or idle's visit ends.
    if (p === null || this.beats(p, rq.donor, cls)) return false;
    const { rqs, idleCpus } = this.kernel;
    const { cpusAllowed } = p.exec;
    const idle = idleCpus.firstIn(cpusAllowed);
    let best: RunQueue | null = idle < 0 ? null : rqs[idle]!;
    if (best === null) {
      for (let cpu = cpusAllowed.first(); cpu >= 0; cpu = cpusAllowed.next(cpu)) {
        const there = rqs[cpu]!;
        if (there === rq || !this.wouldRun(p, there, cls)) continue;
        if (best === null || this.lowerThan(there.donor, best.donor, cls)) best = there;
      }
    }
    if (best === null || best === rq) return false;
    this.kernel.move(p, best, 'push');
    return true;
  }

  /** Fetches from every overloaded CPU the best that waits there, if it beats all that is here and not its own donor. */
  private pull(rq: RunQueue, cls: Ordered): void {
    for (const there of this.kernel.rqs) {
      if (there === rq || there.nrByClass[this.kernel.rank(cls)] === 0) continue;
      const p = cls.pushable(there, rq.cpu);
      if (p === null || !p.exec.cpusAllowed.has(rq.cpu) || this.beats(p, there.donor, cls)) continue;
      if (this.wouldLead(p, rq, cls)) this.kernel.move(p, rq, 'pull');
    }
  }

  /** More urgent than the best queued on `rq`, of its own class or above. */
  private wouldLead(p: Task, rq: RunQueue, cls: Ordered): boolean {
    const { classes } = this.kernel;
    // Queued is not enough: a class may have contexts that it will not pick (throttled ones).
    for (let i = 0; classes[i] !== cls; i++) if (rq.nrByClass[i]! > 0 && classes[i]!.pickTask(rq) !== null) return false;
    const best = cls.pickTask(rq);
    return best === null || cls.compare(p, best) < 0;
  }

  private wouldRun(p: Task, rq: RunQueue, cls: Ordered): boolean {
    return !rq.needResched ? this.beats(p, rq.donor, cls) && this.wouldLead(p, rq, cls) : this.wouldLead(p, rq, cls);
  }

  private beats(p: Task, donor: Task, cls: Ordered): boolean {
    const mine = this.kernel.rank(cls);
    const theirs = this.kernel.rank(donor.sched.cls);
    return mine !== theirs ? mine < theirs : cls.compare(p, donor) < 0;
  }

  private lowerThan(a: Task, b: Task, cls: Ordered): boolean {
    const x = this.kernel.rank(a.sched.cls);
    const y = this.kernel.rank(b.sched.cls);
    if (x !== y) return x > y;
    return a.sched.cls === cls && cls.compare(a, b) > 0;
  }

  /** Classes with an order, above the first without urgency of its own (fair shares, it does not rank). */
  private classes(): readonly Ordered[] {
    this.ordered ??= this.kernel.classes.filter(
      (cls): cls is Ordered => STRICT.has(cls.name) && cls.compare !== undefined && cls.pushable !== undefined,
    );
    return this.ordered;
  }
}

/** Classes in which being more urgent means running first. */
const STRICT: ReadonlySet<string> = new Set(['deadline', 'rt']);
