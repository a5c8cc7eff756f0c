import type { ClassicArrangement, ClassicClass, LockChoice } from '@proxysched/preset-classic';
import type { Arrangement } from './arrangement.js';
import { locksWithoutClass } from './errors.js';
import { generationFor } from './generation.js';
import type { Io } from './io.js';
import { loadModules } from './load-module.js';
import type { LoadedWorkload } from './load-workload.js';

/** Options that say what a workload runs on. */
export interface ArrangementOptions {
  readonly proxy?: string;
  /** A research class for all tasks, and what is done about waiting for locks. */
  readonly class?: ClassicClass;
  readonly locks?: LockChoice;
  readonly module: readonly string[];
  readonly deadlock?: string;
}

export async function chooseArrangement(options: ArrangementOptions, workload: LoadedWorkload, io: Io): Promise<Arrangement> {
  const plugins = await loadModules(options.module, io);
  const classic = classicChoice(options, workload);
  if (classic !== undefined) {
    const generation = classic.locks === 'proxy' ? '7.3' : 'off';
    return {
      label: [`${classic.cls}+${classic.locks}`, ...options.module].join('+'),
      generation,
      classic,
      plugins,
      deadlock: options.deadlock,
    };
  }
  const generation = generationFor(options.proxy, workload);
  return { label: [generation, ...options.module].join('+'), generation, plugins, deadlock: options.deadlock };
}

/** A set of periodic tasks is for a research class, `pfp` where none is named; other workloads are when one is. */
function classicChoice({ class: cls, locks }: ArrangementOptions, { source }: LoadedWorkload): ClassicArrangement | undefined {
  if (cls === undefined && source !== 'task set') {
    if (locks !== undefined) throw locksWithoutClass();
    return undefined;
  }
  return { cls: cls ?? 'pfp', locks: locks ?? 'prio' };
}
