import type { OptionValue } from '@proxysched/core';
import type { SimModule } from '@proxysched/kit';
import { bwi, icpp, mbwi, none, npp, pcp, pi, pip } from './protocols.module.js';

export interface Protocol {
  readonly module: SimModule;
  /** One line for help and tables. */
  readonly about: string;
}

/** Every answer of this package, by the name it has on the command line. */
export const PROTOCOLS = {
  pi: { module: pi, about: 'priority inheritance as rt_mutex does it' },
  pip: { module: pip, about: "the textbook's priority inheritance" },
  npp: { module: npp, about: 'critical sections are not preempted' },
  icpp: { module: icpp, about: 'immediate priority ceiling' },
  pcp: { module: pcp, about: 'the original priority ceiling protocol' },
  bwi: { module: bwi, about: 'bandwidth inheritance, one CPU' },
  mbwi: { module: mbwi, about: 'bandwidth inheritance on several CPUs' },
  none: { module: none, about: 'no inheritance, the most urgent waiter first' },
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof PROTOCOLS;

/** A protocol as papers and task sets name it. */
export type PublishedName = 'none' | 'PIP' | 'NPP' | 'PCP' | 'ICPP' | 'BWI' | 'M-BWI';

const PUBLISHED: Readonly<Record<PublishedName, ProtocolName>> = {
  none: 'none',
  PIP: 'pip',
  NPP: 'npp',
  PCP: 'pcp',
  ICPP: 'icpp',
  BWI: 'bwi',
  'M-BWI': 'mbwi',
};

/**
 * What to run for a protocol that a task set names; `undefined`: a name nobody here knows.
 *
 * @param free the set's wake rule: a released lock is left free and requested again (true), or handed over.
 */
export function publishedProtocol(
  name: string,
  free = true,
): { readonly module: SimModule; readonly options: Readonly<Record<string, OptionValue>> } | undefined {
  if (!Object.hasOwn(PUBLISHED, name)) return undefined;
  const ours = PUBLISHED[name as PublishedName];
  return { module: PROTOCOLS[ours].module, options: ours === 'pip' ? { 'pip.release': free ? 'free' : 'handOver' } : {} };
}
