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
 * the order of insertion. `refresh` and `absorb` let a subclass keep something about each subtree (a minimum, for instance).
 */
export abstract class OrderedTree<T extends TreeNode<T>> {
  root: T | null = null;
  size = 0;
  private seq = 0;
  private random = 0x9e3779b9 | 0;
  /** Scratch: from the root down to a node. */
  private readonly path: T[] = [];

  /** Negative when `a` comes before `b`; 0 leaves it to the order of insertion. */
  protected abstract compare(a: T, b: T): number;

  /**
   * Something below `node` has changed: what is kept about its subtree is to be what `node` and its two children say. True: it is
   * another now. A subclass that keeps anything also has `absorb`.
   */
  protected refresh(_node: T): boolean {
    return false;
  }

  /** `node` is about to join the subtree of `at`: what is kept about that takes it in. */
  protected absorb(_at: T, _node: T): void {
    // nothing is kept
  }

  /** Down to where its priority puts it; what was there is split into what comes before it and what comes after. */
  insert(node: T): void {
    node.treeSeq = this.seq++;
    node.treePrio = this.nextPrio();
    let parent: T | null = null;
    let left = false;
    let at = this.root;
    while (at !== null && at.treePrio <= node.treePrio) {
      this.absorb(at, node);
      parent = at;
      // The last of its equals.
      left = this.compare(node, at) < 0;
      at = left ? at.treeLeft : at.treeRight;
    }
    this.split(at, node);
    this.refresh(node);
    this.link(parent, left, node);
    this.size++;
  }

  /** The key of `node` must be what it was when it was inserted. */
  remove(node: T): void {
    const depth = this.descend(node);
    const parent = depth === 0 ? null : this.path[depth - 1]!;
    this.link(parent, parent !== null && parent.treeLeft === node, this.join(node.treeLeft, node.treeRight));
    node.treeLeft = node.treeRight = null;
    this.refreshUp(depth);
    this.size--;
  }

  /** What `refresh` keeps of `node` has changed, its key has not: its place stays. */
  touch(node: T): void {
    const depth = this.descend(node);
    this.path[depth] = node;
    this.refreshUp(depth + 1);
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

  private link(parent: T | null, left: boolean, child: T | null): void {
    if (parent === null) this.root = child;
    else if (left) parent.treeLeft = child;
    else parent.treeRight = child;
  }

  /** `path` becomes what is above `node`; how many those are. */
  private descend(node: T): number {
    const { path } = this;
    let depth = 0;
    for (let at = this.root; at !== node; at = this.before(node, at) ? at.treeLeft : at.treeRight) {
      if (at === null) throw new RangeError('OrderedTree: the node is not in the tree, or its key changed while it was');
      path[depth++] = at;
    }
    return depth;
  }

  /** The first `depth` of `path`, the lowest first, as long as that makes a difference to those above. */
  private refreshUp(depth: number): void {
    for (let i = depth - 1; i >= 0 && this.refresh(this.path[i]!); i--);
  }

  /** What is below and including `at` becomes the two sides of `node`. Two nodes change, on the mean. */
  private split(at: T | null, node: T): void {
    if (at === null) {
      node.treeLeft = node.treeRight = null;
      return;
    }
    if (this.compare(node, at) < 0) {
      this.split(at.treeLeft, node);
      at.treeLeft = node.treeRight;
      node.treeRight = at;
    } else {
      this.split(at.treeRight, node);
      at.treeRight = node.treeLeft;
      node.treeLeft = at;
    }
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

  private before(a: T, b: T): boolean {
    const order = this.compare(a, b);
    return order !== 0 ? order < 0 : a.treeSeq < b.treeSeq;
  }

  /** xorshift32: any sequence without structure does. Signed, so that it is no boxed number. */
  private nextPrio(): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return x;
  }
}
