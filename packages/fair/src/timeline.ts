import type { FairEntity } from './fair-entity.js';

/** Entities by deadline, equals in order of insertion; each node knows the least vruntime and the extreme slices of its subtree. */
export interface Timeline extends Iterable<FairEntity> {
  readonly root: FairEntity | null;
  readonly size: number;
  insert(e: FairEntity): void;
  /** Its deadline must be what it was when it was inserted. */
  remove(e: FairEntity): void;
  /** The slice of `e` has changed; its place stays. */
  touch(e: FairEntity): void;
  first(): FairEntity | null;
  earliestEligible(v: number): FairEntity | null;
}

/**
 * Of those with `vruntime` ≤ `v`, the one with the earliest deadline (`fair-eevdf.md` 8). Whatever is to the left is
 * earlier, so go there whenever it holds anybody eligible; the heap on `vruntime` tells without looking.
 */
export function earliestEligible(root: FairEntity | null, v: number): FairEntity | null {
  let node = root;
  while (node !== null) {
    const left = node.treeLeft;
    if (left !== null && left.minVruntime <= v) node = left;
    else if (node.vruntime <= v) return node;
    else node = node.treeRight;
  }
  return null;
}
