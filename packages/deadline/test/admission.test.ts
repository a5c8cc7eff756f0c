import { admit, bandwidth, validate } from '../src/admission.js';
import { AdmissionError } from '../src/errors.js';

const dl = (runtime: number, period: number, deadline = period) => ({ kind: 'deadline', runtime, deadline, period }) as const;
const codeOf = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    if (e instanceof AdmissionError) return e.code;
  }
  return 'none';
};

test('bandwidth is rounded down to 2^-20: a fair server of 50 in 1000 ms', () => {
  expect(bandwidth(50e6, 1000e6)).toBe(52428);
});

test('sums up to the limit of all CPUs, and not one more', () => {
  let given = 0;
  for (let i = 0; i < 8; i++) given = admit('t', dl(5e6, 10e6), given, 4, 2 ** 20);
  expect(given).toBe(4 * 2 ** 20);
  expect(codeOf(() => admit('t', dl(1024, 1e9), given, 4, 2 ** 20))).toBe('D001');
});

test('1024 ns <= runtime <= deadline <= period', () => {
  expect([dl(1023, 1e6), dl(2e6, 1e6), dl(1e6, 2e6, 3e6), dl(1e6, 3e6, 2e6)].map(p => codeOf(() => validate('t', p)))).toEqual([
    'D002',
    'D002',
    'D002',
    'none',
  ]);
});
