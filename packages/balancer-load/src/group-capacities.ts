import { SD_NUMA, sdHas, type GroupCapacity, type Kernel, type SchedDomain } from '@proxysched/core';
import type { CapacityLeft } from './capacity-left.js';

/** What groups have for fair tasks, brought up to date by who balances them, from the bottom (`update_group_capacity`). */
export class GroupCapacities {
  constructor(
    private readonly kernel: Kernel,
    private readonly left: CapacityLeft,
  ) {}

  /** Of the group that the CPU of `sd` is in. */
  update(sd: SchedDomain): void {
    const { sgc, span } = sd.groups;
    const { rqs } = this.kernel;
    const { child } = sd;
    sgc.capacity = 0;
    sgc.minCapacity = Infinity;
    sgc.maxCapacity = 0;
    if (child === null) {
      const capacity = (rqs[sd.cpu]!.cpuCapacity = this.left.of(sd.cpu));
      add(sgc, capacity, capacity, capacity);
    } else if (sdHas(child, SD_NUMA)) {
      // Groups of nodes may overlap: counted by CPU.
      for (let cpu = span.next(-1); cpu >= 0; cpu = span.next(cpu)) {
        const { cpuCapacity } = rqs[cpu]!;
        add(sgc, cpuCapacity, cpuCapacity, cpuCapacity);
      }
    } else {
      let sg = child.groups;
      do {
        add(sgc, sg.sgc.capacity, sg.sgc.minCapacity, sg.sgc.maxCapacity);
        sg = sg.next;
      } while (sg !== child.groups);
    }
  }
}

function add(sum: GroupCapacity, capacity: number, min: number, max: number): void {
  sum.capacity += capacity;
  sum.minCapacity = Math.min(sum.minCapacity, min);
  sum.maxCapacity = Math.max(sum.maxCapacity, max);
}
