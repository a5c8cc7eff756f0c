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

test('whole sets at once, against sets of numbers', () => {
  const numbers = fc.array(fc.nat(129));
  fc.assert(
    fc.property(size, numbers, numbers, fc.nat(129), (nrCpus, a, b, after) => {
      const [x, y] = [CpuSet.of(nrCpus, a), CpuSet.of(nrCpus, b)];
      const both = [...x].filter(cpu => y.has(cpu));
      expect(x.countIn(y)).toBe(both.length);
      expect(x.isSubsetOf(y)).toBe(both.length === x.size);
      expect(x.equals(y)).toBe(String(x) === String(y));
      const from = after % nrCpus;
      const wrapped = [...both.filter(cpu => cpu > from), ...both.filter(cpu => cpu <= from)];
      expect(x.nextWrap(from, y)).toBe(wrapped[0] ?? -1);
      const met = new CpuSet(nrCpus);
      met.setToBoth(x, y);
      expect([...met]).toEqual(both);
      expect(met.size).toBe(both.length);
      met.addAll(x);
      expect(met.equals(x)).toBe(true);
    }),
    { seed: 1 },
  );
});

test('CPUs that share a part share its set', () => {
  const sets = CpuSet.sharing([7, 3, 7, 3, 7]);
  expect(sets.map(String)).toEqual(['0,2,4', '1,3', '0,2,4', '1,3', '0,2,4']);
  expect(sets[0]).toBe(sets[4]);
});
