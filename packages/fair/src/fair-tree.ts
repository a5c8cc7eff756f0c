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

  protected override refresh(node: FairEntity): boolean {
    const { treeLeft, treeRight } = node;
    let least = node.vruntime;
    let short = node.slice;
    let long = short;
    if (treeLeft !== null) {
      if (treeLeft.minVruntime < least) least = treeLeft.minVruntime;
      if (treeLeft.minSlice < short) short = treeLeft.minSlice;
      if (treeLeft.maxSlice > long) long = treeLeft.maxSlice;
    }
    if (treeRight !== null) {
      if (treeRight.minVruntime < least) least = treeRight.minVruntime;
      if (treeRight.minSlice < short) short = treeRight.minSlice;
      if (treeRight.maxSlice > long) long = treeRight.maxSlice;
    }
    if (node.minVruntime === least && node.minSlice === short && node.maxSlice === long) return false;
    node.minVruntime = least;
    node.minSlice = short;
    node.maxSlice = long;
    return true;
  }

  protected override absorb(at: FairEntity, node: FairEntity): void {
    if (node.vruntime < at.minVruntime) at.minVruntime = node.vruntime;
    if (node.slice < at.minSlice) at.minSlice = node.slice;
    if (node.slice > at.maxSlice) at.maxSlice = node.slice;
  }
}
