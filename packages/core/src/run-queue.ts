import type { Timer } from './event-queue.js';
import type { Task } from './task.js';
import type { CpuId, Nanos } from './types.js';

/** One CPU. `donor` is whose scheduling context is in charge, `curr` whose execution context is on the CPU. */
export class RunQueue {
  donor: Task;
  curr: Task;
  /** Executed time is accounted up to here. */
  clock: Nanos = 0;
  /** The donor is charged up to here. */
  charged: Nanos = 0;
  /** The clock as a wake-up on an idle CPU read it for the pick it asks for; −1: that pick reads it itself. Whether a pick is under way. */
  clockRead: Nanos = -1;
  picking = false;
  needResched = false;
  /** The kernel is busy here until then: a pick waits. */
  kernelUntil: Nanos = 0;
  /** The time that a pick takes has passed; how long that was. */
  passDue = false;
  passTime: Nanos = 0;
  /** Contexts of every class on this queue, blocked ones included; the idle task is not counted. */
  nrQueued = 0;
  /** Of these, those that their class has not put aside (`SchedClass.nrAside`). */
  nrRunning = 0;
  /** `nrQueued` per class, by position in `kernel.classes`. */
  readonly nrByClass: Int32Array;
  /** Number of the last change here among all of the machine: somebody joined, left or was woken. */
  changed = 0;
  /** The pass that is under way has balanced and let go of the queue: it goes on with `pass`. `pulled`: before its pick; `looked`: as it found nothing. */
  window: 'none' | 'pulled' | 'looked' = 'none';
  /** Who left the queue in that pass, and is not off the CPU before it ends. */
  leaving: Task | null = null;
  /** Servers queued here: with any, a class is asked for a pick though it has no context of its own. Kept by classes with servers. */
  nrServers = 0;
  /** Capacity left for fair tasks, 1024 = a whole one of the biggest (`cpu_capacity`). Written by whoever balances. */
  cpuCapacity: number;
  /** In `kernel.idleCpus` since then; −1: since before the run. */
  idleSince: Nanos = -1;
  /** Who waits for I/O, on no queue, and last was on this one (`nr_iowait`). */
  nrIowait = 0;
  /** `curr` has given way by itself: the pick that follows is no preemption. */
  yielded = false;
  /** End of `curr`'s operation; end of the donor's slice; the periodic tick; the pick that was asked for, where that takes time. */
  readonly opDone: Timer;
  readonly slice: Timer;
  readonly tick: Timer;
  readonly pass: Timer;

  constructor(
    readonly cpu: CpuId,
    readonly idle: Task,
    nrClasses: number,
    capacity: number,
    timers: { readonly opDone: Timer; readonly slice: Timer; readonly tick: Timer; readonly pass: Timer },
  ) {
    this.donor = idle;
    this.curr = idle;
    this.cpuCapacity = capacity;
    this.nrByClass = new Int32Array(nrClasses);
    this.opDone = timers.opDone;
    this.slice = timers.slice;
    this.tick = timers.tick;
    this.pass = timers.pass;
  }
}
