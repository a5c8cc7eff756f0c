import type { AcquireContext } from './acquire-context.js';
import type { LockError, LockRules } from './lock-rules.js';
import { MutexRules } from './lock-rules.js';
import type { Machine } from './machine.js';
import type { Mutex } from './mutex.js';
import type { Task } from './task.js';

/** Who gives way: a younger requester to an older one (`die`), or a younger holder (`wound`). */
export type BackOffReason = 'die' | 'wound';

/**
 * Wait/wound mutexes (`locking.md` 3, rules 1–9; numbers below). Contexts stand in line by age, oldest first; a task without
 * one uses the lock as a plain mutex. Who holds something and would have to wait for somebody it must not wait for gets
 * EDEADLK, lets go of everything and starts again, as old as before: so no cycle lasts, and nobody starves.
 *
 *     wait-die     the younger one never waits for the older one: it is refused at once, or woken out of the line to be
 *     wound-wait   the older one marks the younger holder, which is refused the next time it would have to wait
 */
export class WaitWoundRules extends MutexRules implements LockRules {
  readonly waitWound = true;

  constructor(
    override readonly kind: 'wait-die' | 'wound-wait',
    private readonly m: Machine,
    /** Whether the wake-up of a victim drops what it is blocked on; the series of 2023 learned it in its fourth posting. */
    private readonly clears: boolean,
  ) {
    super(m);
  }

  request(m: Mutex, p: Task): LockError | null {
    const ctx = contextOf(p);
    if (ctx === null) return null;
    if (m.context === ctx) return 'EALREADY';
    if (ctx.acquired === 0) ctx.wounded = false; // rule 1
    return null;
  }

  /** Rule 8: not past waiters, and not while holding something that whoever holds `m` may wait for. */
  maySpin(m: Mutex, p: Task): boolean {
    const ctx = contextOf(p);
    if (ctx === null) return true;
    if (ctx.acquired > 0 && m.context !== null) return false;
    return p.waitsIn === m ? m.firstWaiter === p : m.firstWaiter === null;
  }

  /** Wait-die, rule 5: the younger ones behind are told; behind an older one there is no point in queueing. */
  enter(m: Mutex, p: Task): LockError | null {
    const ctx = contextOf(p);
    if (ctx === null || this.kind !== 'wait-die') return null;
    for (let q = m.lastWaiter; q !== null; q = q.waitPrev) {
      const other = contextOf(q);
      if (other === null) continue;
      if (ctx.youngerThan(other)) return refusal(ctx);
      this.die(m, other, ctx);
    }
    return null;
  }

  /** Rule 4: before the first younger context, found from behind; who has no context is not moved past by anybody moving. */
  override place(m: Mutex, p: Task): Task | null {
    const ctx = contextOf(p);
    let place: Task | null = null;
    if (ctx === null) return place;
    for (let q = m.lastWaiter; q !== null; q = q.waitPrev) {
      const other = contextOf(q);
      if (other === null) continue;
      if (ctx.youngerThan(other)) break;
      place = q;
    }
    return place;
  }

  /** Wound-wait, rule 6: `p` stands in line for what a younger context holds. */
  waits(m: Mutex, p: Task): void {
    const ctx = contextOf(p);
    if (ctx === null || this.kind !== 'wound-wait' || m.context === null) return;
    if (wounds(ctx, m.context)) this.tell(m, m.context.task, p, 'wound');
  }

  /** Before every sleep in line: rules 2, 5 and 6. */
  giveUp(m: Mutex, p: Task): LockError | null {
    const ctx = contextOf(p);
    if (ctx === null) return null;
    if (this.kind === 'wound-wait') return ctx.wounded ? refusal(ctx) : null;
    if (m.context !== null && ctx.youngerThan(m.context)) return refusal(ctx);
    for (let q = p.waitPrev; q !== null; q = q.waitPrev) if (contextOf(q) !== null) return refusal(ctx);
    return null;
  }

  /** Rule 7: those who queued without seeing this context apply their rule now. Out of the line only a thief was not seen. */
  acquired(m: Mutex, p: Task, waited: boolean, first: boolean): void {
    const ctx = contextOf(p);
    if (ctx === null) return;
    ctx.add(m);
    if (waited && (first || this.kind === 'wait-die')) return;
    for (let q = m.firstWaiter; q !== null; q = q.waitNext) {
      const other = contextOf(q);
      if (other === null) continue;
      if (this.kind === 'wait-die') return this.die(m, other, ctx);
      if (wounds(other, ctx)) return;
    }
  }

  released(m: Mutex): void {
    m.context?.remove(m);
  }

  private die(m: Mutex, waiting: AcquireContext, older: AcquireContext): void {
    if (waiting.acquired === 0 || !waiting.youngerThan(older)) return;
    this.tell(m, waiting.task, older.task, 'die');
  }

  /** The victim is woken whatever lock it waits for; asleep for another reason it would only sleep on, so it is left alone. */
  private tell(m: Mutex, victim: Task, by: Task, why: BackOffReason): void {
    this.m.trace.mutexBackOff(this.m.queue.now, victim, m, by, why);
    if (victim.state !== 'blocked') return;
    if (this.clears) victim.blockedOn = null;
    this.m.wakeUp(victim, by);
  }
}

/** Does `waiting`, which waits for what `holder` holds, wound it? Marks it. */
function wounds(waiting: AcquireContext, holder: AcquireContext): boolean {
  if (waiting.acquired === 0 || !holder.youngerThan(waiting)) return false;
  holder.wounded = true;
  return true;
}

function contextOf(p: Task): AcquireContext | null {
  const { context } = p.exec;
  return context !== null && context.active ? context : null;
}

/** Rule 2: who holds nothing is in nobody's way. */
function refusal(ctx: AcquireContext): LockError | null {
  return ctx.acquired > 0 ? 'EDEADLK' : null;
}
