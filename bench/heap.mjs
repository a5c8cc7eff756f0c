/**
 * An event heap and nothing else: 4-ary, on typed arrays, 10,000 entries pending; an event pops one and pushes one at
 * "now + random". What a machine does with the bare minimum, so that figures from different machines can be compared.
 */
export class EventHeap {
  #at;
  #id;
  size = 0;

  constructor(capacity) {
    this.#at = new Float64Array(capacity);
    this.#id = new Int32Array(capacity);
  }

  /** Instant and id of the first, after `pop`. */
  at = 0;
  id = 0;

  push(at, id) {
    const [times, ids] = [this.#at, this.#id];
    let slot = this.size++;
    while (slot > 0) {
      const parent = (slot - 1) >> 2;
      if (times[parent] <= at) break;
      times[slot] = times[parent];
      ids[slot] = ids[parent];
      slot = parent;
    }
    times[slot] = at;
    ids[slot] = id;
  }

  pop() {
    const [times, ids] = [this.#at, this.#id];
    this.at = times[0];
    this.id = ids[0];
    const n = --this.size;
    const [at, id] = [times[n], ids[n]];
    let slot = 0;
    for (let child = 1; child < n; child = (slot << 2) + 1) {
      let best = child;
      const end = Math.min(child + 4, n);
      for (let i = child + 1; i < end; i++) if (times[i] < times[best]) best = i;
      if (times[best] >= at) break;
      times[slot] = times[best];
      ids[slot] = ids[best];
      slot = best;
    }
    times[slot] = at;
    ids[slot] = id;
  }
}
