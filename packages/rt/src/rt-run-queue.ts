import type { RtEntity } from './rt-entity.js';

/** Lists of a queue: kernel priorities 0 … 98 and one nobody uses, as in the kernel. */
export const NR_LISTS = 100;

/**
 * The real-time queue of one CPU (fact sheet 4): a FIFO list per kernel priority, threaded through the entities, and a
 * bitmap of the lists that are not empty. Who runs stays in its list. Every step is O(1) but `following`, which is a walk.
 */
export class RtRunQueue {
  nr = 0;
  /** The donor is a task of the class. */
  hasDonor = false;
  private readonly heads: (RtEntity | null)[] = new Array<RtEntity | null>(NR_LISTS).fill(null);
  private readonly tails: (RtEntity | null)[] = new Array<RtEntity | null>(NR_LISTS).fill(null);
  private readonly bitmap = new Uint32Array((NR_LISTS + 31) >>> 5);

  /** Puts `e` into `list` in front of `before`, which stands there; `null`: at the tail. */
  insert(e: RtEntity, list: number, before: RtEntity | null): void {
    const after = before === null ? this.tails[list]! : before.prev;
    e.list = list;
    e.prev = after;
    e.next = before;
    if (after === null) this.heads[list] = e;
    else after.next = e;
    if (before === null) this.tails[list] = e;
    else before.prev = e;
    this.bitmap[list >>> 5]! |= 1 << (list & 31);
    this.nr++;
  }

  remove(e: RtEntity): void {
    const { list } = e;
    if (e.prev === null) this.heads[list] = e.next;
    else e.prev.next = e.next;
    if (e.next === null) this.tails[list] = e.prev;
    else e.next.prev = e.prev;
    if (this.heads[list] === null) this.bitmap[list >>> 5]! &= ~(1 << (list & 31));
    e.list = -1;
    e.prev = e.next = null;
    this.nr--;
  }

  toTail(e: RtEntity): void {
    const { list } = e;
    if (e.next === null) return;
    this.remove(e);
    this.insert(e, list, null);
  }

  toHead(e: RtEntity): void {
    const { list } = e;
    if (e.prev === null) return;
    this.remove(e);
    this.insert(e, list, this.heads[list]!);
  }

  /** Nobody else in its list. */
  alone(e: RtEntity): boolean {
    return e.prev === null && e.next === null;
  }

  head(list: number): RtEntity | null {
    return this.heads[list]!;
  }

  /** Best kernel priority queued, `NR_LISTS` when there is none. */
  best(): number {
    return this.listFrom(0);
  }

  /** The same of all but `e`, which may be queued or not. */
  bestBut(e: RtEntity): number {
    const best = this.best();
    return e.list === best && this.alone(e) ? this.listFrom(best + 1) : best;
  }

  first(): RtEntity | null {
    const list = this.best();
    return list === NR_LISTS ? null : this.heads[list]!;
  }

  /** The next one in order of urgency. */
  following(e: RtEntity): RtEntity | null {
    if (e.next !== null) return e.next;
    const list = this.listFrom(e.list + 1);
    return list === NR_LISTS ? null : this.heads[list]!;
  }

  private listFrom(from: number): number {
    for (let i = from >>> 5; i < this.bitmap.length; i++) {
      let word = this.bitmap[i]!;
      if (i === from >>> 5) word &= -1 << (from & 31);
      if (word !== 0) return (i << 5) + 31 - Math.clz32(word & -word);
    }
    return NR_LISTS;
  }
}
