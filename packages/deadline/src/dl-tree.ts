import { OrderedTree } from '@proxysched/core';
import type { DlEntity } from './dl-entity.js';

/** Earliest deadline first; equal deadlines in order of insertion. */
export class DlTree extends OrderedTree<DlEntity> {
  protected compare(a: DlEntity, b: DlEntity): number {
    return a.deadline - b.deadline;
  }
}
