import type {
  LockError,
  BackOffReason,
  ChainOutcome,
  CpuId,
  DeadlockAction,
  MoveReason,
  Mutex,
  Nanos,
  SimResult,
  Task,
  TraceSink,
} from '@proxysched/core';
import type { HotplugChange } from '@proxysched/core';
import {
  ACTIONS,
  BACK_OFFS,
  EVENT,
  HOTPLUG,
  LOCK_ERRORS,
  MOVE_REASONS,
  OUTCOMES,
  RESULTS,
  outcomeDetail,
  outcomeTask,
  pidOf,
  switchBits,
} from './events.js';

/**
 * The fingerprint of a run: two 32-bit hashes over the numbers of every event, cheap enough to be always on. Two runs
 * with equal digests made the same decisions at the same instants. Names do not count, and nothing is allocated.
 */
export class DigestSink implements TraceSink {
  // The offset basis of FNV-1a and the golden ratio: any two different odd seeds do.
  private h1 = 0x811c9dc5 | 0;
  private h2 = 0x9e3779b9 | 0;

  /** 16 hex digits: the events so far. */
  digest(): string {
    return hex(finish(this.h1)) + hex(finish(this.h2 ^ this.h1));
  }

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task, preempted: boolean): void {
    this.event(EVENT.schedSwitch, now, cpu);
    this.mix(pidOf(prev));
    this.mix(pidOf(next));
    this.mix(pidOf(donor));
    this.mix(switchBits(prev, preempted));
  }

  schedRepick(now: Nanos, cpu: CpuId, repicks: number): void {
    this.event(EVENT.schedRepick, now, cpu);
    this.mix(repicks);
  }

  schedWaking(now: Nanos, p: Task, waker: Task | null, fork: boolean): void {
    this.event(EVENT.schedWaking, now, p.cpu);
    this.mix(pidOf(p));
    this.mix(pidOf(waker));
    this.mix(fork ? 1 : 0);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.event(EVENT.schedWakeup, now, p.cpu);
    this.mix(pidOf(p));
  }

  schedMigrate(now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void {
    this.event(EVENT.schedMigrate, now, from);
    this.mix(pidOf(p));
    this.mix(to);
    this.mix(MOVE_REASONS.indexOf(why));
  }

  mutexRequest(now: Nanos, p: Task, m: Mutex): void {
    this.event(EVENT.mutexRequest, now, p.cpu);
    this.mix(pidOf(p));
    this.mix(m.id);
  }

  mutexSpin(now: Nanos, p: Task, m: Mutex, on: boolean): void {
    this.event(EVENT.mutexSpin, now, p.cpu);
    this.mix(pidOf(p));
    this.mix(m.id);
    this.mix(on ? 1 : 0);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    this.event(EVENT.mutexBlocked, now, p.cpu);
    this.mix(pidOf(p));
    this.mix(m.id);
    this.mix(pidOf(m.owner));
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void {
    this.event(EVENT.mutexAcquired, now, p.cpu);
    this.mix(pidOf(p));
    this.mix(m.id);
    this.mix((waited ? 1 : 0) | (stolen ? 2 : 0));
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null): void {
    this.event(EVENT.mutexReleased, now, by.cpu);
    this.mix(m.id);
    this.mix(pidOf(by));
    this.mix(pidOf(to));
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex, error: LockError): void {
    this.event(EVENT.mutexFailed, now, p.cpu);
    this.mix(pidOf(p));
    this.mix(m.id);
    this.mix(LOCK_ERRORS.indexOf(error));
  }

  mutexBackOff(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void {
    this.event(EVENT.mutexBackOff, now, victim.cpu);
    this.mix(pidOf(victim));
    this.mix(m.id);
    this.mix(pidOf(by));
    this.mix(BACK_OFFS.indexOf(why));
  }

  proxyOutcome(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void {
    this.event(EVENT.proxyOutcome, now, cpu);
    this.mix(pidOf(donor));
    this.mix(OUTCOMES.indexOf(outcome.kind));
    this.mix(pidOf(outcomeTask(outcome)));
    this.mix(outcomeDetail(outcome));
  }

  deadlock(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void {
    this.event(EVENT.deadlock, now, 0);
    for (const p of cycle) this.mix(pidOf(p));
    this.mix(ACTIONS.indexOf(action.kind));
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    this.event(EVENT.jobRelease, now, p.cpu);
    this.mix(pidOf(p));
    this.wide(release);
    this.wide(deadline);
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    this.event(EVENT.jobDone, now, p.cpu);
    this.mix(pidOf(p));
    this.wide(release);
  }

  taskExit(now: Nanos, p: Task): void {
    this.event(EVENT.taskExit, now, p.cpu);
    this.mix(pidOf(p));
  }

  /** The mark itself is a string and stays out; its task and value are in. */
  classMark(now: Nanos, cpu: CpuId, _mark: string, p: Task, value: number): void {
    this.event(EVENT.classMark, now, cpu);
    this.mix(pidOf(p));
    this.wide(value);
  }

  cpuHotplug(now: Nanos, cpu: CpuId, what: HotplugChange): void {
    this.event(EVENT.cpuHotplug, now, cpu);
    this.mix(HOTPLUG.indexOf(what));
  }

  affinityLost(now: Nanos, p: Task, cpu: CpuId): void {
    this.event(EVENT.affinityLost, now, cpu);
    this.mix(pidOf(p));
  }

  ioWait(now: Nanos, p: Task, cpu: CpuId, count: number, waits: boolean): void {
    this.event(EVENT.ioWait, now, cpu);
    this.mix(pidOf(p));
    this.mix((count << 1) | (waits ? 1 : 0));
  }

  end(now: Nanos, result: SimResult): void {
    this.event(EVENT.end, now, 0);
    this.mix(RESULTS.indexOf(result.outcome));
  }

  private event(kind: number, now: Nanos, cpu: number): void {
    this.mix(kind | (cpu << 8));
    this.wide(now);
  }

  /** An integer up to 2^53: its low and its high 32 bits. */
  private wide(value: number): void {
    this.mix(value | 0);
    this.mix(Math.floor(value / 0x1_0000_0000) | 0);
  }

  /** FNV-1a on words in the one, the inner round of MurmurHash3 in the other. */
  private mix(word: number): void {
    const h1 = Math.imul(this.h1 ^ word, 0x01000193);
    this.h1 = h1 ^ (h1 >>> 15);
    let k = Math.imul(word, 0xcc9e2d51 | 0);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    const h2 = this.h2 ^ k;
    this.h2 = (Math.imul((h2 << 13) | (h2 >>> 19), 5) + 0xe6546b64) | 0;
  }
}

/** The finish of MurmurHash3: every bit reaches every bit. */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b | 0);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35 | 0);
  return h ^ (h >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
