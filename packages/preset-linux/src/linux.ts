import { loadBalance } from '@proxysched/balancer-load';
import { pushPull } from '@proxysched/balancer-pushpull';
import { deadline } from '@proxysched/deadline';
import { haltAfter50Repicks, haltOnDeadlock } from '@proxysched/deadlock';
import { fair } from '@proxysched/fair';
import type { OptionValue } from '@proxysched/core';
import { GENERATIONS, proxy, type GenerationName } from '@proxysched/proxy';
import { rt } from '@proxysched/rt';
import type { SimModule } from '@proxysched/kit';

/** The Linux-like arrangement. The list is the precedence: deadline before real time before fair. */
export function linux(proxying: GenerationName): readonly SimModule[] {
  const policy = proxying === 'v4-debug' ? haltAfter50Repicks : haltOnDeadlock;
  return [deadline, rt, fair, ...(proxying === 'off' ? [] : [proxy]), pushPull, loadBalance, policy];
}

/** The options that make a generation; a scenario's own options come on top. */
export function generationOptions(proxying: GenerationName): Readonly<Record<string, OptionValue>> {
  return GENERATIONS[proxying].options;
}
