import type { FairEntity } from './fair-entity.js';

/**
 * `rq->cfs_tasks`: tasks queued on a CPU, of all groups, by when they last ran. One comes to the head when it is queued and when it is set
 * running; so who has not run for longest is at the tail, where balancing begins.
 */
export class CfsTasks {
  size = 0;
  /** Of these, those of idle policy (`h_nr_idle`). */
  nrIdle = 0;
  tail: FairEntity | null = null;
  private head: FairEntity | null = null;

  add(e: FairEntity): void {
    this.link(e);
    this.size++;
    if (e.idle) this.nrIdle++;
  }

  remove(e: FairEntity): void {
    this.unlink(e);
    this.size--;
    if (e.idle) this.nrIdle--;
  }

  toHead(e: FairEntity): void {
    if (e === this.head) return;
    this.unlink(e);
    this.link(e);
  }

  private link(e: FairEntity): void {
    e.ranBefore = this.head;
    e.ranAfter = null;
    if (this.head === null) this.tail = e;
    else this.head.ranAfter = e;
    this.head = e;
  }

  private unlink(e: FairEntity): void {
    if (e.ranAfter === null) this.head = e.ranBefore;
    else e.ranAfter.ranBefore = e.ranBefore;
    if (e.ranBefore === null) this.tail = e.ranAfter;
    else e.ranBefore.ranAfter = e.ranAfter;
    e.ranBefore = e.ranAfter = null;
  }
}
