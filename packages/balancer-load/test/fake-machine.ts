import {
  CpuSet,
  Topology,
  presetTopology,
  regularTopology,
  type CpuId,
  type Kernel,
  type LoadView,
  type OptionValue,
  type RegularTopology,
  type RunQueue,
  type SchedClass,
  type Task,
} from '@proxysched/core';
import { Placement } from '../src/placement.js';

/** A machine that stands still: who is idle, how much load there is and where, as a test says. */
export class FakeMachine {
  readonly topology: Topology;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly queue = { now: 0 };
  readonly rqs: RunQueue[] = [];
  readonly idleCpus: CpuSet;
  /** By CPU: load and utilisation of what is queued, tasks of SCHED_IDLE among it. */
  readonly loads: number[];
  readonly utils: number[];
  readonly idlers: number[];
  readonly taskUtils = new Map<Task, number>();
  readonly cls: SchedClass;

  constructor(shape: RegularTopology | string) {
    this.topology = new Topology(regularTopology(typeof shape === 'string' ? presetTopology(shape)! : shape));
    const cpus = this.topology.nrCpus;
    this.machine = { cpus, hz: 1000 };
    this.idleCpus = CpuSet.all(cpus);
    this.loads = Array<number>(cpus).fill(0);
    this.utils = Array<number>(cpus).fill(0);
    this.idlers = Array<number>(cpus).fill(0);
    for (let cpu = 0; cpu < cpus; cpu++) {
      const idle = { pid: 0, comm: `swapper/${cpu}` } as Task;
      const rq = { cpu, idle, curr: idle, donor: idle, nrQueued: 0, idleSince: -1, cpuCapacity: this.topology.capacity[cpu]! };
      this.rqs.push(rq as unknown as RunQueue);
    }
    this.cls = { load: this.load() } as unknown as SchedClass;
  }

  place(options: Readonly<Record<string, OptionValue>> = {}): Placement {
    return new Placement(this as unknown as Kernel, options);
  }

  task(pid: number, cpus?: Iterable<number>): Task {
    const cpusAllowed = cpus === undefined ? CpuSet.all(this.machine.cpus) : CpuSet.of(this.machine.cpus, cpus);
    return { pid, comm: `t${pid}`, exec: { cpusAllowed }, sched: { cls: this.cls } } as unknown as Task;
  }

  /** `nr` tasks on `cpu`, of which one runs. */
  occupy(cpu: number, nr = 1, load = 1024 * nr, util = 1024): Task {
    const rq = this.rqs[cpu]!;
    rq.curr = this.task(10_000 + cpu);
    rq.nrQueued = nr;
    this.loads[cpu] = load;
    this.utils[cpu] = util;
    this.idleCpus.delete(cpu as CpuId);
    return rq.curr;
  }

  /** All but these. */
  occupyAllBut(...cpus: number[]): void {
    for (let cpu = 0; cpu < this.machine.cpus; cpu++) if (!cpus.includes(cpu)) this.occupy(cpu);
  }

  free(cpu: number): void {
    const rq = this.rqs[cpu]!;
    rq.curr = rq.idle;
    rq.nrQueued = 0;
    this.loads[cpu] = this.utils[cpu] = 0;
    this.idleCpus.add(cpu as CpuId);
  }

  private load(): LoadView {
    const { rqs, loads, utils, idlers, taskUtils } = this;
    const view = {
      loadAvg: (cpu: CpuId) => loads[cpu]!,
      utilAvg: (cpu: CpuId) => utils[cpu]!,
      utilEst: () => 0,
      runnableAvg: (cpu: CpuId) => rqs[cpu]!.nrQueued * 1024,
      hNrQueued: (cpu: CpuId) => rqs[cpu]!.nrQueued,
      hNrRunnable: (cpu: CpuId) => rqs[cpu]!.nrQueued,
      nrIdlePolicy: (cpu: CpuId) => idlers[cpu]!,
      get withIdlePolicy() {
        return CpuSet.of(
          rqs.length,
          idlers.flatMap((n, cpu) => (n > 0 ? [cpu] : [])),
        );
      },
      taskHLoad: () => 512,
      taskUtilEst: (p: Task) => taskUtils.get(p) ?? 0,
    };
    return view as unknown as LoadView;
  }
}
