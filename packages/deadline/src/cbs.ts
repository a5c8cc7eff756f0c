import { compareProducts, mulDivFloor, type Nanos } from '@proxysched/core';
import type { DlEntity } from './dl-entity.js';

/**
 * The constant-bandwidth server (`rt-and-deadline.md` 9). A reservation gives Q in every P, by a deadline D after each
 * release. What it has left is (q, d): budget and absolute deadline. Two rules keep the promise to everyone else:
 *
 * - a wake-up keeps (q, d) only if using q until d is not denser than Q / D, that is q · D ≤ (d − t) · Q;
 * - an exhausted budget waits for the next period, and what was overrun is taken from it.
 *
 * Ranges: q and Q are below 2^33 ns, D and P below 2^42; products reach 2^75, so `compareProducts` takes them.
 */

/** What the wake-up rule did. */
export type Wakeup = 'newDeadline' | 'keepDeadline' | 'revisedBudget';

/** A new instance: d = t + D, q = Q. */
export function newInstance(e: DlEntity, now: Nanos): void {
  e.deadline = now + e.pi.dlDeadline;
  e.runtime = e.granted = e.pi.dlRuntime;
}

/** Would the rest of the budget, used by the deadline, exceed the density? The kernel drops ten bits of every factor. */
export function overflows(e: DlEntity, now: Nanos): boolean {
  const left = Math.floor((e.deadline - now) / 1024);
  return compareProducts(Math.floor(e.pi.dlDeadline / 1024), Math.floor(e.runtime / 1024), left, Math.floor(e.pi.dlRuntime / 1024)) > 0;
}

/**
 * The wake-up rule. A reservation that is woken before its deadline with too much budget gets a new instance; if it is constrained,
 * or a server that was running, the revised rule gives it a shorter budget instead.
 */
export function updateAtWakeup(e: DlEntity, now: Nanos): Wakeup {
  if (e.deadline >= now && !overflows(e, now)) return 'keepDeadline';
  if (!e.revises || e.deadline < now) {
    newInstance(e, now);
    return 'newDeadline';
  }
  const density = mulDivFloor(e.dlRuntime, 2 ** 20, e.dlDeadline);
  e.runtime = e.granted = mulDivFloor(density, e.deadline - now, 2 ** 20);
  return 'revisedBudget';
}

/** Start of the next period, when a throttled reservation is replenished. */
export function nextPeriod(e: DlEntity): Nanos {
  return e.deadline - e.dlDeadline + e.dlPeriod;
}

/** A constrained reservation woken after its deadline and before its next period would exceed its share if it ran now. */
export function mustWaitForPeriod(e: DlEntity, now: Nanos): boolean {
  return !e.boosted && !e.implicit && e.deadline >= 0 && e.deadline < now && now < nextPeriod(e);
}

/** Budgets of as many periods as the debt needs; a reservation that lags behind its deadline starts anew. */
export function replenish(e: DlEntity, now: Nanos): void {
  if (e.yielded && e.runtime > 0) e.runtime = 0;
  while (e.runtime <= 0) {
    e.deadline += e.pi.dlPeriod;
    e.runtime += e.pi.dlRuntime;
    e.granted = e.pi.dlRuntime;
  }
  if (e.deadline < now) newInstance(e, now);
  e.throttled = false;
  e.yielded = false;
}

/** When what is left of the budget, used at the promised rate from then on, ends at the deadline: d − q · P / Q. */
export function zeroLag(e: DlEntity): Nanos {
  // As C divides: towards zero, also for a debt.
  const used = e.runtime >= 0 ? mulDivFloor(e.runtime, e.dlPeriod, e.dlRuntime) : -mulDivFloor(-e.runtime, e.dlPeriod, e.dlRuntime);
  return e.deadline - used;
}
