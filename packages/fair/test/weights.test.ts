import { IDLE_WEIGHT, IDLE_WMULT, NICE_TO_WEIGHT, NICE_TO_WMULT, scaleDown, taskWeight, wmult } from '../src/weights.js';
import { golden } from './fake-kernel.js';

test('both tables are the recorded ones', () => {
  const { cases, idle_policy: idle } = golden<{ cases: [number, number, number][]; idle_policy: { weight: number; wmult: number } }>(
    'unit-weights',
  );
  expect(cases.map(([, weight]) => weight)).toEqual(NICE_TO_WEIGHT);
  expect(cases.map(([, , inverse]) => inverse)).toEqual(NICE_TO_WMULT);
  expect(idle).toEqual({ weight: IDLE_WEIGHT, wmult: IDLE_WMULT });
});

test('a policy weighs 1024 times its entry; idle weighs 3 whatever its nice', () => {
  expect(taskWeight({ kind: 'normal', nice: 0 })).toBe(1 << 20);
  expect(taskWeight({ kind: 'batch', nice: -20 })).toBe(88761 * 1024);
  expect(taskWeight({ kind: 'idle', nice: -20 })).toBe(3072);
});

test('a weight that is not from the table has its reciprocal computed, with another last digit', () => {
  expect(wmult(820 * 1024)).toBe(5237765);
  expect(wmult(820 * 1024 + 1)).toBe(Math.floor((2 ** 32 - 1) / 820));
  expect(wmult(3 * 1024)).toBe(IDLE_WMULT);
});

test('scaling down keeps at least 2, but nothing stays nothing', () => {
  expect([0, 1, 2047, 2048, 3072].map(scaleDown)).toEqual([0, 2, 2, 2, 3]);
});
