import { CpuSet, type CpuId, type RunQueue, type SchedDomain } from '@proxysched/core';
import type { DomainState } from './domain-state.js';
import type { MigrationType } from './src-group.js';

/** Whether the CPU that pulls has something to run (`enum cpu_idle_type`). */
export const BUSY = 0;
export const IDLE = 1;
export const NEWLY_IDLE = 2;
export type IdleType = typeof BUSY | typeof IDLE | typeof NEWLY_IDLE;

/** One pass over a domain (`struct lb_env`). Made once and refilled. */
export class LbEnv {
  sd!: SchedDomain;
  state!: DomainState;
  idle: IdleType = BUSY;
  dst!: RunQueue;
  src!: RunQueue;
  migrationType: MigrationType = 'migrate_task';
  imbalance = 0;
  /** Tasks looked at in this pass, and at most. */
  loop = 0;
  loopMax = 0;
  /** Every task so far was bound elsewhere; some were; of those one may go to `newDst`, in the group of `dst`. */
  allPinned = false;
  somePinned = false;
  dstPinned = false;
  newDst: CpuId | -1 = -1;
  /** The stopper moves: what runs may go, and heat does not matter. */
  active = false;
  /** CPUs that were tried in vain and are left out. */
  readonly excluded: CpuSet;

  constructor(nrCpus: number) {
    this.excluded = new CpuSet(nrCpus);
  }

  begin(state: DomainState, dst: RunQueue, idle: IdleType): void {
    this.state = state;
    this.sd = state.sd;
    this.dst = dst;
    this.idle = idle;
    this.migrationType = 'migrate_load';
    this.imbalance = 0;
    this.loop = 0;
    this.allPinned = this.somePinned = this.dstPinned = this.active = false;
    this.newDst = -1;
    if (this.excluded.size > 0) this.excluded.clear();
  }

  /** Whether `cpu` of the domain takes part (`env->cpus`). */
  has(cpu: CpuId): boolean {
    return !this.excluded.has(cpu);
  }
}
