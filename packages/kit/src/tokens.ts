import type {
  Balancer,
  DeadlockPolicy,
  Kernel,
  LockRules,
  OptionList,
  OptionValue,
  ProxyResolver,
  SchedClass,
  TraceSink,
  WakeupPlacement,
} from '@proxysched/core';
import { token } from './di.js';

/** One token per contract. */

/** The machine under construction: its clock, its `machine` and `trace`; queues and tasks follow before the run. */
export const KERNEL = token<Kernel>('kernel');
/** Several; the order of the module list is the precedence, highest first. */
export const SCHED_CLASS = token<SchedClass>('sched-class');
/** One at most; absent: classic blocking. */
export const PROXY_RESOLVER = token<ProxyResolver>('proxy-resolver');
/** Exactly one. */
export const DEADLOCK_POLICY = token<DeadlockPolicy>('deadlock-policy');
/** Several: kinds of mutexes beside the kernel's own. */
export const LOCK_RULES = token<LockRules>('lock-rules');
/** Several, asked in the order of the module list. */
export const BALANCER = token<Balancer>('balancer');
/** One at most: where fair tasks wake and start; absent: the class's own simple way. */
export const WAKEUP_PLACEMENT = token<WakeupPlacement>('wakeup-placement');
/** Several. */
export const TRACE_SINK = token<TraceSink>('trace-sink');
/** Several: the dials of each package; names are unique and start with the package's. */
export const OPTION_LIST = token<OptionList>('option-list');
/** What scenario and command line say about the dials; read with `readOptions`. */
export const OPTIONS = token<Readonly<Record<string, OptionValue>>>('options');
