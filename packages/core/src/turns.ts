import { floorDiv } from './arith.js';
import type { Timer } from './event-queue.js';
import type { Machine } from './machine.js';
import { RANK_END } from './ranks.js';
import type { RunQueue } from './run-queue.js';
import type { TurnsSpec } from './scenario.js';
import type { Nanos } from './types.js';

/** When a timer that is held back is due: behind everything. */
const HELD: Nanos = Number.MAX_SAFE_INTEGER;
const NOBODY = -1;
/** The longest an emulator executes without a look at its timers. */
const LONGEST: Nanos = 2 ** 31 - 1;
/** A task that was about to look at its clock has done so after this long. */
const NEXT_LOOK: Nanos = 12_000;

/**
 * The CPUs of an emulated machine that has one thread for all of them: one executes, the others stand still, and the clock, which counts
 * what is executed, goes on for all (QEMU with `-icount`, `rr_cpu_thread_fn`). They take turns in rounds, in order:
 *
 *     |  CPU 0  |  CPU 1  |  …  |  CPU 0  | CPU 1 | …      turn = (next timer of the machine − begin of the round) / CPUs
 *
 * A turn ends early when its CPU has nothing to do. Idle CPUs have no turn, but they count in the length of the others': so turns get
 * shorter and shorter, until the timer fires. Then, and when the CPU that executes sets its own timer and that is now the next of the
 * machine, all are told to leave (`cpu_exit`): a new round begins with each CPU that comes to its turn and has not left since. A timer
 * that fires after a turn and not after a round costs the next CPU its turn: it takes the interrupts, its own and those of others, no more.
 *
 * What a CPU that stands still would do, end of work, pick, interrupt, is held back until its turn; interrupts come first then.
 */
export class Turns {
  /** Whose turn it is; −1: all are idle. */
  private cpu = -1;
  /** The length of a turn in this round, and when this turn began. */
  private length: Nanos = 0;
  private begun: Nanos = 0;
  /** End of the turn; not armed while nobody else wants one. */
  private readonly over: Timer;
  /** What is held back, by CPU (at most: some may have been taken back); when it stopped; whether an interrupt is among it. */
  private readonly held: Int32Array;
  private readonly left: Float64Array;
  private readonly interrupted: Uint8Array;
  /** Whom the spinner on the CPU watched when its turn ended, and has not seen leave the lock. */
  private readonly watched: Int32Array;
  /** A timer has fired since the last turn; this turn began with interrupts. */
  private fired = false;
  private accepts = false;
  /** Told to leave, and has not since. */
  private readonly leaves: Uint8Array;
  /** When what the CPU itself does was due: the end of its operation, its pick. */
  private readonly due: Float64Array;
  /** Since when the CPU executes, over rounds in which it had no rival, and for how long it had stood still before. */
  private since: Nanos = 0;
  private stood: Nanos = 0;
  private programmed = 0;
  private readonly cpus: number;
  /** The next interrupt of the CPU whose turn it is, as it was. */
  private own: Nanos = HELD;

  constructor(
    private readonly m: Machine,
    private readonly spec: TurnsSpec,
  ) {
    const { cpus } = m.machine;
    this.over = m.queue.timer('turn', RANK_END, () => this.next());
    this.held = new Int32Array(cpus);
    this.left = new Float64Array(cpus);
    this.interrupted = new Uint8Array(cpus);
    this.leaves = new Uint8Array(cpus);
    this.watched = new Int32Array(cpus).fill(NOBODY);
    this.due = new Float64Array(2 * cpus);
    this.cpus = cpus;
  }

  /** `timer` is due. True: its CPU stands still, it has been put off. */
  holdsBack(timer: Timer): boolean {
    if (timer.place === null) return false;
    const { queue, rqs } = this.m;
    const { cpu } = timer.place;
    if (timer.interrupts) {
      if (cpu === this.cpu && this.accepts && queue.now === this.begun) return false;
      // The timer of a CPU fires once, and again when its handler has set it.
      if (this.interrupted[cpu] === 0) {
        queue.arm(this.over, queue.now);
        this.fired = true;
      }
      this.interrupted[cpu] = 1;
    } else {
      if (cpu === this.cpu) return false;
      if (this.cpu < 0 && this.over.at < 0) queue.arm(this.over, queue.now);
      this.due[2 * cpu + (timer === rqs[cpu]!.pass ? 1 : 0)] = queue.now;
    }
    this.held[cpu]!++;
    queue.arm(timer, HELD);
    return true;
  }

  /** Whether `rq` has to wait for its turn. */
  standsStill(rq: RunQueue): boolean {
    return rq.cpu !== this.cpu;
  }

  /**
   * What a task that is switched out now seems to have worked and has not: it counts from look to look, and where it has not looked
   * since its CPU stood still, that time is no work.
   */
  unseen(rq: RunQueue): Nanos {
    return rq.cpu === this.cpu && this.m.queue.now < this.since + NEXT_LOOK ? this.stood : 0;
  }

  /** Something has happened: does the turn go on? */
  settle(): void {
    if (this.cpu < 0) {
      if (this.over.at < 0 && this.anyBusyBut(-1)) this.next();
    } else if (this.setsNextTimer()) {
      this.leaves.fill(1);
      this.leaves[this.cpu] = 0;
      this.next();
    } else if (this.givesWay(this.cpu) && !this.hasNow(this.cpu)) {
      const { kernelUntil } = this.m.rqs[this.cpu]!;
      if (kernelUntil <= this.m.queue.now) this.next();
      else if (this.over.at < 0 || this.over.at > kernelUntil) this.m.queue.arm(this.over, kernelUntil);
    } else if (this.over.at < 0 && this.anyBusyBut(this.cpu)) {
      this.endOfTurn();
    }
  }

  /** The turn is over: the next CPU's, in this round or in a new one. */
  private next(): void {
    let from = this.cpu + 1;
    if (this.fired || this.isBeat(this.m.queue.now)) {
      this.fired = false;
      this.leaves.fill(1);
      if (from > 0 && from < this.cpus) from++;
    }
    if (from > 0 && this.goesOn(from)) return;
    this.measure();
    if (this.goesOn(0)) return;
    this.stop();
    this.cpu = -1;
    this.m.queue.disarm(this.over);
  }

  /** The first CPU from `from` on that has something to do has its turn. */
  private goesOn(from: number): boolean {
    for (let cpu = from; cpu < this.cpus; cpu++) {
      if (this.leaves[cpu] === 1) this.measure();
      this.leaves[cpu] = 0;
      if (this.wantsTurn(cpu)) {
        this.begin(cpu);
        return true;
      }
    }
    return false;
  }

  /**
   * A spinner looks once and pauses, which an emulator takes for leave to go on with the next CPU. It pauses once more when it has seen that the
   * owner is another (`mutex_spin_on_owner`), before it tries to get the lock (`mutex_optimistic_spin`); who was in the queue tries at once.
   */
  private wantsTurn(cpu: number): boolean {
    const rq = this.m.rqs[cpu]!;
    const lock = rq.curr.spinsOn;
    if (lock === null || rq.needResched || this.interrupted[cpu] === 1 || rq.pass.at >= 0) return this.busy(cpu);
    return this.firstHeld(cpu) !== null && !this.noticesChange(cpu);
  }

  /** The spinner on the CPU sees that the owner it watched has let go, or that there is another, and pauses: once, for then it knows. */
  private noticesChange(cpu: number): boolean {
    const { spinsOn } = this.m.rqs[cpu]!.curr;
    const watched = this.watched[cpu]!;
    if (spinsOn === null || watched === NOBODY || watched === (spinsOn.owner?.pid ?? NOBODY)) return false;
    this.watched[cpu] = NOBODY;
    return true;
  }

  private begin(cpu: number): void {
    const { queue, rqs } = this.m;
    const { now } = queue;
    if (cpu !== this.cpu) {
      this.stop();
      const rq = rqs[cpu]!;
      this.stood = rq.curr === rq.idle ? 0 : now - this.left[cpu]!;
      this.since = now;
      this.cpu = cpu;
    }
    this.begun = now;
    const pauses = this.noticesChange(cpu) ? rqs[cpu]!.opDone : null;
    for (let timer = this.firstHeld(cpu, pauses); timer !== null; timer = this.firstHeld(cpu, pauses))
      queue.arm(timer, now + this.rest(timer, cpu));
    this.held[cpu] = pauses === null ? 0 : 1;
    this.accepts = this.interrupted[cpu] === 1;
    this.interrupted[cpu] = 0;
    this.own = this.nextInterrupt(cpu);
    this.programmed = queue.programmed;
    if (this.anyBusyBut(cpu)) queue.arm(this.over, Math.min(now + this.length, this.nextTimer(now)));
    else queue.disarm(this.over);
  }

  /**
   * What the CPU has still to do before `timer` is due. Interrupts come at once. Work goes by the clock: all that is left is the way to the next
   * look. Any other operation was cut where it stood, and a spinner looks at once.
   */
  private rest(timer: Timer, cpu: number): Nanos {
    if (timer.interrupts) return 0;
    const rq = this.m.rqs[cpu]!;
    const { phase } = rq.curr.exec;
    if (timer === rq.pass) return 1 + Math.min(rq.passTime, Math.max(0, this.due[2 * cpu + 1]! - this.left[cpu]!));
    if (phase === 'spin') return 1;
    const rest = Math.max(0, this.due[2 * cpu]! - this.left[cpu]!);
    const look = 2 * this.m.machine.costs.overrun;
    return 1 + (phase !== 'work' ? rest : look === 0 ? 0 : rest % look);
  }

  private stop(): void {
    const { cpu } = this;
    if (cpu < 0) return;
    const { curr } = this.m.rqs[cpu]!;
    this.left[cpu] = this.m.queue.now;
    this.watched[cpu] = curr.watches?.pid ?? NOBODY;
  }

  /** A new round begins now. */
  private measure(): void {
    const { now } = this.m.queue;
    this.length = this.turnOf(this.nextTimer(now) - now);
  }

  private turnOf(time: Nanos): Nanos {
    return Math.floor(Math.min(time, LONGEST) / this.cpus) || Math.max(1, time);
  }

  /** Somebody wants a turn, for the first time in one or more rounds: the one that is under way goes to its end. */
  private endOfTurn(): void {
    const { queue } = this.m;
    while (this.begun + this.length <= queue.now) {
      this.begun += this.length;
      this.length = this.turnOf(this.nextTimer(this.begun) - this.begun);
    }
    queue.arm(this.over, this.begun + this.length);
  }

  /** The CPU that executes has set its timer, and no other fires before. */
  private setsNextTimer(): boolean {
    const { programmed, now } = this.m.queue;
    if (programmed === this.programmed) return false;
    this.programmed = programmed;
    const own = this.nextInterrupt(this.cpu);
    if (own === this.own) return false;
    this.own = own;
    for (let cpu = 0; cpu < this.cpus; cpu++) if (cpu !== this.cpu && this.nextInterrupt(cpu) <= own) return false;
    return own < this.nextBeat(now);
  }

  /** The first timer of the machine after `t`. */
  private nextTimer(t: Nanos): Nanos {
    let next = this.nextBeat(t);
    for (const timer of this.m.queue.armed) {
      if (timer.interrupts && timer.at < next && timer.at > t && this.interrupted[timer.place!.cpu] === 0) next = timer.at;
    }
    return next;
  }

  private nextBeat(t: Nanos): Nanos {
    const { beat } = this.spec;
    return beat === null ? HELD : beat.first + (1 + floorDiv(t - beat.first, beat.every)) * beat.every;
  }

  private isBeat(t: Nanos): boolean {
    const { beat } = this.spec;
    return beat !== null && (t - beat.first) % beat.every === 0;
  }

  /** What interrupts a CPU next; nothing before it has taken what has come. */
  private nextInterrupt(cpu: number): Nanos {
    let next = HELD;
    if (this.interrupted[cpu] === 1) return next;
    for (const timer of this.m.queue.armed) if (timer.interrupts && timer.at < next && timer.place!.cpu === cpu) next = timer.at;
    return next;
  }

  /** Interrupts first, then in the order in which they were put off. */
  private firstHeld(cpu: number, but: Timer | null = null): Timer | null {
    if (this.held[cpu] === 0) return null;
    let first: Timer | null = null;
    for (const timer of this.m.queue.armed) {
      if (timer.at !== HELD || timer.place!.cpu !== cpu || timer === but) continue;
      if (first === null || (timer.interrupts === first.interrupts ? timer.seq < first.seq : timer.interrupts)) first = timer;
    }
    return first;
  }

  /** Idle, or it spins. */
  private givesWay(cpu: number): boolean {
    return !this.busy(cpu) || this.m.rqs[cpu]!.curr.spinsOn !== null;
  }

  private busy(cpu: number): boolean {
    const rq = this.m.rqs[cpu]!;
    return rq.curr !== rq.idle || rq.needResched || rq.pass.at >= 0 || this.held[cpu]! > 0;
  }

  /** Something that was held back is about to happen. */
  private hasNow(cpu: number): boolean {
    const { armed, now } = this.m.queue;
    return armed.some(timer => timer.at <= now + 1 && timer.place?.cpu === cpu);
  }

  private anyBusyBut(cpu: number): boolean {
    for (let other = 0; other < this.held.length; other++) if (other !== cpu && this.busy(other)) return true;
    return false;
  }
}
