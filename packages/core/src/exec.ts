import type { AcquireContexts } from './acquire-context.js';
import { affinityEmpty, exitHolding, noTimePasses } from './errors.js';
import { CpuSet } from './cpu-set.js';
import type { Locks } from './lock.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { Op } from './program.js';
import type { RunQueue } from './run-queue.js';
import { timeFor } from './speed.js';
import type { Task } from './task.js';

/**
 * The interpreter: carries out the program of `rq.curr`, one operation after another, as long as none takes time. Every
 * operation ends at a preemption point. An operation that takes time, or costs some, arms `rq.opDone` and returns.
 */
export class Exec {
  constructor(
    private readonly m: Machine,
    readonly locks: Locks,
    private readonly contexts: AcquireContexts,
  ) {}

  /** `rq.curr` has just become that: go on where it stopped, as an event of its own so that stacks stay flat. */
  resume(rq: RunQueue): void {
    const { queue } = this.m;
    if (rq.curr === rq.idle || rq.curr.isBlocked) {
      queue.disarm(rq.opDone);
      return;
    }
    const { exec } = rq.curr;
    if (exec.phase === 'retry') exec.opLeft = 0; // whatever it spun away was no work of the operation
    if (exec.phase === 'work' && exec.program.ops[exec.pc]?.op === 'runFor') {
      // Until an instant, however fast the CPU is.
      exec.opLeft = Math.max(0, exec.until - queue.now - exec.stall);
      queue.arm(rq.opDone, queue.now + exec.stall + exec.opLeft);
    } else {
      // Where it stood still it may be over already.
      queue.arm(rq.opDone, queue.now + exec.stall + timeFor(Math.max(0, exec.opLeft), this.m.topology.capacity[rq.cpu]!));
    }
  }

  /** `rq.opDone` fired: what was armed for is over. */
  opDone(rq: RunQueue): void {
    this.m.account(rq);
    this.step(rq, rq.curr);
  }

  /** The CPU is wanted: `p`, if it spins, stops. */
  interrupt(p: Task): void {
    if (p.spinsOn !== null) this.locks.stopSpinning(p);
  }

  private step(rq: RunQueue, p: Task): void {
    const { exec } = p;
    /** Endless jumps taken without time passing; more than there are operations, and one has been taken twice. */
    let idleLoops = 0;
    for (;;) {
      const op = exec.program.ops[exec.pc] ?? EXIT;
      if (exec.phase === 'begin') {
        exec.phase = 'mark';
        exec.opLeft = op.op === 'lock' || op.op === 'unlock' || op.op === 'timer' ? this.m.machine.costs.mark : 0;
        if (exec.opLeft > 0) return this.resume(rq);
      }
      if (exec.phase === 'mark') {
        this.enter(p, op);
        if (exec.opLeft > 0) return this.resume(rq);
      }
      if (exec.phase === 'work') {
        this.advance(p);
      } else {
        if (op.op === 'jump' && op.times < 0 && ++idleLoops > exec.program.ops.length) throw noTimePasses(this.m.where(p));
        if (op.op === 'timer') idleLoops = 0;
        this.effect(rq, p, op);
        exec.stall += this.comingBack(rq, p, op);
      }
      // Blocked, gone, or asked to make way: `schedule` follows. A spinner is told when to look again.
      if (rq.needResched || p.spinsOn !== null) return;
      if (exec.stall > 0 || exec.phase === 'block') return this.resume(rq);
    }
  }

  /** The operation begins: what listeners hear of it, then its time. */
  private enter(p: Task, op: Op): void {
    const { m } = this;
    const { exec } = p;
    const works = op.op === 'run' || op.op === 'runFor';
    if (op.op === 'lock' && exec.undo === 'no') {
      this.locks.request(p, m.mutexes[op.mutex]!);
      if (op.timeout !== undefined) exec.until = m.queue.now + op.timeout;
    } else if (op.op === 'timer') m.endOfJob(p, op);
    else if (op.op === 'runFor' || op.op === 'sleep') exec.until = m.queue.now + op.ns;
    exec.phase = works ? 'work' : 'cost';
    exec.opLeft = works ? op.ns + m.machine.costs.overrun : this.cost(op);
  }

  /** What is to be spent between the effect of an operation and the next: the wake-ups it made, the way out of the kernel. */
  private comingBack(rq: RunQueue, p: Task, op: Op): number {
    const { costs } = this.m.machine;
    if (p.exec.phase !== 'begin' || op.op === 'jump' || op.op === 'exit' || op.op === 'wbegin' || op.op === 'wend') return 0;
    const busy = rq.needResched ? 0 : Math.max(0, rq.kernelUntil - this.m.queue.now);
    return busy + (op.op === 'lock' ? costs.lockReturn : costs.sysReturn);
  }

  private advance(p: Task): void {
    p.exec.pc++;
    p.exec.phase = 'begin';
    p.exec.opLeft = 0;
  }

  private goTo(p: Task, pc: number): void {
    p.exec.pc = pc;
    p.exec.phase = 'begin';
    p.exec.opLeft = 0;
  }

  /** One release after another, each at its price; then, if asked to, the contended lock, which cannot be refused. */
  private backOff(p: Task, op: Extract<Op, { op: 'wbackoff' }>): void {
    const { exec } = p;
    const context = exec.context!;
    if (context.newest !== null && context.newest !== context.contended) {
      this.locks.unlock(p, context.newest);
      exec.phase = 'mark'; // the price of the next one
      return;
    }
    const { contended } = context;
    if (op.slow && contended !== null) {
      if (exec.phase === 'cost') this.locks.request(p, contended);
      if (this.locks.lock(p, contended) === 'waiting') return;
    }
    context.contended = null;
    exec.section = op.to;
    exec.sectionInContext = true;
    // The loops inside the context; the one around it goes on counting.
    const { ops } = exec.program;
    let end = op.to;
    while (end < ops.length && ops[end]!.op !== 'wend') end++;
    this.beginAgain(p, op.to, end);
  }

  /**
   * A deadlock policy refused `m`, and the program has no way out: it gives back all it holds, one release after another, each at its
   * price; waits for `m` with empty hands, so that whoever had it gets through; and does its section again from the first lock on.
   * What the section did besides (signals, posts, forks, other policies) is not undone and is done again.
   */
  private rollBack(rq: RunQueue, p: Task, m: Mutex): void {
    const { exec } = p;
    if (exec.undo === 'release') {
      const newest = this.locks.newestOf(p);
      if (newest !== null) {
        this.locks.unlock(p, newest);
        exec.phase = 'mark'; // the price of the next one
        return;
      }
      if (exec.section === exec.pc) {
        // It held nothing, and was in nobody's way.
        exec.undo = 'no';
        return this.goTo(p, exec.pc);
      }
      exec.undo = 'wait';
      exec.phase = 'cost';
      this.locks.request(p, m);
    }
    const result = this.locks.lock(p, m);
    if (result === 'waiting') return;
    if (result === 'acquired') this.locks.unlock(p, m);
    if (exec.context?.active === true && !exec.sectionInContext) this.contexts.end(p);
    exec.undo = 'no';
    p.sched.cls.returnToUser?.(rq, p);
    this.beginAgain(p, exec.section, exec.pc);
  }

  /** From operation `to` on, with the loops from there to `end` not yet begun. */
  private beginAgain(p: Task, to: number, end: number): void {
    for (let pc = to; pc < end; pc++) p.exec.jumps[pc] = 0;
    this.goTo(p, to);
  }

  private cost(op: Op): number {
    const { costs } = this.m.machine;
    switch (op.op) {
      case 'lock':
      case 'unlock':
      case 'wbackoff':
        return costs.lockOp;
      case 'wbegin':
      case 'wend':
      case 'jump':
      case 'exit':
        return 0;
      default:
        return costs.sysCall;
    }
  }

  private effect(rq: RunQueue, p: Task, op: Op): void {
    const { m } = this;
    switch (op.op) {
      case 'lock': {
        const { exec } = p;
        const lock = m.mutexes[op.mutex]!;
        if (exec.undo !== 'no') return this.rollBack(rq, p, lock);
        // Before the first lock of a section nothing is held; a refusal goes back to here.
        if (exec.held === 0) {
          exec.section = exec.pc;
          exec.sectionInContext = exec.context?.active === true;
        }
        const result = this.locks.lock(p, lock);
        if (result === 'waiting') return;
        if (exec.undo !== 'no') return this.rollBack(rq, p, lock);
        if (result === 'acquired' || result === 'EALREADY' || op.orElse === undefined) return this.advance(p);
        return this.goTo(p, op.orElse);
      }
      case 'unlock':
        this.locks.unlock(p, m.mutexes[op.mutex]!);
        if (p.exec.held === 0) p.sched.cls.returnToUser?.(rq, p);
        return this.advance(p);
      case 'wbegin':
        this.contexts.begin(p);
        return this.advance(p);
      case 'wend':
        this.contexts.end(p);
        return this.advance(p);
      case 'wbackoff':
        return this.backOff(p, op);
      case 'kill':
        this.advance(p);
        return this.locks.signal(m.taskOf(op.task), p);
      case 'sleep':
        // Counted from where the operation began; already over when it was long in coming here.
        if (p.exec.until >= m.queue.now) m.sleep(p, p.exec.until);
        return this.advance(p);
      case 'timer':
        m.waitForRelease(p, op);
        return this.advance(p);
      case 'wait':
        this.locks.unlock(p, m.mutexes[op.mutex]!);
        m.conditions[op.cond]!.waiters.push(p);
        m.sleep(p, -1);
        return this.advance(p);
      case 'signal': {
        this.advance(p);
        const woken = m.conditions[op.cond]!.waiters.shift();
        if (woken !== undefined) m.wakeUp(woken, p);
        return;
      }
      case 'broadcast':
        this.advance(p);
        for (const woken of m.conditions[op.cond]!.waiters.splice(0)) m.wakeUp(woken, p);
        return;
      case 'barrier': {
        this.advance(p);
        const barrier = m.barriers[op.barrier]!;
        if (barrier.waiters.length + 1 < barrier.count) {
          barrier.waiters.push(p);
          m.sleep(p, -1);
        } else {
          for (const woken of barrier.waiters.splice(0)) m.wakeUp(woken, p);
        }
        return;
      }
      case 'semPost': {
        this.advance(p);
        const sem = m.semaphores[op.sem]!;
        const woken = sem.waiters.shift();
        if (woken === undefined) sem.value++;
        else m.wakeUp(woken, p);
        return;
      }
      case 'semWait': {
        this.advance(p);
        const sem = m.semaphores[op.sem]!;
        if (sem.value > 0) {
          sem.value--;
        } else {
          sem.waiters.push(p);
          m.sleep(p, -1);
        }
        return;
      }
      case 'yield':
        this.advance(p);
        m.yield(rq);
        return;
      case 'setPolicy':
        this.advance(p);
        m.setPolicy(p, op.policy);
        return;
      case 'changePolicy':
        this.advance(p);
        m.changePolicy(p, op.change);
        return;
      case 'setGroup':
        this.advance(p);
        m.setGroup(p, m.groups[op.group]!);
        return;
      case 'setAffinity': {
        this.advance(p);
        const cpus = CpuSet.of(m.rqs.length, op.cpus);
        if (cpus.size === 0) throw affinityEmpty(m.where(p), op.cpus, m.rqs.length);
        m.setAffinity(p, cpus);
        return;
      }
      case 'fork':
        this.advance(p);
        m.fork(op.task, p);
        return;
      case 'jump':
        if (op.times < 0 || p.exec.jumps[p.exec.pc]! < op.times) {
          p.exec.jumps[p.exec.pc]!++;
          this.goTo(p, op.to);
        } else {
          p.exec.jumps[p.exec.pc] = 0;
          this.advance(p);
        }
        return;
      case 'exit':
        if (p.exec.held > 0) {
          throw exitHolding(
            m.where(p),
            m.mutexes.filter(mutex => mutex.owner === p || mutex.readers.includes(p)).map(mutex => mutex.name),
          );
        }
        m.exit(p);
        return;
      case 'run':
      case 'runFor':
        return this.advance(p);
    }
  }
}

const EXIT: Op = { op: 'exit' };
