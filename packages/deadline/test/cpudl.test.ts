/** The heap of earliest deadlines against a scan of all CPUs. */
import type { CpuId } from '@proxysched/core';
import fc from 'fast-check';
import { CpuDeadlines } from '../src/cpudl.js';

test('at first all CPUs are free; one with work is not, until it is cleared', () => {
  const cpudl = new CpuDeadlines(3);
  expect([cpudl.free.size, cpudl.latest()]).toEqual([3, -1]);
  cpudl.set(1 as CpuId, 70);
  expect([cpudl.free.has(1 as CpuId), cpudl.latest(), cpudl.earliest(1 as CpuId)]).toEqual([false, 1, 70]);
  cpudl.clear(1 as CpuId);
  cpudl.clear(1 as CpuId);
  expect([cpudl.free.size, cpudl.latest()]).toEqual([3, -1]);
});

test('the root is the CPU whose earliest deadline is latest; who moves, moves the root', () => {
  const cpudl = new CpuDeadlines(3);
  [40, 90, 60].forEach((deadline, cpu) => cpudl.set(cpu as CpuId, deadline));
  expect(cpudl.latest()).toBe(1);
  cpudl.set(1 as CpuId, 50);
  expect(cpudl.latest()).toBe(2);
  cpudl.clear(2 as CpuId);
  expect(cpudl.latest()).toBe(1);
});

test('random changes: the same root and the same free CPUs as a scan finds', () => {
  const change = fc.record({ cpu: fc.integer({ min: 0, max: 8 }), deadline: fc.option(fc.integer({ min: 0, max: 20 })) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), changes => {
      const cpudl = new CpuDeadlines(9);
      const known = new Map<number, number>();
      for (const { cpu, deadline } of changes) {
        if (deadline === null) {
          cpudl.clear(cpu as CpuId);
          known.delete(cpu);
        } else {
          cpudl.set(cpu as CpuId, deadline);
          known.set(cpu, deadline);
        }
        const root = cpudl.latest();
        if (known.size === 0) expect(root).toBe(-1);
        else expect(known.get(root)).toBe(Math.max(...known.values()));
        expect(cpudl.free.size).toBe(9 - known.size);
        for (const [c, d] of known) expect([cpudl.free.has(c as CpuId), cpudl.earliest(c as CpuId)]).toEqual([false, d]);
      }
    }),
    { seed: 20230612, numRuns: 300 },
  );
});
