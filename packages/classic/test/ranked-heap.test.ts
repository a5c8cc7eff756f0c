import type { Task } from '@proxysched/core';
import fc from 'fast-check';
import { RankedHeap } from '../src/ranked-heap.js';
import { Ranked } from '../src/ranked.js';

const owner = null as unknown as Task;

describe.each([
  ['first on top', false],
  ['last on top', true],
] as const)('%s', (_, last) => {
  test('whatever comes and goes, the top is what a sorted list has there', () => {
    const step = fc.record({ key: fc.nat(5), remove: fc.boolean(), at: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const heap = new RankedHeap(last);
        const model: Ranked[] = [];
        steps.forEach(({ key, remove, at }, seq) => {
          if (remove && model.length > 0) {
            const [gone] = model.splice(at % model.length, 1);
            heap.remove(gone!);
            expect(gone).toMatchObject({ heap: null, slot: -1 });
          } else {
            const e = Object.assign(new Ranked(owner), { key, seq });
            model.push(e);
            heap.insert(e);
          }
          model.sort((a, b) => a.key - b.key || a.seq - b.seq);
          expect(heap.first()).toBe((last ? model.at(-1) : model[0]) ?? null);
          expect(new Set(heap)).toEqual(new Set(model));
        });
      }),
    );
  });
});
