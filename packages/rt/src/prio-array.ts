import type { RtEntity } from './rt-entity.js';

/** The kernel's `rt_prio_array`: a list per priority and a bit for each list that is not empty. Every operation is O(1). */
export class PrioArray {
  private readonly heads: (RtEntity | null)[] = new Array<RtEntity | null>(100).fill(null);
  private readonly tails: (RtEntity | null)[] = new Array<RtEntity | null>(100).fill(null);
  private readonly bits = new Int32Array(4);

  addTail(e: RtEntity, prio: number): void {
    const tail = this.tails[prio]!;
    e.list = prio;
    e.prev = tail;
    e.next = null;
    if (tail === null) this.heads[prio] = e;
    else tail.next = e;
    this.tails[prio] = e;
    this.bits[prio >> 5]! |= 1 << (prio & 31);
  }

  addHead(e: RtEntity, prio: number): void {
    const head = this.heads[prio]!;
    e.list = prio;
    e.prev = null;
    e.next = head;
    if (head === null) this.tails[prio] = e;
    else head.prev = e;
    this.heads[prio] = e;
    this.bits[prio >> 5]! |= 1 << (prio & 31);
  }

  remove(e: RtEntity): void {
    const prio = e.list;
    if (e.prev === null) this.heads[prio] = e.next;
    else e.prev.next = e.next;
    if (e.next === null) this.tails[prio] = e.prev;
    else e.next.prev = e.prev;
    e.prev = e.next = null;
    e.list = -1;
    if (this.heads[prio] === null) this.bits[prio >> 5]! &= ~(1 << (prio & 31));
  }

  /** Head of the best list, or `null`. */
  first(): RtEntity | null {
    for (let word = 0; word < 4; word++) {
      const bits = this.bits[word]!;
      if (bits !== 0) return this.heads[(word << 5) + 31 - Math.clz32(bits & -bits)]!;
    }
    return null;
  }

  /** Nobody else has its priority. */
  alone(e: RtEntity): boolean {
    return e.prev === null && e.next === null;
  }

  /** Best first, in order within a list. */
  *[Symbol.iterator](): Iterator<RtEntity> {
    for (const head of this.heads) for (let e = head; e !== null; e = e.next) yield e;
  }
}
