import { CpuSet, type CpuId, type Nanos } from '@proxysched/core';

/**
 * The earliest deadline of every CPU with deadline work in a heap, latest first, beside the set of CPUs without any
 * (`rt-and-deadline.md` 11). A search looks at the free CPUs, then at the root of the heap alone, as the kernel's does.
 */
export class CpuDeadlines {
  readonly free: CpuSet;
  private readonly heap: CpuId[] = [];
  /** By CPU: its place in the heap, −1 when it is free. */
  private readonly slot: Int32Array;
  private readonly deadlines: Float64Array;

  constructor(nrCpus: number) {
    this.free = CpuSet.all(nrCpus);
    this.slot = new Int32Array(nrCpus).fill(-1);
    this.deadlines = new Float64Array(nrCpus);
  }

  /** The earliest deadline on `cpu` is `deadline` now. O(log CPUs). */
  set(cpu: CpuId, deadline: Nanos): void {
    this.deadlines[cpu] = deadline;
    if (this.slot[cpu]! < 0) {
      this.free.delete(cpu);
      this.slot[cpu] = this.heap.length;
      this.heap.push(cpu);
    }
    this.up(cpu);
    this.down(cpu);
  }

  /** `cpu` has no deadline work any more. */
  clear(cpu: CpuId): void {
    const slot = this.slot[cpu]!;
    if (slot < 0) return;
    this.free.add(cpu);
    this.slot[cpu] = -1;
    const last = this.heap.pop()!;
    if (last === cpu) return;
    this.place(last, slot);
    this.up(last);
    this.down(last);
  }

  /** CPU with the latest of the earliest deadlines, −1: all are free. */
  latest(): CpuId | -1 {
    return this.heap[0] ?? -1;
  }

  /** The earliest deadline on `cpu`, which must not be free. */
  earliest(cpu: CpuId): Nanos {
    return this.deadlines[cpu]!;
  }

  private up(cpu: CpuId): void {
    for (let slot = this.slot[cpu]!; slot > 0;) {
      const parent = (slot - 1) >> 1;
      const other = this.heap[parent]!;
      if (this.deadlines[other]! >= this.deadlines[cpu]!) return;
      this.place(other, slot);
      this.place(cpu, parent);
      slot = parent;
    }
  }

  private down(cpu: CpuId): void {
    const { heap } = this;
    for (let slot = this.slot[cpu]!; ;) {
      let child = 2 * slot + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.deadlines[heap[child + 1]!]! > this.deadlines[heap[child]!]!) child++;
      const other = heap[child]!;
      if (this.deadlines[other]! <= this.deadlines[cpu]!) return;
      this.place(other, slot);
      this.place(cpu, child);
      slot = child;
    }
  }

  private place(cpu: CpuId, slot: number): void {
    this.heap[slot] = cpu;
    this.slot[cpu] = slot;
  }
}
