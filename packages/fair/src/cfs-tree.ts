import { OrderedTree } from '@proxysched/core';
import type { CfsEntity } from './cfs-entity.js';

/** The timeline of classic CFS: by vruntime. */
export class CfsTree extends OrderedTree<CfsEntity> {
  /** Second in line. */
  second(): CfsEntity | null {
    let node = this.root;
    if (node === null) return null;
    let parent: CfsEntity | null = null;
    while (node.treeLeft !== null) {
      parent = node;
      node = node.treeLeft;
    }
    let after = node.treeRight;
    if (after === null) return parent;
    while (after.treeLeft !== null) after = after.treeLeft;
    return after;
  }

  protected override compare(a: CfsEntity, b: CfsEntity): number {
    return a.vruntime - b.vruntime;
  }
}
