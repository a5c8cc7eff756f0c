import type { CpuSet } from './cpu-set.js';
import type { CpuId } from './types.js';

/** Any CPU of two sets, but not always the same: each asking CPU goes on where its last answer was (`cpumask_any_and_distribute`). */
export class CpuRotor {
  private readonly last: Int32Array;

  constructor(nrCpus: number) {
    this.last = new Int32Array(nrCpus);
  }

  /** A CPU that is in both sets, −1: none. `asking`: on whose behalf. */
  pick(a: CpuSet, b: CpuSet, asking: CpuId): CpuId | -1 {
    let cpu = a.nextIn(this.last[asking]!, b);
    if (cpu < 0) cpu = a.firstIn(b);
    if (cpu >= 0) this.last[asking] = cpu;
    return cpu;
  }
}
