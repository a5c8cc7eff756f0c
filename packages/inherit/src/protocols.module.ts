import { readOptions, type Kernel, type LockRules, type ProxyResolver } from '@proxysched/core';
import {
  add,
  BALANCER,
  defineModule,
  get,
  KERNEL,
  LOCK_RULES,
  OPTION_LIST,
  OPTIONS,
  provide,
  PROXY_RESOLVER,
  token,
  type Container,
  type SimModule,
} from '@proxysched/kit';
import { BandwidthInheritance } from './bandwidth-inheritance.js';
import { ImmediateCeiling, NonPreemptive } from './immediate-ceiling.js';
import { FifoHandOver, HandOver, Ownerless, UrgentFirst } from './lines.js';
import { MultiprocessorBandwidthInheritance } from './multiprocessor-bandwidth-inheritance.js';
import { NoInheritance } from './none.js';
import { inheritOptions } from './options.js';
import { PriorityCeiling } from './priority-ceiling.js';
import { Pip, PriorityInheritance } from './priority-inheritance.js';

type Made<T> = new (...args: never[]) => T;

/** A resolver, and how the lines of its locks are kept. */
function protocol(name: string, resolver: Made<ProxyResolver>, line: Made<LockRules>): SimModule {
  return defineModule({
    name,
    register: c => {
      provide(c, PROXY_RESOLVER, { class: resolver });
      add(c, LOCK_RULES, { class: line });
    },
  });
}

/** rt_mutex: inheritance across classes, a released lock without owner until it is taken. */
export const pi: SimModule = protocol('pi', PriorityInheritance, Ownerless);
/** The textbook's "no inheritance": the most urgent waiter first. `off` is the kernel's, first come first served. */
export const none: SimModule = protocol('none', NoInheritance, UrgentFirst);
/** Immediate ceiling. */
export const icpp: SimModule = protocol('icpp', ImmediateCeiling, UrgentFirst);
/** Critical sections without preemption. */
export const npp: SimModule = protocol('npp', NonPreemptive, UrgentFirst);
/** Bandwidth inheritance, one CPU. */
export const bwi: SimModule = protocol('bwi', BandwidthInheritance, FifoHandOver);

/** The textbook's priority inheritance, with the release rule of `pip.release`. */
export const pip: SimModule = defineModule({
  name: 'pip',
  register: c => {
    add(c, OPTION_LIST, { value: inheritOptions });
    provide(c, PROXY_RESOLVER, { class: Pip });
    add(c, LOCK_RULES, { factory: pipLine });
  },
});

function pipLine(c: Container): LockRules {
  const kernel: Kernel = get(c, KERNEL);
  const free = readOptions(inheritOptions, get(c, OPTIONS))['pip.release'] === 'free';
  return free ? new UrgentFirst(kernel) : new HandOver(kernel);
}

const PCP = token<PriorityCeiling>('inherit/pcp');

/** The original priority ceiling protocol: one object decides who may take a lock and who inherits. */
export const pcp: SimModule = defineModule({
  name: 'pcp',
  register: c => {
    provide(c, PCP, { class: PriorityCeiling });
    provide(c, PROXY_RESOLVER, { factory: from => get(from, PCP) });
    add(c, LOCK_RULES, { factory: from => get(from, PCP) });
  },
});

const MBWI = token<MultiprocessorBandwidthInheritance>('inherit/mbwi');

/** Bandwidth inheritance on several CPUs: it also watches switches, to take over an owner that lost its CPU. */
export const mbwi: SimModule = defineModule({
  name: 'mbwi',
  register: c => {
    provide(c, MBWI, { class: MultiprocessorBandwidthInheritance });
    provide(c, PROXY_RESOLVER, { factory: from => get(from, MBWI) });
    add(c, LOCK_RULES, { class: FifoHandOver });
    add(c, BALANCER, { factory: from => get(from, MBWI) });
  },
});
