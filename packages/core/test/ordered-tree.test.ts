/** The treap against a sorted array; equal keys keep the order of insertion, and what is kept about subtrees stays right. */
import fc from 'fast-check';
import { OrderedTree, type TreeNode } from '../src/index.js';

class Item implements TreeNode<Item> {
  treeLeft: Item | null = null;
  treeRight: Item | null = null;
  treePrio = 0;
  treeSeq = 0;
  min = 0;
  constructor(
    readonly key: number,
    public value: number,
  ) {}
}

/** Keeps the smallest `value` of each subtree. */
class Tree extends OrderedTree<Item> {
  protected compare(a: Item, b: Item): number {
    return a.key - b.key;
  }
  protected override refresh(node: Item): boolean {
    const before = node.min;
    node.min = Math.min(node.value, node.treeLeft?.min ?? Infinity, node.treeRight?.min ?? Infinity);
    return node.min !== before;
  }
  protected override absorb(at: Item, node: Item): void {
    at.min = Math.min(at.min, node.value);
  }
}

const edits = fc.array(
  fc.record({
    insert: fc.integer({ min: 0, max: 9 }).map(n => n < 6),
    touch: fc.boolean(),
    key: fc.nat(5),
    value: fc.nat(99),
    which: fc.nat(99),
  }),
  {
    maxLength: 120,
  },
);

test('it is a sorted array', () => {
  fc.assert(
    fc.property(edits, steps => {
      const tree = new Tree();
      const model: Item[] = [];
      for (const s of steps) {
        if (s.insert || model.length === 0) {
          const item = new Item(s.key, s.value);
          const at = model.findIndex(other => other.key > item.key); // behind its equals
          model.splice(at < 0 ? model.length : at, 0, item);
          tree.insert(item);
        } else if (s.touch) {
          const item = model[s.which % model.length]!;
          item.value = s.value;
          tree.touch(item);
        } else {
          const [item] = model.splice(s.which % model.length, 1);
          tree.remove(item!);
        }
        expect([...tree]).toEqual(model);
        expect([...tree].every((item, i) => item === model[i])).toBe(true);
        expect(tree.first()).toBe(model[0] ?? null);
        expect(tree.size).toBe(model.length);
        expect(tree.root?.min ?? Infinity).toBe(Math.min(Infinity, ...model.map(item => item.value)));
      }
    }),
    { seed: 1 },
  );
});

test('an item removed can be inserted again, behind its equals', () => {
  const tree = new Tree();
  const [a, b] = [new Item(1, 0), new Item(1, 0)];
  tree.insert(a);
  tree.insert(b);
  tree.remove(a);
  tree.insert(a);
  expect([...tree].map(item => (item === a ? 'a' : 'b'))).toEqual(['b', 'a']);
});

test('it stays shallow when keys come in order', () => {
  const tree = new Tree();
  for (let i = 0; i < 4096; i++) tree.insert(new Item(i, i));
  const depth = (node: Item | null): number => (node === null ? 0 : 1 + Math.max(depth(node.treeLeft), depth(node.treeRight)));
  expect(depth(tree.root)).toBeLessThan(45);
});

test('removing what is not there is noticed', () => {
  const tree = new Tree();
  tree.insert(new Item(1, 1));
  expect(() => tree.remove(new Item(2, 2))).toThrow(/not in the tree/);
});
