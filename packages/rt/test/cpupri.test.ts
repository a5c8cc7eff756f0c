/** Where a real-time task finds a CPU of less urgent work: level by level, as `rt-and-deadline.md` 5 has it. */
import { CpuSet, type CpuId } from '@proxysched/core';
import fc from 'fast-check';
import { CpuPriorities } from '../src/cpupri.js';

const cpu = (n: number): CpuId => n as CpuId;
const anywhere = (): boolean => true;

function prioritiesOf(...levels: number[]): CpuPriorities {
  const cpupri = new CpuPriorities(levels.length);
  levels.forEach((level, n) => cpupri.set(cpu(n), level));
  return cpupri;
}

test('the lowest level wins, whoever asks from where', () => {
  const cpupri = prioritiesOf(30, 10, 20, 30);
  expect(cpupri.find(40, CpuSet.all(4), cpu(0), cpu(3), anywhere)).toBe(1);
  cpupri.set(cpu(1), 50);
  expect([cpupri.level(cpu(1)), cpupri.find(40, CpuSet.all(4), cpu(0), cpu(3), anywhere)]).toEqual([50, 2]);
});

test('only levels below its own count', () => {
  const cpupri = prioritiesOf(30, 30);
  expect(cpupri.find(30, CpuSet.all(2), cpu(0), cpu(0), anywhere)).toBe(-1);
  expect(cpupri.find(31, CpuSet.all(2), cpu(1), cpu(0), anywhere)).toBe(1);
});

test('within a level: where it was last, then here, then one after the other', () => {
  const cpupri = prioritiesOf(0, 0, 0, 0);
  const all = CpuSet.all(4);
  expect(cpupri.find(1, all, cpu(2), cpu(1), anywhere)).toBe(2);
  expect(cpupri.find(1, all, cpu(2), cpu(1), c => c !== 2)).toBe(1);
  const others = (c: CpuId): boolean => c !== 2 && c !== 1;
  expect([0, 1, 2].map(() => cpupri.find(1, all, cpu(2), cpu(1), others))).toEqual([3, 0, 3]);
});

test('affinity and more urgent work close a CPU; a higher level is looked at when a lower one has none left', () => {
  const cpupri = prioritiesOf(0, 0, 10);
  expect(cpupri.find(20, CpuSet.of(3, [1, 2]), cpu(0), cpu(0), anywhere)).toBe(1);
  expect(cpupri.find(20, CpuSet.of(3, [1, 2]), cpu(0), cpu(0), c => c !== 1)).toBe(2);
  expect(cpupri.find(20, CpuSet.of(3, [1, 2]), cpu(0), cpu(0), () => false)).toBe(-1);
});

test('random levels: what it finds is of the lowest level that a scan finds', () => {
  const levels = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(levels, fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(8), { minLength: 1 }), (all, level, cpus) => {
      const allowed = CpuSet.of(
        all.length,
        cpus.filter(c => c < all.length),
      );
      const found = prioritiesOf(...all).find(level, allowed, cpu(0), cpu(0), anywhere);
      const below = all.filter((l, c) => l < level && allowed.has(cpu(c)));
      expect(found < 0 ? null : all[found]).toBe(below.length === 0 ? null : Math.min(...below));
      if (found >= 0) expect(allowed.has(found as CpuId)).toBe(true);
    }),
    { seed: 20230612, numRuns: 300 },
  );
});
