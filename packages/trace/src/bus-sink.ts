import type {
  LockError,
  BackOffReason,
  ChainOutcome,
  CpuId,
  DeadlockAction,
  HotplugChange,
  Kernel,
  MoveReason,
  Mutex,
  Nanos,
  ReleaseKind,
  SimResult,
  Task,
  TraceSink,
} from '@proxysched/core';
import { EventEmitter } from 'eventemitter3';
import type { EventName } from './events.js';

/** What listeners get: one object per event, its own to keep. The tasks in it are the machine's: look, do not touch. */
export interface BusEvents {
  begin: [kernel: Readonly<Kernel>];
  schedEntry: [event: { readonly now: Nanos; readonly cpu: CpuId }];
  schedExit: [event: { readonly now: Nanos; readonly cpu: CpuId; readonly switched: boolean }];
  schedSwitch: [
    event: {
      readonly now: Nanos;
      readonly cpu: CpuId;
      readonly prev: Readonly<Task>;
      readonly next: Readonly<Task>;
      readonly donor: Readonly<Task>;
      readonly preempted: boolean;
    },
  ];
  schedRepick: [event: { readonly now: Nanos; readonly cpu: CpuId; readonly repicks: number }];
  schedWaking: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly waker: Readonly<Task> | null; readonly fork: boolean }];
  schedWakeup: [event: { readonly now: Nanos; readonly p: Readonly<Task> }];
  schedMigrate: [
    event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly from: CpuId; readonly to: CpuId; readonly why: MoveReason },
  ];
  mutexRequest: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly m: Readonly<Mutex> }];
  mutexSpin: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly m: Readonly<Mutex>; readonly on: boolean }];
  mutexBlocked: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly m: Readonly<Mutex> }];
  mutexAcquired: [
    event: {
      readonly now: Nanos;
      readonly p: Readonly<Task>;
      readonly m: Readonly<Mutex>;
      readonly waited: boolean;
      readonly stolen: boolean;
    },
  ];
  mutexReleased: [
    event: {
      readonly now: Nanos;
      readonly m: Readonly<Mutex>;
      readonly by: Readonly<Task>;
      readonly to: Readonly<Task> | null;
      readonly how: ReleaseKind;
    },
  ];
  mutexFailed: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly m: Readonly<Mutex>; readonly error: LockError }];
  mutexBackOff: [
    event: {
      readonly now: Nanos;
      readonly victim: Readonly<Task>;
      readonly m: Readonly<Mutex>;
      readonly by: Readonly<Task>;
      readonly why: BackOffReason;
    },
  ];
  proxyOutcome: [event: { readonly now: Nanos; readonly cpu: CpuId; readonly donor: Readonly<Task>; readonly outcome: ChainOutcome }];
  proxyPark: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly owner: Readonly<Task> }];
  proxyUnpark: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly owner: Readonly<Task> }];
  deadlock: [event: { readonly now: Nanos; readonly cycle: readonly Readonly<Task>[]; readonly action: DeadlockAction }];
  /** `deadline` absolute, or −1. */
  jobRelease: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly release: Nanos; readonly deadline: Nanos }];
  jobDone: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly release: Nanos }];
  taskExit: [event: { readonly now: Nanos; readonly p: Readonly<Task> }];
  classMark: [
    event: { readonly now: Nanos; readonly cpu: CpuId; readonly mark: string; readonly p: Readonly<Task>; readonly value: number },
  ];
  cpuHotplug: [event: { readonly now: Nanos; readonly cpu: CpuId; readonly what: HotplugChange }];
  affinityLost: [event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly cpu: CpuId }];
  ioWait: [
    event: { readonly now: Nanos; readonly p: Readonly<Task>; readonly cpu: CpuId; readonly count: number; readonly waits: boolean },
  ];
  end: [event: { readonly now: Nanos; readonly result: SimResult }];
}

/** The bus as applications see it: something to listen to. Listeners are called while the event happens, in order of arrival. */
export interface Bus {
  on<E extends EventName>(event: E, listener: (...args: BusEvents[E]) => void): void;
  once<E extends EventName>(event: E, listener: (...args: BusEvents[E]) => void): void;
  off<E extends EventName>(event: E, listener: (...args: BusEvents[E]) => void): void;
}

/**
 * A run as typed events for applications. An event costs an object only while somebody listens to it. Listeners watch: the
 * model does not hear them, and their order means nothing to it.
 */
export class BusSink implements TraceSink {
  private readonly emitter = new EventEmitter<BusEvents>();

  /** Listen here. Firing stays inside. */
  readonly bus: Bus = {
    on: (event, listener) => void this.emitter.on(event, listener as never),
    once: (event, listener) => void this.emitter.once(event, listener as never),
    off: (event, listener) => void this.emitter.off(event, listener as never),
  };

  begin(kernel: Kernel): void {
    this.emitter.emit('begin', kernel);
  }

  schedEntry(now: Nanos, cpu: CpuId): void {
    if (this.heard('schedEntry')) this.emitter.emit('schedEntry', { now, cpu });
  }

  schedExit(now: Nanos, cpu: CpuId, switched: boolean): void {
    if (this.heard('schedExit')) this.emitter.emit('schedExit', { now, cpu, switched });
  }

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task, preempted: boolean): void {
    if (this.heard('schedSwitch')) this.emitter.emit('schedSwitch', { now, cpu, prev, next, donor, preempted });
  }

  schedRepick(now: Nanos, cpu: CpuId, repicks: number): void {
    if (this.heard('schedRepick')) this.emitter.emit('schedRepick', { now, cpu, repicks });
  }

  schedWaking(now: Nanos, p: Task, waker: Task | null, fork: boolean): void {
    if (this.heard('schedWaking')) this.emitter.emit('schedWaking', { now, p, waker, fork });
  }

  schedWakeup(now: Nanos, p: Task): void {
    if (this.heard('schedWakeup')) this.emitter.emit('schedWakeup', { now, p });
  }

  schedMigrate(now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void {
    if (this.heard('schedMigrate')) this.emitter.emit('schedMigrate', { now, p, from, to, why });
  }

  mutexRequest(now: Nanos, p: Task, m: Mutex): void {
    if (this.heard('mutexRequest')) this.emitter.emit('mutexRequest', { now, p, m });
  }

  mutexSpin(now: Nanos, p: Task, m: Mutex, on: boolean): void {
    if (this.heard('mutexSpin')) this.emitter.emit('mutexSpin', { now, p, m, on });
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    if (this.heard('mutexBlocked')) this.emitter.emit('mutexBlocked', { now, p, m });
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void {
    if (this.heard('mutexAcquired')) this.emitter.emit('mutexAcquired', { now, p, m, waited, stolen });
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null, how: ReleaseKind): void {
    if (this.heard('mutexReleased')) this.emitter.emit('mutexReleased', { now, m, by, to, how });
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex, error: LockError): void {
    if (this.heard('mutexFailed')) this.emitter.emit('mutexFailed', { now, p, m, error });
  }

  mutexBackOff(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void {
    if (this.heard('mutexBackOff')) this.emitter.emit('mutexBackOff', { now, victim, m, by, why });
  }

  proxyOutcome(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void {
    if (this.heard('proxyOutcome')) this.emitter.emit('proxyOutcome', { now, cpu, donor, outcome });
  }

  proxyPark(now: Nanos, p: Task, owner: Task): void {
    if (this.heard('proxyPark')) this.emitter.emit('proxyPark', { now, p, owner });
  }

  proxyUnpark(now: Nanos, p: Task, owner: Task): void {
    if (this.heard('proxyUnpark')) this.emitter.emit('proxyUnpark', { now, p, owner });
  }

  deadlock(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void {
    if (this.heard('deadlock')) this.emitter.emit('deadlock', { now, cycle: [...cycle], action });
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    if (this.heard('jobRelease')) this.emitter.emit('jobRelease', { now, p, release, deadline });
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    if (this.heard('jobDone')) this.emitter.emit('jobDone', { now, p, release });
  }

  taskExit(now: Nanos, p: Task): void {
    if (this.heard('taskExit')) this.emitter.emit('taskExit', { now, p });
  }

  classMark(now: Nanos, cpu: CpuId, mark: string, p: Task, value: number): void {
    if (this.heard('classMark')) this.emitter.emit('classMark', { now, cpu, mark, p, value });
  }

  cpuHotplug(now: Nanos, cpu: CpuId, what: HotplugChange): void {
    if (this.heard('cpuHotplug')) this.emitter.emit('cpuHotplug', { now, cpu, what });
  }

  affinityLost(now: Nanos, p: Task, cpu: CpuId): void {
    if (this.heard('affinityLost')) this.emitter.emit('affinityLost', { now, p, cpu });
  }

  ioWait(now: Nanos, p: Task, cpu: CpuId, count: number, waits: boolean): void {
    if (this.heard('ioWait')) this.emitter.emit('ioWait', { now, p, cpu, count, waits });
  }

  end(now: Nanos, result: SimResult): void {
    if (this.heard('end')) this.emitter.emit('end', { now, result });
  }

  private heard(event: EventName): boolean {
    return this.emitter.listenerCount(event) > 0;
  }
}
