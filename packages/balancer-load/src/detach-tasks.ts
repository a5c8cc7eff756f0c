import { SD_SHARE_CPUCAPACITY, sdHas, type CpuId, type Kernel, type LoadView, type Nanos, type Task } from '@proxysched/core';
import { fitsCapacity } from './capacity.js';
import { BUSY, NEWLY_IDLE, type LbEnv } from './lb-env.js';

/** Which tasks of `env.src` go to `env.dst` (`detach_tasks`, `can_migrate_task`; `pelt-and-balance.md` 6.6). */
export class DetachTasks {
  constructor(
    private readonly kernel: Kernel,
    private readonly load: LoadView,
    private readonly migrationCost: Nanos,
  ) {}

  /** From who has not run for longest; moves as much as the imbalance asks for. How many went. */
  run(env: LbEnv): number {
    const { src } = env;
    if (src.nrRunning <= 1) {
      // Somebody else was quicker: none was looked at, so none was bound.
      env.allPinned = false;
      return 0;
    }
    let moved = 0;
    while (env.imbalance > 0 && (env.idle === BUSY || src.nrRunning > 1)) {
      const p = this.load.leastRecent(src.cpu);
      if (p === null || ++env.loop > env.loopMax) break;
      if (!this.canMigrate(env, p) || !this.fitsImbalance(env, p)) {
        this.load.passOver(p);
        continue;
      }
      this.kernel.move(p, env.dst, 'balance');
      moved++;
      // A preemptible kernel does not let a CPU that is about to idle search for long.
      if (env.idle === NEWLY_IDLE) break;
    }
    return moved;
  }

  /** Takes the measure of `p` off the imbalance; false: it is more than that, and it has not failed often enough yet. */
  private fitsImbalance(env: LbEnv, p: Task): boolean {
    const failed = env.state.nrBalanceFailed;
    switch (env.migrationType) {
      case 'migrate_load':
        return takeOff(env, Math.max(1, this.load.taskHLoad(p)), failed);
      case 'migrate_util':
        return takeOff(env, this.load.taskUtilEst(p), failed);
      case 'migrate_task':
        env.imbalance--;
        return true;
      case 'migrate_misfit':
        if (fitsCapacity(this.load.taskUtilEst(p), env.src.cpuCapacity)) return false;
        env.imbalance = 0;
        return true;
    }
  }

  canMigrate(env: LbEnv, p: Task): boolean {
    const { dst, src } = env;
    // Who sleeps, though queued still, is nothing but load; who waits for a lock is where it is to lend.
    if (p.schedDelayed ? env.migrationType !== 'migrate_load' : p.isBlocked) return false;
    if (this.load.isThrottled(p, dst.cpu)) return false;
    if (env.state.nrBalanceFailed === 0 && this.load.isIneligible(p, dst.cpu)) return false;
    if (!p.exec.cpusAllowed.has(dst.cpu)) {
      this.notePinned(env, p);
      return false;
    }
    env.allPinned = false;
    if (env.active) return p === src.curr || p !== src.donor;
    if (p === src.curr || p === src.donor) return false;
    return env.state.nrBalanceFailed > env.sd.cacheNiceTries || !this.isHot(env, p);
  }

  /** Another CPU of the group may do; for that the pass is repeated. */
  private notePinned(env: LbEnv, p: Task): void {
    env.somePinned = true;
    if (env.idle === NEWLY_IDLE || env.dstPinned || env.active) return;
    const mask = env.sd.groups.balanceMask;
    const { cpusAllowed } = p.exec;
    for (let cpu = cpusAllowed.nextIn(-1, mask); cpu >= 0; cpu = cpusAllowed.nextIn(cpu, mask)) {
      if (!env.has(cpu as CpuId)) continue;
      env.dstPinned = true;
      env.newDst = cpu;
      return;
    }
  }

  /** `task_hot`: its cache is likely warm. */
  private isHot(env: LbEnv, p: Task): boolean {
    if (this.load.isIdlePolicy(p) || sdHas(env.sd, SD_SHARE_CPUCAPACITY)) return false;
    if (env.dst.nrRunning > 0 && this.load.isBuddy(p)) return true;
    return this.kernel.queue.now - this.load.lastRan(p) < this.migrationCost;
  }
}

/** The more attempts failed, the larger a task may be. */
function takeOff(env: LbEnv, measure: number, failed: number): boolean {
  if (shrBound(measure, failed) > env.imbalance) return false;
  env.imbalance -= measure;
  return true;
}

/** `shr_bound`: no shift by a whole word. Loads are below 2^31. */
function shrBound(value: number, shift: number): number {
  return value >> Math.min(shift, 31);
}
