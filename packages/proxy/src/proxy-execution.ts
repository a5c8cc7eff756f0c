import {
  readOptions,
  type ChainOutcome,
  type Kernel,
  type Mutex,
  type OptionValue,
  type ProxyResolver,
  type Reach,
  type RunQueue,
  type Task,
} from '@proxysched/core';
import { Inject, Injectable, KERNEL, OPTIONS } from '@proxysched/kit';
import { BlockedReach, type PushBlocked } from './blocked-reach.js';
import { ChainWalker, type WalkRules } from './chain-walker.js';
import { DecisionGap } from './decision-gap.js';
import { IdleVisits } from './idle-visits.js';
import { proxyOptions } from './options.js';
import { SleepingOwners } from './sleeping-owner.js';

/** Proxy execution: blocked tasks stay queued, and whoever holds them up runs in their name. */
@Injectable()
export class ProxyExecution implements ProxyResolver {
  readonly name = 'proxy';
  readonly wakeDonorPreempts: boolean;
  readonly namedKeepReference: boolean;
  readonly defersReturn: boolean;
  readonly lendsUntilRelease: boolean;
  readonly reach: ((p: Task) => Reach) | undefined;
  readonly draws: ((p: Task) => Task | null) | undefined;
  readonly onSwitchOut: ((p: Task) => void) | undefined;
  readonly onRelease: ((m: Mutex, p: Task) => void) | undefined;
  private readonly ownerElsewhere: string;
  private readonly ownerAsleep: string;
  private readonly ownerRunning: string;
  private readonly deactivateWho: string;
  private readonly handOffRule: string;
  private readonly comeBack: string;
  private readonly rwsem: boolean;
  private readonly walkRules: WalkRules;
  /** Made in `init`. */
  private walker!: ChainWalker;
  private readonly sleeping: SleepingOwners;
  private readonly visits: IdleVisits;
  /** `null`: what a walk decides is done at once. */
  private gap: DecisionGap | null = null;

  constructor(
    @Inject(KERNEL) private readonly kernel: Kernel,
    @Inject(OPTIONS) given: Readonly<Record<string, OptionValue>>,
  ) {
    const o = readOptions(proxyOptions, given);
    this.wakeDonorPreempts = o['proxy.wakeDonorPreempts'];
    this.namedKeepReference = o['proxy.namedKeepReference'];
    this.ownerElsewhere = o['proxy.ownerElsewhere'];
    this.ownerAsleep = o['proxy.ownerAsleep'];
    this.ownerRunning = o['proxy.ownerRunning'];
    this.deactivateWho = o['proxy.deactivateWho'];
    this.handOffRule = o['proxy.handOff'];
    this.comeBack = o['proxy.comeBack'];
    this.rwsem = o['proxy.rwsem'];
    this.lendsUntilRelease = o['proxy.lendUntil'] === 'release';
    this.defersReturn = this.comeBack === 'forced';
    this.walkRules = {
      freeLock: o['proxy.freeLock'],
      elsewhereFirst: o['proxy.elsewhereFirst'],
      ownerElsewhere: this.ownerElsewhere,
      ownerAsleep: this.ownerAsleep,
      blockedTest: o['proxy.blockedTest'],
      comeBack: this.comeBack,
    };
    this.sleeping = new SleepingOwners(kernel);
    this.visits = new IdleVisits(kernel);
    if (this.ownerRunning === 'stay') {
      this.onSwitchOut = p => this.sleeping.activate(p);
      this.onRelease = (m, p) => this.sleeping.scatter(p, m.firstWaiter);
    }
    const rule = o['proxy.pushBlocked'] as PushBlocked;
    if (rule === 'never') return;
    const blocked = new BlockedReach(kernel, rule);
    this.reach = p => blocked.reach(p);
    this.draws = p => blocked.draws(p);
  }

  /** The deadlock policy is known now, and with it how walks notice circles. */
  init(): void {
    const { kernel } = this;
    this.walker = new ChainWalker(this.walkRules, kernel.deadlock.walk, () => ENDLESS + 4 * kernel.tasks.length);
    const walk = kernel.machine.gaps?.walk ?? 0;
    if (walk > 0) this.gap = new DecisionGap(kernel, walk, p => this.walker.looksBlocked(p));
  }

  deciding(rq: RunQueue): boolean {
    return this.gap?.pending(rq) === true;
  }

  /** Of a semaphore that is held to read nobody knows who would have to run. */
  keepsQueued(_p: Task, m: Mutex): boolean {
    return m.rules.kind !== 'rwsem' || (this.rwsem && m.owner !== null);
  }

  looksBlocked(p: Task): boolean {
    return this.walker.looksBlocked(p);
  }

  select(rq: RunQueue, donor: Task): Task | null {
    const found = this.walker.walk(rq, donor);
    const settled = this.gap === null ? found : this.gap.hold(rq, found);
    const outcome = this.whoLeaves(donor, this.whoStays(rq, settled));
    this.kernel.trace.proxyOutcome(this.kernel.queue.now, rq.cpu, donor, outcome);
    return this.carryOut(rq, donor, outcome);
  }

  /** Who would be moved to somebody that runs anyway, or waits for one who has stayed for that reason, waits off the queue for its end. */
  private whoStays(rq: RunQueue, outcome: ChainOutcome): ChainOutcome {
    if (this.ownerRunning !== 'stay') return outcome;
    const asleep = outcome.kind === 'park' || (outcome.kind === 'deactivate' && outcome.why === 'ownerAsleep');
    if (outcome.kind !== 'migrate' && !asleep) return outcome;
    const { task } = outcome;
    const end = runningEnd(task, this.kernel);
    return end === null || (end.cpu === rq.cpu && !asleep) ? outcome : { kind: 'park', task, owner: end };
  }

  /** Where the chain cannot be followed, some generations take the donor off its queue in place of the last waiter. */
  private whoLeaves(donor: Task, outcome: ChainOutcome): ChainOutcome {
    if (this.deactivateWho === 'waiter' || outcome.kind !== 'deactivate' || outcome.task === donor) return outcome;
    return outcome.why === 'noLock' || outcome.why === 'noOwner' ? outcome : { ...outcome, task: donor };
  }

  /** One place applies each outcome. A task: run it. `null`: something changed, pick again. */
  private carryOut(rq: RunQueue, donor: Task, outcome: ChainOutcome): Task | null {
    const { kernel } = this;
    switch (outcome.kind) {
      case 'repick':
        return null;
      case 'run':
        return outcome.task;
      case 'retake':
        outcome.task.blockedOn = null;
        kernel.unblock(outcome.task);
        return outcome.task;
      case 'deactivate': {
        const p = outcome.task;
        kernel.resetDonor(rq);
        if (letBe(p)) return null;
        p.blockedOn = null;
        kernel.blockOffQueue(rq, p);
        return null;
      }
      case 'migrate':
        // Where the owner slept when its CPU was unplugged there is nothing to follow it to.
        if (!kernel.online.has(outcome.to)) this.park(rq, donor, outcome.task, outcome.task.blockedOn!.owner!);
        else this.migrate(rq, donor, outcome.task, kernel.rqs[outcome.to]!);
        return null;
      case 'park':
        this.park(rq, donor, outcome.task, outcome.owner);
        return null;
      case 'wake':
        kernel.resetDonor(rq);
        kernel.wakeUp(outcome.task, null, true);
        return null;
      case 'return':
        kernel.returnHome(outcome.task);
        return null;
      case 'idle':
        // Current is off the CPU once idle runs, so come straight back; so does a walk without end, which is a stall to whoever
        // counts passes. The other reasons end with an event of their own, unless there is another to pick.
        kernel.resetDonor(rq);
        if (comesBack(outcome.why) || (outcome.why !== 'deciding' && this.visits.looksAgain(rq, donor))) kernel.resched(rq);
        if (outcome.why === 'endless') kernel.onEndless(rq, donor);
        return rq.idle;
      case 'deadlock':
        kernel.resetDonor(rq);
        return kernel.onCycle(rq, outcome.cycle) ? null : rq.idle;
    }
  }

  /** Moves the last waiter, and with `migrateLine` everyone behind it back to the donor. */
  private migrate(rq: RunQueue, donor: Task, last: Task, to: RunQueue): void {
    const line = this.ownerElsewhere === 'migrateLine' ? lineOf(last, donor) : [last];
    this.kernel.resetDonor(rq);
    for (const p of line) if (!letBe(p)) this.kernel.move(p, to, 'proxy');
  }

  private park(rq: RunQueue, donor: Task, last: Task, owner: Task): void {
    // Off an owner that runs they come back together; off a sleeper one by one, as each is picked.
    const line = this.ownerAsleep === 'parkLine' || owner.state === 'running' ? lineOf(last, donor) : [last];
    this.kernel.resetDonor(rq);
    for (const p of line) if (!letBe(p)) this.sleeping.park(p, owner);
  }

  /** `proxy-execution.md` 10.2 step 4: the task one link up, if it waits for this very lock, else the first in the line. */
  handOff(m: Mutex, releaser: Task): Task | null {
    if (this.handOffRule === 'waiter') return null;
    const donor = releaser.blockedDonor;
    if (donor !== null && donor.blockedOn === m) {
      releaser.blockedDonor = null;
      return donor;
    }
    return donor !== null || this.handOffRule === 'always' ? m.firstWaiter : null;
  }

  onWakeup(p: Task): void {
    this.sleeping.ownerWoke(p);
  }

  staysAway(p: Task): boolean {
    return this.comeBack === 'ifForbidden' && p.exec.cpusAllowed.has(p.cpu);
  }
}

/**
 * Who only refers to a lock and was preempted before it blocked (`Gaps.block`) is left alone, and its reference cleared
 * (`proxy-execution.md` 7, "Deactivate helper").
 */
function letBe(p: Task): boolean {
  if (p.state !== 'running') return false;
  p.blockedOn = null;
  return true;
}

const comesBack = (why: string): boolean => why === 'currInChain' || why === 'endless';

/** Beside four for each task (twice what Brent's test needs), links after which a walk is given up: deep enough for any depth limit in use. */
const ENDLESS = 1100;

/** From the last waiter back to the donor, along the back links. */
function lineOf(last: Task, donor: Task): Task[] {
  const line = [last];
  for (let p = last; p !== donor && p.blockedDonor !== null;) {
    p = p.blockedDonor;
    line.push(p);
  }
  return line;
}

/** The end of the chain from `p`, if it is on a CPU already. */
function runningEnd(p: Task, kernel: Kernel): Task | null {
  let end: Task | null = p;
  for (let links = 0; end !== null && end.isBlocked; links++) end = links > kernel.tasks.length ? null : (end.blockedOn?.owner ?? null);
  return end !== null && kernel.rqs[end.cpu]!.curr === end ? end : null;
}
