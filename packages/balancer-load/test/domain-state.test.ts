/** What balancing remembers of a domain: what a look before idling costs, and how often it pays. */
import { SD_BALANCE_NEWIDLE, type SchedDomain } from '@proxysched/core';
import { DomainState } from '../src/domain-state.js';

const HZ = 1000;
const state = (): DomainState => new DomainState({ minInterval: 4, maxInterval: 8, flags: SD_BALANCE_NEWIDLE } as SchedDomain);

test('intervals begin with the shortest', () => {
  expect(state().balanceInterval).toBe(4);
});

test('the largest cost is kept, and fades by 3 in 256 each second without a larger one', () => {
  const s = state();
  s.noteCost(1000, 0, HZ);
  s.noteCost(500, 10, HZ);
  expect(s.maxNewIdleCost).toBe(1000);
  s.noteCost(0, HZ, HZ);
  expect(s.maxNewIdleCost).toBe(1000);
  s.noteCost(0, HZ + 1, HZ);
  expect(s.maxNewIdleCost).toBe(988);
  s.noteCost(0, 2 * HZ, HZ);
  expect(s.maxNewIdleCost).toBe(988);
  s.noteCost(2000, 2 * HZ, HZ);
  expect(s.maxNewIdleCost).toBe(2000);
});

test('the ratio is of the last looks: it begins at a half, and is computed anew when 1024 are full', () => {
  const s = state();
  for (let i = 0; i < 511; i++) s.noteNewIdle(0);
  expect(s.newIdleRatio).toBe(512);
  s.noteNewIdle(0);
  expect(s.newIdleRatio).toBe(256);
  // 512 counted, 128 of them good; each of the next is.
  for (let i = 0; i < 512; i++) s.noteNewIdle(1);
  expect(s.newIdleRatio).toBe(640);
  for (let i = 0; i < 512; i++) s.noteNewIdle(4);
  expect(s.newIdleRatio).toBe(1024);
});
