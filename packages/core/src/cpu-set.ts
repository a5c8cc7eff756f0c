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

  /** By CPU: all that share what is numbered in `part`, each set made once. */
  static sharing(part: readonly number[]): CpuSet[] {
    const sets = new Map<number, CpuSet>();
    for (const [cpu, id] of part.entries()) {
      if (!sets.has(id)) sets.set(id, new CpuSet(part.length));
      sets.get(id)!.add(cpu as CpuId);
    }
    return part.map(id => sets.get(id)!);
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

  /** Adds every CPU of `other`. */
  addAll(other: CpuSet): void {
    for (let i = 0; i < this.words.length; i++) this.words[i]! |= other.words[i]!;
    this.recount();
  }

  /** Becomes what `a` and `b` have in common. */
  setToBoth(a: CpuSet, b: CpuSet): void {
    for (let i = 0; i < this.words.length; i++) this.words[i] = a.words[i]! & b.words[i]!;
    this.recount();
  }

  /** CPUs that are in both sets. */
  countIn(other: CpuSet): number {
    let n = 0;
    for (let i = 0; i < this.words.length; i++) n += bits(this.words[i]! & other.words[i]!);
    return n;
  }

  /** CPUs of the set that are lower than `cpu`. */
  countBelow(cpu: number): number {
    let n = 0;
    for (let i = 0; i < cpu >>> 5; i++) n += bits(this.words[i]!);
    return (cpu & 31) === 0 ? n : n + bits(this.words[cpu >>> 5]! & ~(-1 << (cpu & 31)));
  }

  isSubsetOf(other: CpuSet): boolean {
    for (let i = 0; i < this.words.length; i++) if ((this.words[i]! & ~other.words[i]!) !== 0) return false;
    return true;
  }

  equals(other: CpuSet): boolean {
    return this.count === other.count && this.isSubsetOf(other);
  }

  private recount(): void {
    this.count = 0;
    for (let i = 0; i < this.words.length; i++) this.count += bits(this.words[i]!);
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

  /** Lowest CPU above `after` that is in both sets, going on from the lowest after the highest, up to and with `after` itself; −1: none. */
  nextWrap(after: number, other: CpuSet): CpuId | -1 {
    const found = this.nextIn(after, other);
    if (found >= 0) return found;
    const wrapped = this.nextIn(-1, other);
    return wrapped <= after ? wrapped : -1;
  }

  *[Symbol.iterator](): Iterator<CpuId> {
    for (let cpu = this.first(); cpu >= 0; cpu = this.next(cpu)) yield cpu as CpuId;
  }

  toString(): string {
    return [...this].join(',');
  }
}

/** Bits that are set in a word. */
function bits(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
