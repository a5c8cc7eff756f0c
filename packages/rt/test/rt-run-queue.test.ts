import type { Task } from '@proxysched/core';
import * as fc from 'fast-check';
import { RtEntity } from '../src/rt-entity.js';
import { NR_LISTS, RtRunQueue } from '../src/rt-run-queue.js';

const entity = (): RtEntity => new RtEntity(null as unknown as Task, 0);

const inOrder = (queue: RtRunQueue): RtEntity[] => {
  const all: RtEntity[] = [];
  for (let e = queue.first(); e !== null; e = queue.following(e)) all.push(e);
  return all;
};

test('an empty queue has nobody', () => {
  const queue = new RtRunQueue();
  expect(queue.first()).toBeNull();
  expect(queue.best()).toBe(NR_LISTS);
});

test('bits at the edges of words', () => {
  const queue = new RtRunQueue();
  for (const list of [98, 96, 64, 63, 32, 31, 0]) {
    queue.insert(entity(), list, null);
    expect(queue.best()).toBe(list);
  }
  expect(inOrder(queue).map(e => e.list)).toEqual([0, 31, 32, 63, 64, 96, 98]);
});

test('it is a list per priority, whatever is done to it', () => {
  const step = fc.record({
    what: fc.constantFrom('tail', 'head', 'before', 'remove', 'toTail', 'toHead'),
    who: fc.nat(9),
    list: fc.constantFrom(0, 1, 31, 32, 50, 98),
    other: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const queue = new RtRunQueue();
      const all = Array.from({ length: 10 }, entity);
      const model: RtEntity[][] = Array.from({ length: NR_LISTS }, () => []);
      for (const { what, who, list, other } of steps) {
        const e = all[who]!;
        if (e.list < 0) {
          const place = all[other]!;
          if (what === 'tail') {
            queue.insert(e, list, null);
            model[list]!.push(e);
          } else if (what === 'head') {
            queue.insert(e, list, queue.head(list));
            model[list]!.unshift(e);
          } else if (what === 'before' && place.list >= 0) {
            const at = place.list;
            queue.insert(e, at, place);
            model[at]!.splice(model[at]!.indexOf(place), 0, e);
          }
        } else {
          const mine = model[e.list]!;
          if (what === 'remove' || what === 'toTail' || what === 'toHead') mine.splice(mine.indexOf(e), 1);
          if (what === 'remove') queue.remove(e);
          if (what === 'toTail') {
            queue.toTail(e);
            mine.push(e);
          }
          if (what === 'toHead') {
            queue.toHead(e);
            mine.unshift(e);
          }
        }
        const expected = model.flat();
        expect(inOrder(queue)).toEqual(expected);
        expect(queue.nr).toBe(expected.length);
        expect(queue.first()).toBe(expected[0] ?? null);
        for (const q of expected) expect(queue.alone(q)).toBe(model[q.list]!.length === 1);
      }
    }),
  );
});
