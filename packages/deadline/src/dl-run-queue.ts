import type { RunQueue } from '@proxysched/core';
import type { DlEntity } from './dl-entity.js';
import { DlTree } from './dl-tree.js';

/** The deadline queue of one CPU: who is eligible, and whose bandwidth counts here (`rt-and-deadline.md` 10). */
export class DlRunQueue {
  readonly tree = new DlTree();
  /** Tasks queued, those that wait for a budget among them. */
  nrQueued = 0;
  /** Bandwidth of all reservations of this CPU; of those in use. 0 ≤ `runningBw` ≤ `thisBw`. */
  thisBw = 0;
  runningBw = 0;
  /** The donor is a task of the class. */
  hasDonor = false;
  /** The donor's deadline has moved later: work that waits elsewhere may be more urgent now. */
  movedLater = false;

  constructor(readonly rq: RunQueue) {}

  /** The bandwidth of `e` counts here from now on. */
  attach(e: DlEntity): void {
    e.cpu = this.rq.cpu;
    this.thisBw += e.dlBw;
  }

  detach(e: DlEntity): void {
    this.setActive(e, false);
    this.thisBw -= e.dlBw;
    e.cpu = -1;
  }

  setActive(e: DlEntity, active: boolean): void {
    if (e.active === active) return;
    e.active = active;
    this.runningBw += active ? e.dlBw : -e.dlBw;
  }
}
