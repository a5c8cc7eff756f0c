/** Rates of reclaiming (`rt-and-deadline.md` 10) and the sums they come from. */
import { type RunQueue, type Task, Timer } from '@proxysched/core';
import fc from 'fast-check';
import { BW_UNIT, RootDomain } from '../src/admission.js';
import { DlEntity } from '../src/dl-entity.js';
import { DlRunQueue } from '../src/dl-run-queue.js';
import { consumed, depletionRate, lasts } from '../src/grub.js';

const MS = 1e6;
const timer = new Timer('none', 0, () => undefined);
const entity = (q: number, p: number): DlEntity =>
  new DlEntity(null as unknown as Task, { runtime: q * MS, deadline: p * MS, period: p * MS, reclaim: true }, timer, timer);

/** All of them on one CPU of `cpus`, in use. */
function cpuWith(entities: readonly DlEntity[], limit = BW_UNIT, cpus = 1) {
  const queue = new DlRunQueue({ cpu: 0 } as RunQueue);
  const domain = new RootDomain(cpus, limit, true);
  for (const e of entities) {
    domain.admit('e', e.dlBw);
    queue.attach(e);
    queue.setActive(e, true);
  }
  return { queue, domain };
}

test('two of (4, 8): both in use deplete at rate 1, one after the 0-lag time of the other at a half', () => {
  const [a, b] = [entity(4, 8), entity(4, 8)];
  const { queue, domain } = cpuWith([a, b]);
  expect(depletionRate(a, queue, domain) / BW_UNIT).toBe(1);
  queue.setActive(b, false);
  expect([queue.thisBw, queue.runningBw]).toEqual([BW_UNIT, BW_UNIT / 2]);
  expect(depletionRate(a, queue, domain) / BW_UNIT).toBe(0.5);
});

test('what nobody has been given may be reclaimed, on several CPUs the part of this one', () => {
  const alone = entity(1, 4);
  const one = cpuWith([alone]);
  expect(depletionRate(alone, one.queue, one.domain) / BW_UNIT).toBe(0.25); // never slower than its own share
  const spread = entity(1, 4);
  const four = cpuWith([spread], BW_UNIT, 4);
  expect(four.domain.extraBw / BW_UNIT).toBe(1 - 1 / 16);
  expect(depletionRate(spread, four.queue, four.domain) / BW_UNIT).toBe(0.25);
});

test('below a limit of 95 % a task that all is left to takes 95 % of the CPU', () => {
  const limit = Math.floor(0.95 * BW_UNIT);
  const e = entity(5, 10);
  const { queue, domain } = cpuWith([e], limit);
  // u / Umax = 0.5 / 0.95, with the eight fractional bits of 1 / Umax: ⌊256 / 0.95⌋ = 269.
  expect(depletionRate(e, queue, domain)).toBe(Math.floor(((BW_UNIT / 2) * 269) / 256));
});

test('the sums forget who leaves, active or not', () => {
  const [a, b] = [entity(1, 4), entity(1, 2)];
  const { queue } = cpuWith([a, b]);
  queue.setActive(a, true);
  expect(queue.runningBw).toBe((BW_UNIT * 3) / 4);
  queue.detach(b);
  expect([queue.thisBw, queue.runningBw, b.active, b.cpu]).toEqual([BW_UNIT / 4, BW_UNIT / 4, false, -1]);
});

test('a budget lasts the shortest time that consumes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 33 }), fc.integer({ min: 1024, max: BW_UNIT }), (budget, rate) => {
      const time = lasts(budget, rate);
      expect(consumed(time, rate)).toBeGreaterThanOrEqual(budget);
      expect(consumed(time - 1, rate)).toBeLessThan(budget);
    }),
    { seed: 20230612 },
  );
});
