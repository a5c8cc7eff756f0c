import { bandwidth, RootDomain, validate } from '../src/admission.js';
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
  const domain = new RootDomain(4, 2 ** 20, true);
  for (let i = 0; i < 8; i++) domain.admit('t', bandwidth(5e6, 10e6));
  expect([domain.total, domain.extraBw]).toEqual([4 * 2 ** 20, 0]);
  expect(codeOf(() => domain.admit('t', 1))).toBe('D001');
  domain.admit('t', bandwidth(4e6, 10e6), bandwidth(5e6, 10e6));
  expect(domain.total).toBe(4 * 2 ** 20 - 2 ** 19 + 419430);
  domain.release(419430);
  expect(domain.total).toBe(4 * 2 ** 20 - 2 ** 19);
});

test('servers count: what is left for tasks on four CPUs, up to 6.17 and from 7.x on', () => {
  const left = (limit: number): number => {
    const domain = new RootDomain(4, limit, true);
    for (let cpu = 0; cpu < 4; cpu++) domain.admit('server', bandwidth(50e6, 1000e6));
    return 4 * limit - domain.total;
  };
  expect(bandwidth(950e6, 1000e6)).toBe(996147);
  expect([left(996147), left(2 ** 20)]).toEqual([3774876, 3984592]);
});

test('1024 ns <= runtime <= deadline <= period', () => {
  expect([dl(1023, 1e6), dl(2e6, 1e6), dl(1e6, 2e6, 3e6), dl(1e6, 3e6, 2e6)].map(p => codeOf(() => validate('t', p)))).toEqual([
    'D002',
    'D002',
    'D002',
    'none',
  ]);
});
