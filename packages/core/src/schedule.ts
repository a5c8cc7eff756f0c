import { assert } from './assert.js';
import { DEQUEUE_SLEEP, DEQUEUE_SPECIAL } from './flags.js';
import type { Machine } from './machine.js';
import type { RunQueue } from './run-queue.js';
import { workIn } from './speed.js';
import type { Task } from './task.js';

/**
 * One scheduling pass on `rq` (`proxy-execution.md` 6). As in the kernel a pick becomes donor before its chain is walked,
 * so a pick that leads nowhere has left its marks in the class.
 *
 *     block prev ── pick a donor ── not blocked ──────────────────────> run it
 *                      ^    │
 *                      │    └─ blocked: the resolver walks ─ a task ──> run that in the donor's name
 *                      │                    │         └───── idle ───> give up the CPU for a moment
 *                      └── something changed┘
 *
 * Before the first pick, and when there is nothing to pick, balancers look at other CPUs. Where that takes time (`Gaps.balance`) the pass
 * ends there with an idle visit, to which requests are no end, and is taken up again after it.
 */
export function schedule(m: Machine, rq: RunQueue): void {
  const prev = rq.curr;
  const oldDonor = rq.donor;
  const { now } = m.queue;
  m.trace.schedEntry(now, rq.cpu);
  m.account(rq);
  rq.picking = true;
  m.charge(rq);
  rq.needResched = false;
  const { window } = rq;
  rq.window = 'none';
  const { yielded } = rq;
  rq.yielded = false;
  m.exec.interrupt(prev);

  if (prev !== rq.idle) {
    if (prev.state !== 'running') blockPrev(m, rq, prev);
    else if (!prev.exec.cpusAllowed.has(rq.cpu)) moveCurr(m, rq, prev);
  }
  const online = m.online.has(rq.cpu);
  let looks = false;
  if (online && window === 'none') for (const b of m.beforePick) looks = b.beforePick!(rq) || looks;

  let next: Task | null = looks && m.gaps.balance > 0 ? letGo(m, rq, prev, 'pulled') : null;
  let repicks = 0;
  let pulled = window === 'looked';
  /** The pick was blocked, so that idle, if it is the answer, is a breather and not the want of work. */
  let idleVisit = false;
  // Nothing else runs meanwhile, and every re-pick unblocks, removes, moves or wakes at least one context of this queue.
  const queued = rq.nrQueued;
  let bound = 2 * queued + 2;
  while (next === null) {
    const pick = pickTask(m, rq);
    if (pick === rq.idle && !pulled && online && m.newIdle.length > 0) {
      pulled = true;
      m.noteIdle(rq); // who was charged for the last time may have been put aside
      looks = false;
      for (const b of m.newIdle) looks = b.newIdle!(rq) || looks;
      if (looks && m.gaps.balance > 0) {
        next = letGo(m, rq, prev, 'looked');
        break;
      }
      bound += 2 * rq.nrQueued;
      if (rq.nrQueued > 0) continue;
    }
    setDonor(m, rq, pick);
    pick.blockedDonor = null;
    idleVisit = m.resolver.looksBlocked?.(pick) ?? pick.isBlocked;
    next = idleVisit ? m.resolver.select(rq, pick) : pick;
    if (m.halted !== null) return;
    if (next === null) {
      repicks++;
      m.watch.inVain(rq, pick, repicks, queued);
      if (m.halted !== null) return m.trace.schedRepick(now, rq.cpu, repicks);
      assert(
        repicks <= bound,
        'K103',
        () => `CPU ${rq.cpu} picked ${repicks} times in one pass and ${m.resolver.name} still makes no progress`,
      );
    }
  }
  // Requests made meanwhile are answered by this pick. An idle visit is not an answer: it comes back if the resolver asked.
  if (next === rq.idle) setDonor(m, rq, rq.idle);
  const open = rq.window !== 'none';
  if (!open && (next !== rq.idle || !idleVisit)) rq.needResched = false;
  if (repicks > 0) m.trace.schedRepick(now, rq.cpu, repicks);

  const donor = rq.donor;
  // The same donor but another runner: the class is told once more, so that a chance to balance is not lost.
  if (donor === oldDonor && next !== prev && donor !== rq.idle) {
    donor.sched.cls.putPrevTask?.(rq, donor, null);
    donor.sched.cls.setNextTask?.(rq, donor, true);
  }
  if (next !== prev || donor !== oldDonor) {
    const preempted = prev !== rq.idle && prev.state === 'running' && !yielded;
    rq.curr = next;
    m.trace.schedSwitch(now, rq.cpu, prev, next, donor, preempted);
    if (next !== prev) {
      if (prev.exec.phase === 'work') prev.exec.opLeft += m.turns?.unseen(rq) ?? 0;
      payForSwitch(m, rq, preempted ? prev : null, next);
      m.spin.ownerLeft(prev);
    }
  }
  rq.picking = false;
  rq.clockRead = -1;
  m.trace.schedExit(now, rq.cpu, next !== prev);
  if (next === prev) workOn(rq, next, m.topology.capacity[rq.cpu]!);
  m.armTick(rq); // also when idle stays: the visit before had kept it
  m.noteIdle(rq);
  if (m.exact && rq.charged < now) m.charge(rq); // the way out of idle; an exact end counts from there
  if (donor !== oldDonor || next !== prev || m.exact) m.armSlice(rq);
  m.exec.resume(rq);
  if (next !== prev) m.resolver.onSwitchOut?.(prev);
  // A walk that has not come to its end balances nothing (`proxy-execution.md` 6, step 7).
  const ended = !(idleVisit && next === rq.idle) && m.resolver.deciding?.(rq) !== true;
  if (online && !open && ended) for (const b of m.afterSwitch) b.afterSwitch!(rq);
  if (!open && rq.leaving !== null) offCpu(m, rq, rq.leaving);
}

/** Balancers look elsewhere, and the queue is anybody's meanwhile: idle stands in, and the pass goes on after that. */
function letGo(m: Machine, rq: RunQueue, prev: Task, window: RunQueue['window']): Task {
  rq.window = window;
  rq.needResched = true; // who comes now is seen when the pass goes on
  m.queue.arm(rq.pass, m.queue.now + m.gaps.balance);
  if (prev !== rq.idle && prev.onRq === 'no' && prev.state !== 'dead') {
    rq.leaving = prev;
    m.inFlight.leaving(prev);
  }
  return rq.idle;
}

function offCpu(m: Machine, rq: RunQueue, p: Task): void {
  rq.leaving = null;
  m.inFlight.offCpu(p);
}

/** Whoever was not switched out takes the time of the pass for time it worked. */
function workOn(rq: RunQueue, { exec }: Task, capacity: number): void {
  if (exec.phase === 'work') exec.opLeft = Math.max(0, exec.opLeft - workIn(rq.passTime, capacity));
  rq.passTime = 0;
}

/** The switch itself comes before any work of `next`; who was preempted finds later what it lost. */
function payForSwitch(m: Machine, rq: RunQueue, preempted: Task | null, next: Task): void {
  const { contextSwitch, preemption } = m.machine.costs;
  if (next !== rq.idle) next.exec.stall += contextSwitch;
  if (preempted !== null) preempted.exec.stall += preemption;
}

/** Best context of the highest class that has one. Classes without contexts here are not asked. */
export function pickTask(m: Machine, rq: RunQueue): Task {
  const { classes } = m;
  if (!m.online.has(rq.cpu)) return rq.idle;
  for (let i = 0; i < classes.length - 1; i++) {
    const cls = classes[i]!;
    if (rq.nrByClass[i] === 0 && rq.nrServers === 0 && cls.shared !== true) continue;
    cls.settle?.(rq);
    const p = cls.pickTask(rq);
    if (p === null) continue;
    if (p.cpu !== rq.cpu) m.bring(rq, p);
    return p;
  }
  return rq.idle;
}

/** Hands the donor role over, with the hooks of both classes; nothing happens when it stays. */
export function setDonor(m: Machine, rq: RunQueue, next: Task): void {
  const old = rq.donor;
  if (old === next) return;
  old.sched.cls.putPrevTask?.(rq, old, next);
  rq.donor = next;
  rq.charged = m.clockOf(rq);
  next.sched.cls.setNextTask?.(rq, next, true);
}

/** `prev` scheduled in a state other than running: it blocks. It stays queued if it waits for a lock and the resolver says so. */
function blockPrev(m: Machine, rq: RunQueue, prev: Task): void {
  if (prev.state === 'dead') {
    m.deactivate(rq, prev, DEQUEUE_SLEEP | DEQUEUE_SPECIAL);
    return;
  }
  prev.isBlocked = true;
  if (prev.blockedOn !== null && m.resolver.keepsQueued(prev, prev.blockedOn)) return;
  m.deactivate(rq, prev, DEQUEUE_SLEEP);
}

/** `prev` may not run here any more (its affinity changed): it goes where it may, before anything is picked. */
function moveCurr(m: Machine, rq: RunQueue, prev: Task): void {
  if (rq.donor === prev) m.resetDonor(rq);
  m.moveAway(rq, prev);
}
