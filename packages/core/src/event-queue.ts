import { timeWentBack } from './errors.js';
import { keyOf, type InstantOrder, type KeyOf } from './instant-order.js';
import { RANK_WAKE } from './ranks.js';
import { NEVER, type CpuId, type Nanos } from './types.js';

/**
 * Something that will happen at one instant, or is not armed (`at` is −1). Made once per purpose and owner, then re-armed:
 * nothing is allocated per event, and since a timer knows its slot a stale event cannot exist.
 */
export class Timer {
  at: Nanos = -1;
  /** Place in the heap, −1 when not armed. Written by the queue. */
  slot = -1;
  /** Order of arming, the last tie-break. */
  seq = 0;

  constructor(
    readonly name: string,
    /** Its place among what is due at the same instant. */
    readonly rank: number,
    readonly fire: () => void,
    /** Whose CPU carries it out; `null`: nobody's. */
    readonly place: { readonly cpu: CpuId } | null = null,
    /** Something outside the program interrupts the CPU: a timer of the machine, no end of what the CPU itself does. */
    readonly interrupts = false,
  ) {}
}

/** Clock and event queue: an intrusive 4-ary heap of timers ordered by (at, rank, seq). Arming and disarming are O(log n). */
export class EventQueue {
  now: Nanos = 0;
  /** How often a timer that interrupts was set or taken back: who watches those need look only when it has changed. */
  programmed = 0;
  private readonly heap: Timer[] = [];
  /** By slot: `at` of the timer there. Side by side, so that four children are a look at one place in memory. */
  private at = new Float64Array(64);
  private seq = 0;
  private readonly keyOf: KeyOf;

  /** `order`: of what is due at one instant; absent: by rank. */
  constructor(order?: InstantOrder) {
    this.keyOf = keyOf(order);
  }

  get size(): number {
    return this.heap.length;
  }

  /**
   * A timer of this queue, not armed. At wiring time, or when a task is made. `owner`: the CPU or task it belongs to, by number;
   * `place`: the CPU that carries it out, where that is known.
   */
  timer(name: string, rank: number, fire: () => void, owner = 0, place: Timer['place'] = null): Timer {
    return new Timer(name, this.keyOf(rank, owner), fire, place, place !== null && rank >= RANK_WAKE);
  }

  /** `timer` fires at `at` ≥ now; if armed already it moves. `NEVER` disarms. */
  arm(timer: Timer, at: Nanos): void {
    if (at === NEVER) return this.disarm(timer);
    if (!(at >= this.now)) throw timeWentBack(timer.name, at, this.now);
    timer.at = at;
    timer.seq = this.seq++;
    if (timer.interrupts) this.programmed++;
    if (timer.slot < 0) {
      const slot = this.heap.length;
      this.heap.push(timer);
      if (slot === this.at.length) this.grow();
      this.up(timer, slot);
    } else if (!this.up(timer, timer.slot)) {
      this.down(timer, timer.slot);
    }
  }

  disarm(timer: Timer): void {
    const slot = timer.slot;
    if (slot < 0) return;
    timer.slot = -1;
    timer.at = -1;
    if (timer.interrupts) this.programmed++;
    const last = this.heap.pop()!;
    if (last !== timer && !this.up(last, slot)) this.down(last, slot);
  }

  private grow(): void {
    const at = new Float64Array(2 * this.at.length);
    at.set(this.at);
    this.at = at;
  }

  /** All that are armed, in no order. */
  get armed(): readonly Timer[] {
    return this.heap;
  }

  /** Instant of the next event, or `NEVER`. */
  peek(): Nanos {
    return this.heap.length === 0 ? NEVER : this.at[0]!;
  }

  /** Takes the next timer that is due at or before `until` off the queue and moves the clock there; does not fire it. */
  next(until: Nanos): Timer | null {
    const timer = this.heap[0];
    if (timer === undefined || timer.at > until) return null;
    this.now = timer.at;
    this.disarm(timer);
    return timer;
  }

  /** `timer` goes to `slot`, or up from there. True: up. */
  private up(timer: Timer, from: number): boolean {
    const { heap, at } = this;
    const due = timer.at;
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 2;
      const other = at[parent]!;
      if (due > other || (due === other && !comesFirst(timer, heap[parent]!))) break;
      this.put(heap[parent]!, other, slot);
      slot = parent;
    }
    this.put(timer, due, slot);
    return slot !== from;
  }

  /** `timer`, in `from`, goes down as far as there is anything earlier below it. */
  private down(timer: Timer, from: number): void {
    const { heap, at } = this;
    const n = heap.length;
    const due = timer.at;
    let slot = from;
    for (;;) {
      let best = (slot << 2) + 1;
      if (best >= n) break;
      let least = at[best]!;
      const end = best + 4 < n ? best + 4 : n;
      for (let i = best + 1; i < end; i++) {
        const other = at[i]!;
        if (other < least || (other === least && comesFirst(heap[i]!, heap[best]!))) {
          best = i;
          least = other;
        }
      }
      if (least > due || (least === due && !comesFirst(heap[best]!, timer))) break;
      this.put(heap[best]!, least, slot);
      slot = best;
    }
    if (slot !== from) this.put(timer, due, slot);
  }

  private put(timer: Timer, at: Nanos, slot: number): void {
    this.heap[slot] = timer;
    this.at[slot] = at;
    timer.slot = slot;
  }
}

/** Of two that are due at the same instant. */
function comesFirst(a: Timer, b: Timer): boolean {
  return a.rank !== b.rank ? a.rank < b.rank : a.seq < b.seq;
}
