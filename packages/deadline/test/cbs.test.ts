import { compareProducts, type Task, Timer } from '@proxysched/core';
import * as fc from 'fast-check';
import { mustWaitForPeriod, newInstance, nextPeriod, replenish, updateAtWakeup, zeroLag } from '../src/cbs.js';
import { DlEntity } from '../src/dl-entity.js';

const timer = new Timer('none', 0, () => undefined);
const entity = (q: number, d: number, p: number): DlEntity =>
  new DlEntity(null as unknown as Task, { runtime: q, deadline: d, period: p }, timer, timer);
const state = (e: DlEntity): [number, number] => [e.runtime, e.deadline];
const K = 1024;

test('the first wake-up is a new instance', () => {
  const e = entity(3 * K, 8 * K, 8 * K);
  expect(mustWaitForPeriod(e, 0)).toBe(false);
  updateAtWakeup(e, 0);
  expect(state(e)).toEqual([3 * K, 8 * K]);
});

test('implicit: keeps (q, d) while the rest is not denser than Q / D, else a new instance', () => {
  const e = entity(3 * K, 8 * K, 8 * K);
  e.deadline = 19 * K;
  e.runtime = 2 * K;
  updateAtWakeup(e, 13 * K); // buttazzo-cbs: 2 / 6 < 3 / 8
  expect(state(e)).toEqual([2 * K, 19 * K]);
  e.runtime = 2 * K;
  updateAtWakeup(e, 14 * K);
  expect(state(e)).toEqual([3 * K, 22 * K]);
  e.deadline = 20 * K;
  updateAtWakeup(e, 20 * K + 1);
  expect(state(e)).toEqual([3 * K, 28 * K + 1]);
});

test('constrained: before its deadline the revised rule, after it the wait for its period', () => {
  const e = entity(2 * K, 4 * K, 10 * K);
  e.deadline = 4 * K;
  e.runtime = 2 * K;
  updateAtWakeup(e, 3 * K);
  expect(state(e)).toEqual([K / 2, 4 * K]);
  expect([4 * K, 4 * K + 1, 9 * K, 10 * K].map(t => mustWaitForPeriod(e, t))).toEqual([false, true, true, false]);
  expect(nextPeriod(e)).toBe(10 * K);
});

test('the rule of a wake-up may be chosen: implicit and revised, constrained and original', () => {
  const implicit = entity(5 * K, 15 * K, 15 * K);
  Object.assign(implicit, { deadline: 15 * K, runtime: 2 * K, wakeUp: 'revised' });
  updateAtWakeup(implicit, 10 * K); // a third of what is left until the deadline
  expect(state(implicit)).toEqual([Math.floor((5 * K) / 3), 15 * K]);
  const constrained = entity(2 * K, 4 * K, 10 * K);
  Object.assign(constrained, { deadline: 4 * K, runtime: 2 * K, wakeUp: 'original' });
  updateAtWakeup(constrained, 3 * K);
  expect(state(constrained)).toEqual([2 * K, 7 * K]);
});

test('a replenishment pays the overrun back, forgets what was given up, and starts anew after a lag', () => {
  const e = entity(3, 10, 10);
  Object.assign(e, { deadline: 10, runtime: -7, throttled: true });
  replenish(e, 10);
  expect(state(e)).toEqual([2, 40]);
  Object.assign(e, { deadline: 10, runtime: 2, yielded: true, throttled: true });
  replenish(e, 10);
  expect([...state(e), e.throttled, e.yielded]).toEqual([3, 20, false, false]);
  Object.assign(e, { deadline: 10, runtime: 0, throttled: true });
  replenish(e, 50);
  expect(state(e)).toEqual([3, 60]);
});

test('whatever happens: 0 < q <= Q after a wake-up or replenishment, d not in the past, and q / (d - t) no denser than Q / D', () => {
  const times = fc.record({
    Q: fc.integer({ min: K, max: 1e9 }),
    slack: fc.integer({ min: 0, max: 1e9 }),
    extra: fc.integer({ min: 0, max: 1e9 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    before: fc.integer({ min: -2e9, max: 2e9 }),
  });
  fc.assert(
    fc.property(times, ({ Q, slack, extra, used, before }) => {
      const e = entity(Q, Q + slack, Q + slack + extra);
      const now = 1e10;
      e.deadline = now + Math.min(before, e.dlDeadline);
      e.runtime = Q - Math.floor(used * (Q - 1));
      updateAtWakeup(e, now);
      expect(e.runtime).toBeLessThanOrEqual(Q);
      expect(e.runtime).toBeGreaterThanOrEqual(0);
      expect(e.deadline).toBeGreaterThanOrEqual(now);
      // ten dropped bits are worth two of their units at most
      expect(compareProducts(e.runtime - 2048, e.dlDeadline, e.deadline - now, Q)).toBeLessThanOrEqual(0);
      Object.assign(e, { runtime: -Math.floor(used * 3 * Q), throttled: true });
      const due = Math.max(now, nextPeriod(e));
      replenish(e, due);
      expect(e.runtime).toBeGreaterThan(0);
      expect(e.runtime).toBeLessThanOrEqual(Q);
      expect(e.deadline).toBeGreaterThanOrEqual(due);
    }),
  );
});

test('the 0-lag time: d less what is left at the promised rate, more after an overrun', () => {
  const e = entity(4, 8, 8);
  const at = (runtime: number): number => zeroLag(Object.assign(e, { runtime, deadline: 8 }));
  expect([at(2), at(4), at(0), at(-2)]).toEqual([4, 0, 8, 12]);
});

test('a new instance', () => {
  const e = entity(3, 8, 10);
  newInstance(e, 100);
  expect(state(e)).toEqual([3, 108]);
});
