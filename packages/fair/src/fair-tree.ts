import { OrderedTree } from '@proxysched/core';
import type { FairEntity } from './fair-entity.js';

/** The timeline: by deadline; each node knows the least vruntime and the extreme slices of its subtree. */
export class FairTree extends OrderedTree<FairEntity> {
  /**
   * Of those with `vruntime` ≤ `v`, the one with the earliest deadline (`fair-eevdf.md` 8). Whatever is to the left is
   * earlier, so go there whenever it holds anybody eligible; the heap on `vruntime` tells without looking.
   */
  earliestEligible(v: number): FairEntity | null {
    let node = this.root;
    while (node !== null) {
      const left = node.treeLeft;
      if (left !== null && left.minVruntime <= v) node = left;
      else if (node.vruntime <= v) return node;
      else node = node.treeRight;
    }
    return null;
  }

  protected override compare(a: FairEntity, b: FairEntity): number {
    return a.deadline - b.deadline;
  }

  protected override refresh(node: FairEntity): void {
    node.minVruntime = node.vruntime;
    node.minSlice = node.slice;
    node.maxSlice = node.slice;
    if (node.treeLeft !== null) fold(node, node.treeLeft);
    if (node.treeRight !== null) fold(node, node.treeRight);
  }
}

function fold(node: FairEntity, below: FairEntity): void {
  if (below.minVruntime < node.minVruntime) node.minVruntime = below.minVruntime;
  if (below.minSlice < node.minSlice) node.minSlice = below.minSlice;
  if (below.maxSlice > node.maxSlice) node.maxSlice = below.maxSlice;
}
