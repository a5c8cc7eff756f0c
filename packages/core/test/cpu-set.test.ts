/** Bits against a `Set`, over the borders of words. */
import fc from 'fast-check';
import { CpuSet, type CpuId } from '../src/index.js';

const size = fc.integer({ min: 1, max: 130 });

test('it is a set of small numbers', () => {
  fc.assert(
    fc.property(size, fc.array(fc.tuple(fc.boolean(), fc.nat(129))), (nrCpus, edits) => {
      const set = new CpuSet(nrCpus);
      const model = new Set<number>();
      for (const [add, n] of edits) {
        const cpu = (n % nrCpus) as CpuId;
        if (add) {
          set.add(cpu);
          model.add(cpu);
        } else {
          set.delete(cpu);
          model.delete(cpu);
        }
      }
      const sorted = [...model].sort((a, b) => a - b);
      expect([...set]).toEqual(sorted);
      expect(set.size).toBe(model.size);
      expect(set.first()).toBe(sorted[0] ?? -1);
      expect(String(set)).toBe(sorted.join());
      for (let cpu = -1; cpu < nrCpus; cpu++) {
        expect(set.next(cpu)).toBe(sorted.find(c => c > cpu) ?? -1);
        const absent = Array.from({ length: nrCpus }, (_, c) => c).find(c => c > cpu && !model.has(c));
        expect(set.nextAbsent(cpu)).toBe(absent ?? -1);
        if (cpu >= 0) expect(set.has(cpu as CpuId)).toBe(model.has(cpu));
      }
    }),
    { seed: 1 },
  );
});

test('the first of two sets at once', () => {
  fc.assert(
    fc.property(size, fc.array(fc.nat(129)), fc.array(fc.nat(129)), (nrCpus, a, b) => {
      const common = a.filter(cpu => b.includes(cpu) && cpu < nrCpus);
      expect(CpuSet.of(nrCpus, a).firstIn(CpuSet.of(nrCpus, b))).toBe(common.length === 0 ? -1 : Math.min(...common));
    }),
    { seed: 1 },
  );
});

test('all CPUs of a machine, and none outside it', () => {
  expect([...CpuSet.all(33)]).toEqual(Array.from({ length: 33 }, (_, i) => i));
  expect([...CpuSet.of(4, [7, 2, -1, 0, 2])]).toEqual([0, 2]);
  expect(CpuSet.of(4, [1]).has(64 as CpuId)).toBe(false);
});
