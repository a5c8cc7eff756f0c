import type { LockRules } from './lock-rules.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { PolicyKind } from './policy.js';
import type { Task } from './task.js';

/** Who has waited so long as the first in line is next, and nobody slips in (`locking.md` 5, 11). */
const HAND_OFF_AFTER = 4_000_000;
const URGENT: readonly PolicyKind[] = ['fifo', 'rr', 'deadline'];
/** Readers let in at once. */
const BATCH = 256;

/**
 * The reader/writer semaphore (`locking.md` 5): one writer, who is `owner`, or any number of readers, who are nobody's owner.
 *
 *     last one out ── a writer is first ─> it is woken to try; newcomers may be faster, until it has waited 4 ms
 *                  ── a reader is first ─> all readers in line, wherever they stand, up to 256, have it from that instant
 *
 * Waiters of a writer can be proxied for like those of a mutex, where the generation does that; waiters of readers block the
 * classic way, since nobody knows who would have to run.
 */
export class RwSemaphoreRules implements LockRules {
  readonly kind = 'rwsem';

  constructor(private readonly m: Machine) {}

  place(_s: Mutex, p: Task): null {
    p.waitsSince = this.m.queue.now;
    return null;
  }

  nextOwner(): null {
    return null;
  }

  mayTake(s: Mutex, p: Task): boolean {
    if (s.readers.includes(p)) return true; // let in with the others
    const first = s.firstWaiter === p;
    if (s.handoff && !first) return false;
    if (!wantsToRead(p)) return s.readers.length === 0;
    return first || s.firstWaiter === null || s.readers.length === 0;
  }

  take(s: Mutex, p: Task): void {
    if (s.readers.includes(p)) return;
    s.handoff = false; // it was for the first in line, and nobody else could take it
    if (wantsToRead(p)) s.readers.push(p);
    else s.owner = p;
  }

  holds(s: Mutex, p: Task): boolean {
    return s.owner === p || s.readers.includes(p);
  }

  letGo(s: Mutex, p: Task): void {
    if (s.owner === p) s.owner = null;
    else s.readers.splice(s.readers.indexOf(p), 1);
  }

  /** A writer spins for a writer that runs; readers, and those who wait for readers, do not spin. */
  maySpin(s: Mutex, p: Task): boolean {
    return s.owner !== null && !wantsToRead(p) && !s.handoff;
  }

  /** By a writer of a real-time or deadline class at once. */
  asksForHandOff(_s: Mutex, p: Task): boolean {
    return (URGENT.includes(p.sched.policy.kind) && !wantsToRead(p)) || this.m.queue.now - p.waitsSince >= HAND_OFF_AFTER;
  }

  /** A writer is woken to try; readers have it from now on. */
  wakes(s: Mutex): Task | null {
    const first = s.firstWaiter;
    if (first === null || s.readers.length > 0) return null;
    if (!wantsToRead(first)) return first;
    this.letIn(s);
    return null;
  }

  /** A writer that gave up no longer keeps out the readers behind it. */
  left(s: Mutex): void {
    if (s.owner === null && s.firstWaiter !== null && wantsToRead(s.firstWaiter)) this.letIn(s);
  }

  private letIn(s: Mutex): void {
    let next = s.firstWaiter;
    for (let n = 0; next !== null && n < BATCH;) {
      const p: Task = next;
      next = p.waitNext;
      if (!wantsToRead(p)) continue;
      n++;
      s.removeWaiter(p);
      s.readers.push(p);
      p.blockedOn = null;
      this.m.wakeUp(p, null);
    }
  }
}

function wantsToRead(p: Task): boolean {
  const op = p.exec.program.ops[p.exec.pc];
  return op?.op === 'lock' && op.shared === true;
}
