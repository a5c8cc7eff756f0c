import fc from 'fast-check';
import { FairEntity } from '../src/fair-entity.js';
import { FairQueue } from '../src/fair-queue.js';
import { flatten, sharesByLoad } from '../src/group-shares.js';
import { makeRules } from '../src/rules.js';
import { NICE_0_LOAD } from '../src/weights.js';
import { golden } from './replay.js';

test('unit-group-shares-6.12: weight of a group entity from loads here and everywhere', () => {
  const { cases } = golden<{ cases: [string, string, string, string, string, string][] }>('unit-group-shares-6.12');
  for (const [shares, queued, loadAvg, tgLoadAvg, contrib, weight] of cases) {
    const n = Number(shares);
    expect(String(sharesByLoad(n, n, Number(queued), Number(loadAvg), Number(tgLoadAvg), Number(contrib)))).toBe(weight);
  }
  process.stdout.write(`unit-group-shares-6.12: ${cases.length} values compared\n`);
});

test('unit-reweight-6.12: a queued entity keeps its service owed and its time to the deadline', () => {
  const { cases } = golden<{ cases: string[][] }>('unit-reweight-6.12');
  for (const [tick, slice, from, to, v, vruntime, deadline, vruntimeAfter, deadlineAfter] of cases) {
    const q = new FairQueue(makeRules({ 'fair.version': '6.12' }, { cpus: 1, hz: Math.round(1e9 / Number(tick)) }));
    // The rest of the queue is not recorded, only V.
    jest.spyOn(q, 'moveOrigin').mockReturnValue(Number(v));
    const e = new FairEntity(null, Number(slice));
    q.setWeight(e, Number(from));
    e.vruntime = Number(vruntime);
    e.deadline = Number(deadline);
    q.add(e);
    q.reweight(e, Number(to));
    expect([String(e.vruntime), String(e.deadline)]).toEqual([vruntimeAfter, deadlineAfter]);
  }
  process.stdout.write(`unit-reweight-6.12: ${2 * cases.length} values compared\n`);
});

test('flattened weights of all tasks of a group add up to what the group has', () => {
  const weight = fc.integer({ min: 3, max: 88761 }).map(w => 1024 * w);
  fc.assert(
    fc.property(weight, fc.array(weight, { minLength: 1, maxLength: 30 }), (group, tasks) => {
      const total = tasks.reduce((sum, w) => sum + w, 0);
      const flat = tasks.map(w => flatten(flatten(NICE_0_LOAD, w, total), group, null));
      const sum = flat.reduce((a, b) => a + b, 0);
      // Each rounds down by less than a 2^-20th of the group and one; the floor of 2 may add as much.
      expect(Math.abs(sum - group)).toBeLessThanOrEqual(tasks.length * (3 + 2 * Math.ceil(group / NICE_0_LOAD)));
    }),
  );
});
