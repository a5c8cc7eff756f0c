import type { CpuId } from './types.js';

/** A set of CPUs as bits, 32 to a word; membership and "first common CPU" cost a word operation each. */
export class CpuSet {
  private readonly words: Uint32Array;
  private count = 0;

  /** @param nrCpus CPUs of the machine; the set starts empty. */
  constructor(readonly nrCpus: number) {
    this.words = new Uint32Array((nrCpus + 31) >>> 5);
  }

  /** Every CPU of a machine of `nrCpus`. */
  static all(nrCpus: number): CpuSet {
    const set = new CpuSet(nrCpus);
    for (let cpu = 0; cpu < nrCpus; cpu++) set.add(cpu as CpuId);
    return set;
  }

  /** The CPUs of `cpus`; ids outside the machine are left out. */
  static of(nrCpus: number, cpus: Iterable<number>): CpuSet {
    const set = new CpuSet(nrCpus);
    for (const cpu of cpus) if (cpu >= 0 && cpu < nrCpus) set.add(cpu as CpuId);
    return set;
  }

  get size(): number {
    return this.count;
  }

  has(cpu: CpuId): boolean {
    return (this.words[cpu >>> 5]! & (1 << (cpu & 31))) !== 0;
  }

  add(cpu: CpuId): void {
    if (this.has(cpu)) return;
    this.words[cpu >>> 5]! |= 1 << (cpu & 31);
    this.count++;
  }

  delete(cpu: CpuId): void {
    if (!this.has(cpu)) return;
    this.words[cpu >>> 5]! &= ~(1 << (cpu & 31));
    this.count--;
  }

  clear(): void {
    this.words.fill(0);
    this.count = 0;
  }

  /** Lowest CPU of the set, or −1. */
  first(): CpuId | -1 {
    return this.next(-1);
  }

  /** Lowest CPU above `after`, or −1. `for (let c = s.next(-1); c >= 0; c = s.next(c))` visits the set in order. */
  next(after: number): CpuId | -1 {
    return this.nextIn(after, null);
  }

  /** Lowest CPU above `after` that is not in the set, or −1. */
  nextAbsent(after: number): CpuId | -1 {
    for (let cpu = after + 1; cpu < this.nrCpus; cpu = (cpu | 31) + 1) {
      const absent = ~this.words[cpu >>> 5]! & (-1 << (cpu & 31));
      if (absent === 0) continue;
      const found = (cpu & ~31) + 31 - Math.clz32(absent & -absent);
      return found < this.nrCpus ? (found as CpuId) : -1;
    }
    return -1;
  }

  /** Lowest CPU that is in both sets, or −1. */
  firstIn(other: CpuSet): CpuId | -1 {
    return this.nextIn(-1, other);
  }

  /** Lowest CPU above `after` that is in both sets, or −1; `null` stands for all CPUs. */
  nextIn(after: number, other: CpuSet | null): CpuId | -1 {
    const from = after + 1;
    for (let i = from >>> 5; i < this.words.length; i++) {
      let word = this.words[i]!;
      if (other !== null) word &= other.words[i]!;
      if (i === from >>> 5) word &= -1 << (from & 31);
      if (word !== 0) return ((i << 5) + 31 - Math.clz32(word & -word)) as CpuId;
    }
    return -1;
  }

  *[Symbol.iterator](): Iterator<CpuId> {
    for (let cpu = this.first(); cpu >= 0; cpu = this.next(cpu)) yield cpu as CpuId;
  }

  toString(): string {
    return [...this].join(',');
  }
}
