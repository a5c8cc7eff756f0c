import type { FairEntity } from './fair-entity.js';
import { earliestEligible, type Timeline } from './timeline.js';

/**
 * The timeline of 6.12: a red-black tree that balances as the kernel's does, step by step, because its shape shows. Each node knows the
 * least vruntime and the shortest slice of its subtree; but where a node takes the place of another (in a rotation, or of one
 * that leaves) only the least vruntime is handed over, and its shortest slice stays that of the subtree it had before, until
 * something below it changes. Groups get their slices from there (`cfs_rq_min_slice`).
 */
export class RbTimeline implements Timeline {
  root: FairEntity | null = null;
  size = 0;

  // --- public -------------------------------------------------------------------------------------------------------------------

  /** Behind its equals. */
  insert(e: FairEntity): void {
    let parent: FairEntity | null = null;
    let left = false;
    for (let at = this.root; at !== null; at = left ? at.treeLeft : at.treeRight) {
      parent = at;
      left = e.deadline < at.deadline;
    }
    e.minVruntime = e.vruntime;
    e.minSlice = e.slice;
    e.treeLeft = e.treeRight = null;
    e.treeParent = parent;
    e.treeRed = true;
    if (parent === null) this.root = e;
    else if (left) parent.treeLeft = e;
    else parent.treeRight = e;
    this.size++;
    propagate(parent, null);
    this.mendRed(e);
  }

  remove(e: FairEntity): void {
    const short = this.unlink(e);
    e.treeLeft = e.treeRight = e.treeParent = null;
    this.size--;
    if (short !== null) this.mendBlack(short);
  }

  touch(e: FairEntity): void {
    propagate(e, null);
  }

  first(): FairEntity | null {
    let node = this.root;
    while (node !== null && node.treeLeft !== null) node = node.treeLeft;
    return node;
  }

  earliestEligible(v: number): FairEntity | null {
    return earliestEligible(this.root, v);
  }

  *[Symbol.iterator](): Iterator<FairEntity> {
    for (let node = this.first(); node !== null; node = next(node)) yield node;
  }

  // --- insertion ------------------------------------------------------------------------------------------------------------------

  /** `node` is red; if its parent is too, colours are pushed up, or a rotation or two end it. */
  private mendRed(inserted: FairEntity): void {
    let node = inserted;
    for (;;) {
      let parent = node.treeParent;
      if (parent === null) {
        node.treeRed = false;
        return;
      }
      if (!parent.treeRed) return;
      const grand: FairEntity = parent.treeParent!;
      const onLeft = parent === grand.treeLeft;
      const uncle = onLeft ? grand.treeRight : grand.treeLeft;
      if (uncle !== null && uncle.treeRed) {
        uncle.treeRed = parent.treeRed = false;
        grand.treeRed = true;
        node = grand;
        continue;
      }
      if (node === (onLeft ? parent.treeRight : parent.treeLeft)) {
        this.rotate(parent, node);
        parent = node;
      }
      parent.treeRed = false;
      grand.treeRed = true;
      this.rotate(grand, parent);
      return;
    }
  }

  // --- removal --------------------------------------------------------------------------------------------------------------------

  /** Takes `e` out. Returns the node that is now one black short on the side where it has no child, or `null`. */
  private unlink(e: FairEntity): FairEntity | null {
    const parent = e.treeParent;
    if (e.treeLeft === null || e.treeRight === null) {
      const child = e.treeLeft ?? e.treeRight;
      this.replace(e, child);
      // A single child is red, and takes over the black.
      if (child !== null) child.treeRed = e.treeRed;
      propagate(parent, null);
      return child !== null || e.treeRed ? null : parent;
    }
    return this.unlinkInner(e, e.treeLeft, e.treeRight);
  }

  /** Two children: the successor takes the place, colour and least vruntime of `e`. */
  private unlinkInner(e: FairEntity, left: FairEntity, right: FairEntity): FairEntity | null {
    let successor = right;
    while (successor.treeLeft !== null) successor = successor.treeLeft;
    const orphan = successor.treeRight;
    const below = successor === right ? successor : successor.treeParent!;
    if (below !== successor) {
      below.treeLeft = orphan;
      successor.treeRight = right;
      right.treeParent = successor;
    }
    successor.minVruntime = e.minVruntime;
    if (below !== successor) propagate(below, successor);
    successor.treeLeft = left;
    left.treeParent = successor;
    const wasRed = successor.treeRed;
    this.replace(e, successor);
    successor.treeRed = e.treeRed;
    if (orphan !== null) {
      orphan.treeParent = below;
      orphan.treeRed = false;
    }
    propagate(successor, null);
    return orphan !== null || wasRed ? null : below;
  }

  /** Below `start`, on the side without a child, paths have one black too few. */
  private mendBlack(start: FairEntity): void {
    let parent = start;
    let node: FairEntity | null = null;
    for (;;) {
      const onLeft = node === parent.treeLeft;
      let sibling = (onLeft ? parent.treeRight : parent.treeLeft)!;
      if (sibling.treeRed) {
        const inner: FairEntity = (onLeft ? sibling.treeLeft : sibling.treeRight)!;
        sibling.treeRed = parent.treeRed;
        parent.treeRed = true;
        this.rotate(parent, sibling);
        sibling = inner;
      }
      let outer = onLeft ? sibling.treeRight : sibling.treeLeft;
      if (outer === null || !outer.treeRed) {
        const inner = onLeft ? sibling.treeLeft : sibling.treeRight;
        if (inner === null || !inner.treeRed) {
          sibling.treeRed = true;
          if (parent.treeRed) {
            parent.treeRed = false;
            return;
          }
          node = parent;
          if (node.treeParent === null) return;
          parent = node.treeParent;
          continue;
        }
        this.rotate(sibling, inner);
        outer = sibling;
        sibling = inner;
      }
      sibling.treeRed = parent.treeRed;
      parent.treeRed = outer.treeRed = false;
      this.rotate(parent, sibling);
      return;
    }
  }

  // --- links ----------------------------------------------------------------------------------------------------------------------

  /** `up`, a child of `down`, takes its place. */
  private rotate(down: FairEntity, up: FairEntity): void {
    const inner = up === down.treeLeft ? up.treeRight : up.treeLeft;
    if (up === down.treeLeft) {
      down.treeLeft = inner;
      up.treeRight = down;
    } else {
      down.treeRight = inner;
      up.treeLeft = down;
    }
    if (inner !== null) inner.treeParent = down;
    this.replace(down, up);
    down.treeParent = up;
    up.minVruntime = down.minVruntime;
    refresh(down);
  }

  /** In the eyes of the parent of `e`. */
  private replace(e: FairEntity, by: FairEntity | null): void {
    const parent = e.treeParent;
    if (parent === null) this.root = by;
    else if (parent.treeLeft === e) parent.treeLeft = by;
    else parent.treeRight = by;
    if (by !== null) by.treeParent = parent;
  }
}

/** Up to `stop`, as long as anything changes. */
function propagate(from: FairEntity | null, stop: FairEntity | null): void {
  for (let node = from; node !== stop && node !== null; node = node.treeParent) if (!refresh(node)) return;
}

/** From its children as they say they are. True: something changed. */
function refresh(node: FairEntity): boolean {
  const { minVruntime, minSlice, treeLeft, treeRight } = node;
  node.minVruntime = node.vruntime;
  node.minSlice = node.slice;
  if (treeLeft !== null) fold(node, treeLeft);
  if (treeRight !== null) fold(node, treeRight);
  return node.minVruntime !== minVruntime || node.minSlice !== minSlice;
}

function fold(node: FairEntity, below: FairEntity): void {
  if (below.minVruntime < node.minVruntime) node.minVruntime = below.minVruntime;
  if (below.minSlice < node.minSlice) node.minSlice = below.minSlice;
}

function next(e: FairEntity): FairEntity | null {
  if (e.treeRight !== null) {
    let node = e.treeRight;
    while (node.treeLeft !== null) node = node.treeLeft;
    return node;
  }
  let node = e;
  while (node.treeParent !== null && node === node.treeParent.treeRight) node = node.treeParent;
  return node.treeParent;
}
