import { SD_NUMA, sdHas, type Kernel, type SchedDomain } from '@proxysched/core';
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
    sgc.capacity = 0;
    sgc.minCapacity = Infinity;
    sgc.maxCapacity = 0;
    const add = (capacity: number, min: number, max: number): void => {
      sgc.capacity += capacity;
      sgc.minCapacity = Math.min(sgc.minCapacity, min);
      sgc.maxCapacity = Math.max(sgc.maxCapacity, max);
    };
    const { child } = sd;
    if (child === null) {
      const capacity = (rqs[sd.cpu]!.cpuCapacity = this.left.of(sd.cpu));
      add(capacity, capacity, capacity);
    } else if (sdHas(child, SD_NUMA)) {
      // Groups of nodes may overlap: counted by CPU.
      for (let cpu = span.next(-1); cpu >= 0; cpu = span.next(cpu)) {
        const { cpuCapacity } = rqs[cpu]!;
        add(cpuCapacity, cpuCapacity, cpuCapacity);
      }
    } else {
      let sg = child.groups;
      do {
        add(sg.sgc.capacity, sg.sgc.minCapacity, sg.sgc.maxCapacity);
        sg = sg.next;
      } while (sg !== child.groups);
    }
  }
}
