import type { Ranked } from './ranked.js';

/** Entities by urgency, the first on top: a 4-ary heap whose entries know their places. O(log n), nothing is allocated. */
export class RankedHeap {
  private readonly heap: Ranked[] = [];

  /** @param last The least urgent on top instead. */
  constructor(private readonly last = false) {}

  get size(): number {
    return this.heap.length;
  }

  first(): Ranked | null {
    return this.heap.length === 0 ? null : this.heap[0]!;
  }

  insert(e: Ranked): void {
    e.heap = this;
    this.heap.push(e);
    this.up(e, this.heap.length - 1);
  }

  remove(e: Ranked): void {
    const { slot } = e;
    e.heap = null;
    e.slot = -1;
    const filler = this.heap.pop()!;
    if (filler === e) return;
    this.up(filler, slot);
    this.down(filler, filler.slot);
  }

  /** In no order. For checks. */
  [Symbol.iterator](): Iterator<Ranked> {
    return this.heap[Symbol.iterator]();
  }

  private up(e: Ranked, from: number): void {
    const { heap } = this;
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 2;
      const other = heap[parent]!;
      if (!this.before(e, other)) break;
      heap[slot] = other;
      other.slot = slot;
      slot = parent;
    }
    heap[slot] = e;
    e.slot = slot;
  }

  private down(e: Ranked, from: number): void {
    const { heap } = this;
    const n = heap.length;
    let slot = from;
    for (let child = (slot << 2) + 1; child < n; child = (slot << 2) + 1) {
      let best = heap[child]!;
      const end = child + 4 < n ? child + 4 : n;
      for (let i = child + 1; i < end; i++) if (this.before(heap[i]!, best)) best = heap[i]!;
      if (!this.before(best, e)) break;
      const to = best.slot;
      heap[slot] = best;
      best.slot = slot;
      slot = to;
    }
    heap[slot] = e;
    e.slot = slot;
  }

  private before(a: Ranked, b: Ranked): boolean {
    return this.last !== (a.key !== b.key ? a.key < b.key : a.seq < b.seq);
  }
}
