import { loadBalance, placement } from '@proxysched/balancer-load';
import { pushPull } from '@proxysched/balancer-pushpull';
import { deadline } from '@proxysched/deadline';
import { haltAfter50Repicks, haltOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import type { OptionValue } from '@proxysched/core';
import { PROTOCOLS, type ProtocolName } from '@proxysched/inherit';
import { GENERATIONS, proxy, proxyOff, type GenerationName } from '@proxysched/proxy';
import { rt } from '@proxysched/rt';
import type { SimModule } from '@proxysched/kit';

/** An answer to a task that blocks: a generation of proxy execution (`off` among them), or a protocol of inheritance or ceilings. */
export type ResolverName = GenerationName | ProtocolName;

/** All answers by name, with a line on each: generations first, oldest to newest, then protocols. */
export const RESOLVERS: Readonly<Record<ResolverName, { readonly about: string }>> = { ...GENERATIONS, ...PROTOCOLS };

/** The Linux-like arrangement. The list is the precedence: deadline before real time before fair. */
export function linux(resolver: ResolverName): readonly SimModule[] {
  const policy = resolver === 'v4-debug' ? haltAfter50Repicks : haltOnDeadlock;
  return [deadline, rt, fair, ...answer(resolver), pushPull, placement, loadBalance, policy];
}

/** The deferrable fair server as every kernel has it since 6.12 (`rt-and-deadline.md` 12); 6.17 does not yet charge it for idle time. */
const FAIR_SERVER = { 'deadline.serverRuntime': 50_000_000 };

/**
 * The options that make a generation, and the fair server of its kernel (`v4` is older than that); a scenario's own options come
 * on top. A protocol stands on the kernel of `7.3`.
 */
export function generationOptions(resolver: ResolverName): Readonly<Record<string, OptionValue>> {
  if (isProtocol(resolver)) return FAIR_SERVER;
  const { options } = GENERATIONS[resolver];
  if (resolver === 'v4' || resolver === 'v4-debug') return options;
  return { ...FAIR_SERVER, ...(resolver === '6.17' ? { 'deadline.serverIdle': false } : {}), ...options };
}

function answer(resolver: ResolverName): readonly SimModule[] {
  if (isProtocol(resolver)) return [PROTOCOLS[resolver].module];
  return [resolver === 'off' ? proxyOff : proxy];
}

function isProtocol(resolver: ResolverName): resolver is ProtocolName {
  return Object.hasOwn(PROTOCOLS, resolver);
}
