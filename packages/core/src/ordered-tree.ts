/** Links of a node of an `OrderedTree`; a class's entity carries them itself, so that queueing allocates nothing. */
export interface TreeNode<T> {
  treeLeft: T | null;
  treeRight: T | null;
  /** Heap order of the treap: set on insertion. */
  treePrio: number;
  /** Order of insertion, the last tie-break. */
  treeSeq: number;
}

/**
 * A balanced search tree of nodes that carry their own links: a treap whose priorities come from a fixed 32-bit sequence,
 * so that its shape, and with it the run, repeats. Insertion, removal and descent are O(log n) expected. Equal keys keep
 * the order of insertion. `refresh` lets a subclass keep something about each subtree (a minimum, for instance).
 */
export abstract class OrderedTree<T extends TreeNode<T>> {
  root: T | null = null;
  size = 0;
  private seq = 0;
  private random = 0x9e3779b9;

  /** Negative when `a` comes before `b`; 0 leaves it to the order of insertion. */
  protected abstract compare(a: T, b: T): number;

  /** The subtree of `node` has changed below it. */
  protected refresh(_node: T): void {
    // nothing is kept
  }

  insert(node: T): void {
    node.treeLeft = node.treeRight = null;
    node.treeSeq = this.seq++;
    node.treePrio = this.nextPrio();
    this.root = this.insertInto(this.root, node);
    this.size++;
  }

  /** The key of `node` must be what it was when it was inserted. */
  remove(node: T): void {
    this.root = this.removeFrom(this.root, node);
    node.treeLeft = node.treeRight = null;
    this.size--;
  }

  /** What `refresh` keeps of `node` has changed, its key has not: its place stays. */
  touch(node: T): void {
    this.touchBelow(this.root, node);
  }

  first(): T | null {
    let node = this.root;
    while (node !== null && node.treeLeft !== null) node = node.treeLeft;
    return node;
  }

  /** In order. For dumps and checks. */
  *[Symbol.iterator](): Iterator<T> {
    const stack: T[] = [];
    let node = this.root;
    while (node !== null || stack.length > 0) {
      for (; node !== null; node = node.treeLeft) stack.push(node);
      const top = stack.pop()!;
      yield top;
      node = top.treeRight;
    }
  }

  private insertInto(at: T | null, node: T): T {
    if (at === null) {
      this.refresh(node);
      return node;
    }
    if (this.before(node, at)) {
      at.treeLeft = this.insertInto(at.treeLeft, node);
      if (at.treeLeft.treePrio < at.treePrio) return this.rotateRight(at);
    } else {
      at.treeRight = this.insertInto(at.treeRight, node);
      if (at.treeRight.treePrio < at.treePrio) return this.rotateLeft(at);
    }
    this.refresh(at);
    return at;
  }

  private removeFrom(at: T | null, node: T): T | null {
    if (at === null) throw new RangeError('OrderedTree.remove: the node is not in the tree, or its key changed while it was');
    if (at === node) return this.join(at.treeLeft, at.treeRight);
    if (this.before(node, at)) at.treeLeft = this.removeFrom(at.treeLeft, node);
    else at.treeRight = this.removeFrom(at.treeRight, node);
    this.refresh(at);
    return at;
  }

  private touchBelow(at: T | null, node: T): void {
    if (at === null) throw new RangeError('OrderedTree.touch: the node is not in the tree, or its key changed while it was');
    if (at !== node) this.touchBelow(this.before(node, at) ? at.treeLeft : at.treeRight, node);
    this.refresh(at);
  }

  /** Everything in `a` comes before everything in `b`. */
  private join(a: T | null, b: T | null): T | null {
    if (a === null) return b;
    if (b === null) return a;
    if (a.treePrio < b.treePrio) {
      a.treeRight = this.join(a.treeRight, b);
      this.refresh(a);
      return a;
    }
    b.treeLeft = this.join(a, b.treeLeft);
    this.refresh(b);
    return b;
  }

  private rotateRight(at: T): T {
    const up = at.treeLeft!;
    at.treeLeft = up.treeRight;
    up.treeRight = at;
    this.refresh(at);
    this.refresh(up);
    return up;
  }

  private rotateLeft(at: T): T {
    const up = at.treeRight!;
    at.treeRight = up.treeLeft;
    up.treeLeft = at;
    this.refresh(at);
    this.refresh(up);
    return up;
  }

  private before(a: T, b: T): boolean {
    const order = this.compare(a, b);
    return order !== 0 ? order < 0 : a.treeSeq < b.treeSeq;
  }

  /** xorshift32: any sequence without structure does. */
  private nextPrio(): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return x >>> 0;
  }
}
