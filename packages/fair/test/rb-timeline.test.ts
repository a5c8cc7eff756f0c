import fc from 'fast-check';
import { FairEntity } from '../src/fair-entity.js';
import { RbTimeline } from '../src/rb-timeline.js';

/** Black nodes on every path below `node`, after making sure that they are as many and that no red one has a red child. */
function blackHeight(node: FairEntity | null): number {
  if (node === null) return 1;
  for (const child of [node.treeLeft, node.treeRight]) {
    if (child === null) continue;
    expect(child.treeParent).toBe(node);
    expect(node.treeRed && child.treeRed).toBe(false);
  }
  const left = blackHeight(node.treeLeft);
  expect(blackHeight(node.treeRight)).toBe(left);
  return left + (node.treeRed ? 0 : 1);
}

function leastVruntime(node: FairEntity | null): number {
  if (node === null) return Infinity;
  const least = Math.min(node.vruntime, leastVruntime(node.treeLeft), leastVruntime(node.treeRight));
  expect(node.minVruntime).toBe(least);
  return least;
}

const edits = fc.array(
  fc.record({
    insert: fc.integer({ min: 0, max: 9 }).map(n => n < 6),
    deadline: fc.nat(12),
    vruntime: fc.nat(99),
    slice: fc.nat(9),
    which: fc.nat(99),
  }),
  { maxLength: 120 },
);

test('it is a sorted array, a red-black tree, and knows the least vruntime below each node', () => {
  fc.assert(
    fc.property(edits, steps => {
      const tree = new RbTimeline();
      const model: FairEntity[] = [];
      for (const s of steps) {
        if (s.insert || model.length === 0) {
          const e = new FairEntity(null, s.slice);
          e.deadline = s.deadline;
          e.vruntime = s.vruntime;
          const at = model.findIndex(other => other.deadline > e.deadline); // behind its equals
          model.splice(at < 0 ? model.length : at, 0, e);
          tree.insert(e);
        } else {
          tree.remove(model.splice(s.which % model.length, 1)[0]!);
        }
        expect([...tree].every((e, i) => e === model[i])).toBe(true);
        expect([tree.size, tree.first()]).toEqual([model.length, model[0] ?? null]);
        blackHeight(tree.root);
        leastVruntime(tree.root);
        expect(tree.earliestEligible(s.vruntime)).toBe(model.find(e => e.vruntime <= s.vruntime) ?? null);
      }
    }),
    { seed: 1 },
  );
});

test('the shortest slice is not handed over where a node takes the place of another, as in 6.12', () => {
  const tree = new RbTimeline();
  const [a, b, c] = [1, 2, 3].map(deadline => {
    const e = new FairEntity(null, deadline * 100);
    e.deadline = deadline;
    return e;
  }) as [FairEntity, FairEntity, FairEntity];
  for (const e of [a, b, c]) tree.insert(e);
  // The third insertion rotates: b is on top of a and c, and still says what it said above c alone.
  expect([tree.root, b.treeLeft, b.treeRight]).toEqual([b, a, c]);
  expect([b.minVruntime, b.minSlice]).toEqual([0, 200]);
  tree.touch(a);
  expect(b.minSlice).toBe(200);
  a.slice = 50;
  tree.touch(a);
  expect(b.minSlice).toBe(50);
});
