import { type Task, Timer } from '@proxysched/core';
import * as fc from 'fast-check';
import { DlEntity } from '../src/dl-entity.js';
import { DlTree } from '../src/dl-tree.js';

test('earliest deadline first, equals by arrival, whatever comes and goes: as a sorted list', () => {
  const step = fc.record({ who: fc.nat(11), deadline: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const tree = new DlTree();
      const timer = new Timer('none', 0, () => undefined);
      const all = Array.from(
        { length: 12 },
        () => new DlEntity(null as unknown as Task, { runtime: 1, deadline: 1, period: 1 }, timer, timer),
      );
      let model: DlEntity[] = [];
      for (const { who, deadline } of steps) {
        const e = all[who]!;
        if (model.includes(e)) {
          tree.remove(e);
          model = model.filter(other => other !== e);
        } else {
          e.deadline = deadline;
          tree.insert(e);
          const later = model.findIndex(other => other.deadline > deadline);
          model.splice(later < 0 ? model.length : later, 0, e);
        }
        expect([...tree]).toEqual(model);
        expect(tree.first()).toBe(model[0] ?? null);
        expect(tree.size).toBe(model.length);
      }
    }),
  );
});
