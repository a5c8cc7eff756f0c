import { OrderedTree } from '@proxysched/core';
import type { FairEntity } from './fair-entity.js';
import { earliestEligible, type Timeline } from './timeline.js';

/** The timeline: by deadline; each node knows the least vruntime and the extreme slices of its subtree. */
export class FairTree extends OrderedTree<FairEntity> implements Timeline {
  earliestEligible(v: number): FairEntity | null {
    return earliestEligible(this.root, v);
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
